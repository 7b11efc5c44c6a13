//! The journal's tables and rows. A batch has a row of its own, and how it ended another one, so that settling a batch
//! writes some bytes and not the whole change again.

use super::{
    bounds::Bounds,
    entry::{Batch, BatchState, Change, ChangeId, ChangeState},
    error::JournalError,
    owner::Owner,
};
use jiff::Timestamp;
use redb::{ReadTransaction, ReadableTable as _, Table, TableDefinition, WriteTransaction};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use uuid::Uuid;

/// Owner and change.
type ChangeKey = (&'static [u8; 32], u128);
/// Owner, change, and the batch's place in it.
type BatchKey = (&'static [u8; 32], u128, u32);
type Json = &'static [u8];

// The number in a name is that of the layout: another layout takes another number, and begins empty. Rows may gain
// fields that have a default.
const CHANGES: TableDefinition<'_, ChangeKey, Json> = TableDefinition::new("changes-1");
const BATCHES: TableDefinition<'_, BatchKey, Json> = TableDefinition::new("batches-1");
const SETTLED: TableDefinition<'_, BatchKey, Json> = TableDefinition::new("settled-1");
/// Every change by age, with its owner and its bytes.
const AGES: TableDefinition<'_, u128, (&'static [u8; 32], u64)> = TableDefinition::new("ages-1");
/// The bytes of all changes.
const TOTAL: TableDefinition<'_, (), u64> = TableDefinition::new("total-1");

/// The bytes that one item may take when its batch is settled, and those of the keys.
const SETTLED_ITEM: u64 = 128;
const KEYS: u64 = 256;
/// The longest `updatedAt` that is kept.
const MOST_AFTER: usize = 64;

/// A change without its batches.
#[derive(Serialize, Deserialize)]
struct Head {
    at: Timestamp,
    tool: String,
    state: ChangeState,
    /// How many items each batch has.
    batches: Vec<usize>,
}

/// How a batch ended.
#[derive(Serialize, Deserialize)]
struct Settled {
    state: BatchState,
    after: Vec<(Uuid, String)>,
}

/// A change as it is written: made before the store is held.
pub(super) struct Written {
    head: Vec<u8>,
    batches: Vec<Vec<u8>>,
    /// What it takes in the store, with what is added when it is settled.
    pub(super) bytes: u64,
}

impl Written {
    pub(super) fn new(at: Timestamp, tool: String, batches: &[Batch]) -> Result<Self, JournalError> {
        let sizes = batches.iter().map(|batch| batch.items.len()).collect::<Vec<_>>();
        let later: u64 = sizes.iter().map(|items| KEYS + *items as u64 * SETTLED_ITEM).sum();
        let head = serde_json::to_vec(&Head { at, tool, state: ChangeState::Running, batches: sizes })?;
        let batches = batches.iter().map(serde_json::to_vec).collect::<Result<Vec<_>, _>>()?;
        let bytes = batches.iter().fold(head.len() as u64, |sum, row| sum + row.len() as u64);
        Ok(Self { head, batches, bytes: bytes + later + KEYS })
    }
}

/// The tables, in a transaction that writes.
pub(super) struct Rows<'tx> {
    changes: Table<'tx, ChangeKey, Json>,
    batches: Table<'tx, BatchKey, Json>,
    settled: Table<'tx, BatchKey, Json>,
    ages: Table<'tx, u128, (&'static [u8; 32], u64)>,
    total: Table<'tx, (), u64>,
}

impl<'tx> Rows<'tx> {
    /// Opens the tables, made if need be.
    pub(super) fn open(transaction: &'tx WriteTransaction) -> Result<Self, JournalError> {
        Ok(Self {
            changes: transaction.open_table(CHANGES)?,
            batches: transaction.open_table(BATCHES)?,
            settled: transaction.open_table(SETTLED)?,
            ages: transaction.open_table(AGES)?,
            total: transaction.open_table(TOTAL)?,
        })
    }

    pub(super) fn add(&mut self, owner: &Owner, id: ChangeId, change: &Written) -> Result<(), JournalError> {
        let (owner, id) = (owner.bytes(), id.number());
        self.changes.insert((owner, id), change.head.as_slice())?;
        for (index, batch) in (0..).zip(&change.batches) {
            self.batches.insert((owner, id, index), batch.as_slice())?;
        }
        self.ages.insert(id, (owner, change.bytes))?;
        let total = self.total()? + change.bytes;
        self.total.insert((), total)?;
        Ok(())
    }

    pub(super) fn settle(
        &mut self,
        owner: &Owner,
        id: ChangeId,
        batch: usize,
        state: BatchState,
        after: Vec<(Uuid, String)>,
    ) -> Result<(), JournalError> {
        let head = self.head(owner, id)?;
        let items = *head.batches.get(batch).ok_or(JournalError::Unknown)?;
        let index = u32::try_from(batch).map_err(|_| JournalError::Unknown)?;
        let after = after.into_iter().filter(|(_, at)| at.len() <= MOST_AFTER).take(items).collect();
        let row = serde_json::to_vec(&Settled { state, after })?;
        self.settled.insert((owner.bytes(), id.number(), index), row.as_slice())?;
        Ok(())
    }

    pub(super) fn finish(
        &mut self,
        owner: &Owner,
        id: ChangeId,
        state: ChangeState,
    ) -> Result<(), JournalError> {
        let row = serde_json::to_vec(&Head { state, ..self.head(owner, id)? })?;
        self.changes.insert((owner.bytes(), id.number()), row.as_slice())?;
        Ok(())
    }

    /// Takes out what is too old.
    pub(super) fn expire(&mut self, bounds: &Bounds, now: Timestamp) -> Result<(), JournalError> {
        let oldest = bounds.oldest(now).number();
        while let Some(id) = self.first()?.filter(|id| *id < oldest) {
            self.remove(id)?;
        }
        Ok(())
    }

    /// Takes out what is too much, the oldest first, the newest change of this owner never.
    pub(super) fn evict(
        &mut self,
        owner: &Owner,
        newest: ChangeId,
        bounds: &Bounds,
    ) -> Result<(), JournalError> {
        let (mut bytes, mut gone) = (0, Vec::new());
        let all = (owner.bytes(), 0)..=(owner.bytes(), u128::MAX);
        for (index, row) in self.changes.range(all)?.rev().enumerate() {
            let id = row?.0.value().1;
            bytes += self.ages.get(id)?.map_or(0, |row| row.value().1);
            if id != newest.number() && (index >= bounds.changes || bytes > bounds.owner_bytes) {
                gone.push(id);
            }
        }
        for id in gone {
            self.remove(id)?;
        }
        while self.total()? > bounds.all_bytes {
            match self.first()?.filter(|id| *id != newest.number()) {
                Some(id) => self.remove(id)?,
                None => break,
            }
        }
        Ok(())
    }

    /// The oldest change of all.
    fn first(&self) -> Result<Option<u128>, JournalError> {
        Ok(self.ages.first()?.map(|(id, _)| id.value()))
    }

    fn remove(&mut self, id: u128) -> Result<(), JournalError> {
        let Some((owner, bytes)) = self.ages.remove(id)?.map(|row| {
            let (owner, bytes) = row.value();
            (*owner, bytes)
        }) else {
            return Ok(());
        };
        self.changes.remove((&owner, id))?;
        let batches = || (&owner, id, 0)..=(&owner, id, u32::MAX);
        self.batches.retain_in(batches(), |_, _| false)?;
        self.settled.retain_in(batches(), |_, _| false)?;
        let total = self.total()?.saturating_sub(bytes);
        self.total.insert((), total)?;
        Ok(())
    }

    fn head(&self, owner: &Owner, id: ChangeId) -> Result<Head, JournalError> {
        let row = self.changes.get((owner.bytes(), id.number()))?.ok_or(JournalError::Unknown)?;
        Ok(serde_json::from_slice(row.value())?)
    }

    fn total(&self) -> Result<u64, JournalError> {
        Ok(self.total.get(())?.map_or(0, |row| row.value()))
    }
}

/// The newest changes of an owner from this id on, the newest first.
pub(super) fn last(
    transaction: &ReadTransaction,
    owner: &Owner,
    oldest: ChangeId,
    count: usize,
) -> Result<Vec<Change>, JournalError> {
    let heads = transaction.open_table(CHANGES)?;
    let range = (owner.bytes(), oldest.number())..=(owner.bytes(), u128::MAX);
    let rows = heads.range(range)?.rev().take(count).map(|row| {
        let (key, head) = row?;
        read(transaction, owner, ChangeId::from_number(key.value().1), head.value())
    });
    rows.collect()
}

/// One change of an owner.
pub(super) fn change(
    transaction: &ReadTransaction,
    owner: &Owner,
    id: ChangeId,
) -> Result<Option<Change>, JournalError> {
    let heads = transaction.open_table(CHANGES)?;
    let head = heads.get((owner.bytes(), id.number()))?;
    head.map(|head| read(transaction, owner, id, head.value())).transpose()
}

fn read(
    transaction: &ReadTransaction,
    owner: &Owner,
    id: ChangeId,
    head: &[u8],
) -> Result<Change, JournalError> {
    let head: Head = serde_json::from_slice(head)?;
    let settled = transaction.open_table(SETTLED)?;
    let rows = (owner.bytes(), id.number(), 0)..=(owner.bytes(), id.number(), u32::MAX);
    let mut batches = Vec::new();
    for row in transaction.open_table(BATCHES)?.range(rows)? {
        let (key, row) = row?;
        let mut batch: Batch = serde_json::from_slice(row.value())?;
        if let Some(row) = settled.get(key.value())? {
            let Settled { state, after } = serde_json::from_slice(row.value())?;
            let mut after: HashMap<Uuid, String> = after.into_iter().collect();
            batch.state = state;
            for item in &mut batch.items {
                item.after = after.remove(&item.id).or(item.after.take());
            }
        }
        batches.push(batch);
    }
    Ok(Change { id, at: head.at, tool: head.tool, state: head.state, batches })
}
