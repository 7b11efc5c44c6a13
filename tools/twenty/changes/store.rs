//! The journal's store: every change of it is durable before the call returns. It blocks.

use super::{
    bounds::Bounds,
    entry::{BatchState, Change, ChangeId, ChangeState},
    error::JournalError,
    file,
    owner::Owner,
    rows::{self, Rows, Written},
    spent::Spent,
};
use jiff::Timestamp;
use redb::{Database, ReadableDatabase as _, WriteTransaction};
use std::path::Path;
use uuid::Uuid;

/// An open store.
pub(super) struct Store {
    database: Database,
    bounds: Bounds,
}

impl Store {
    /// Opens the store in this folder, or in memory where there is none, or where another process has the file.
    pub(super) fn open(folder: Option<&Path>, bounds: Bounds, now: Timestamp) -> Result<Self, JournalError> {
        let database = match folder {
            None => file::in_memory()?,
            Some(folder) => match file::in_folder(folder)? {
                Some(database) => database,
                None => {
                    tracing::warn!(
                        folder = %folder.display(),
                        "another process has the journal of changes open: this one keeps its own in memory, until it ends"
                    );
                    file::in_memory()?
                }
            },
        };
        let store = Self { database, bounds };
        store.write(|transaction| {
            Spent::open(transaction)?;
            Rows::open(transaction)?.expire(&bounds, now)
        })?;
        Ok(store)
    }

    pub(super) fn begin(
        &self,
        owner: &Owner,
        id: ChangeId,
        change: &Written,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        let (bytes, most) = (change.bytes, self.bounds.owner_bytes);
        if bytes > most {
            return Err(JournalError::TooLarge { bytes, most });
        }
        self.write(|transaction| {
            let mut rows = Rows::open(transaction)?;
            rows.add(owner, id, change)?;
            rows.expire(&self.bounds, now)?;
            rows.evict(owner, id, &self.bounds)
        })
    }

    pub(super) fn settle(
        &self,
        owner: &Owner,
        id: ChangeId,
        batch: usize,
        state: BatchState,
        after: Vec<(Uuid, String)>,
    ) -> Result<(), JournalError> {
        self.write(|transaction| Rows::open(transaction)?.settle(owner, id, batch, state, after))
    }

    pub(super) fn finish(&self, owner: &Owner, id: ChangeId, state: ChangeState) -> Result<(), JournalError> {
        self.write(|transaction| Rows::open(transaction)?.finish(owner, id, state))
    }

    pub(super) fn spend(
        &self,
        plan: [u8; 16],
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, JournalError> {
        self.write(|transaction| Spent::open(transaction)?.spend(plan, until, &self.bounds, now))
    }

    pub(super) fn last(
        &self,
        owner: &Owner,
        count: usize,
        now: Timestamp,
    ) -> Result<Vec<Change>, JournalError> {
        rows::last(&self.database.begin_read()?, owner, self.bounds.oldest(now), count)
    }

    pub(super) fn change(
        &self,
        owner: &Owner,
        id: ChangeId,
        now: Timestamp,
    ) -> Result<Option<Change>, JournalError> {
        if id < self.bounds.oldest(now) {
            return Ok(None);
        }
        rows::change(&self.database.begin_read()?, owner, id)
    }

    /// Does all of it, durably, or nothing.
    fn write<T>(
        &self,
        work: impl FnOnce(&WriteTransaction) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        let transaction = self.database.begin_write()?;
        let done = work(&transaction)?;
        transaction.commit()?;
        Ok(done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        seam::{Credential, Principal, Upstream, Whose},
        tools::twenty::changes::entry::{Batch, Effect, Item},
    };
    use jiff::ToSpan as _;

    fn owner(principal: &Principal) -> Owner {
        Owner::of(
            principal,
            Credential { upstream: Upstream::Sandbox, key: None, whose: Whose::Operator }.id(),
        )
    }

    fn store(bounds: Bounds) -> Store {
        Store::open(None, bounds, Timestamp::now()).unwrap()
    }

    /// Begins a change of one record, with a note of this many letters.
    fn begin(store: &Store, owner: &Owner, at: Timestamp, note: usize) -> Result<ChangeId, JournalError> {
        let before = serde_json::json!({ "note": "x".repeat(note) }).as_object().unwrap().clone();
        let effect = Effect::Destroyed { before };
        let item = Item { object: "person".into(), id: Uuid::new_v4(), effect, after: None };
        let change = Written::new(at, "update_contact".into(), &[Batch::pending(vec![item])]).unwrap();
        let id = if at < Timestamp::now() - 1.minute() { ChangeId::least(at) } else { ChangeId::now() };
        store.begin(owner, id, &change, at)?;
        Ok(id)
    }

    /// Begins so many changes, and tells them with the newest first.
    fn several(count: usize, store: &Store, owner: &Owner, note: usize) -> Vec<ChangeId> {
        let begun = std::iter::repeat_with(|| begin(store, owner, Timestamp::now(), note).unwrap());
        let mut begun: Vec<_> = begun.take(count).collect();
        begun.reverse();
        begun
    }

    fn ids(store: &Store, owner: &Owner) -> Vec<ChangeId> {
        let found = store.last(owner, 1000, Timestamp::now()).unwrap();
        found.iter().for_each(|change| assert_eq!(change.batches.len(), 1));
        found.into_iter().map(|change| change.id).collect()
    }

    #[test]
    fn the_newest_changes_of_each_owner_are_kept() {
        let store = store(Bounds { changes: 3, ..Bounds::default() });
        let (local, anonymous) = (owner(&Principal::Local), owner(&Principal::Anonymous));
        let first = begin(&store, &anonymous, Timestamp::now(), 1).unwrap();
        let begun = several(5, &store, &local, 1);
        assert_eq!(ids(&store, &local), begun[..3]);
        assert_eq!(ids(&store, &anonymous), [first]);
        let gone = store.settle(&local, begun[4], 0, BatchState::Applied, Vec::new());
        assert!(matches!(gone, Err(JournalError::Unknown)));
    }

    #[test]
    fn the_bytes_of_each_owner_are_bounded() {
        let store = store(Bounds { owner_bytes: 10_000, ..Bounds::default() });
        let local = owner(&Principal::Local);
        let begun = several(4, &store, &local, 4_000);
        assert_eq!(ids(&store, &local), begun[..2]);
        let error = begin(&store, &local, Timestamp::now(), 10_000).unwrap_err();
        assert!(matches!(error, JournalError::TooLarge { most: 10_000, .. }), "{error}");
        assert_eq!(ids(&store, &local), begun[..2], "what is refused takes no other's place");
    }

    #[test]
    fn the_bytes_of_all_owners_are_bounded() {
        let store = store(Bounds { all_bytes: 10_000, ..Bounds::default() });
        let (local, anonymous) = (owner(&Principal::Local), owner(&Principal::Anonymous));
        begin(&store, &local, Timestamp::now(), 4_000).unwrap();
        let kept = begin(&store, &local, Timestamp::now(), 4_000).unwrap();
        let newest = begin(&store, &anonymous, Timestamp::now(), 4_000).unwrap();
        assert_eq!((ids(&store, &local), ids(&store, &anonymous)), (vec![kept], vec![newest]));
        let large = begin(&store, &anonymous, Timestamp::now(), 20_000).unwrap();
        assert_eq!((ids(&store, &local), ids(&store, &anonymous)), (vec![], vec![large]));
        // Nothing of what went is counted any more.
        let small = several(3, &store, &local, 1_000);
        assert_eq!((ids(&store, &local), ids(&store, &anonymous)), (small, vec![]));
    }

    #[test]
    fn old_changes_go() {
        let (store, local) = (store(Bounds::default()), owner(&Principal::Local));
        let days = |days: i64| Timestamp::now() - (days * 24).hours();
        let old = begin(&store, &local, days(31), 1).unwrap();
        let young = begin(&store, &local, days(29), 1).unwrap();
        assert_eq!(ids(&store, &local), [young], "shown no more");
        assert_eq!(store.change(&local, old, Timestamp::now()).unwrap(), None);
        assert!(store.settle(&local, old, 0, BatchState::Applied, Vec::new()).is_ok(), "and still there");
        let new = begin(&store, &local, Timestamp::now(), 1).unwrap();
        assert_eq!(ids(&store, &local), [new, young]);
        let gone = store.settle(&local, old, 0, BatchState::Applied, Vec::new());
        assert!(matches!(gone, Err(JournalError::Unknown)));
    }

    #[test]
    fn a_plan_is_remembered_until_it_is_over_for_everybody() {
        let (store, now) = (store(Bounds { spent: 2, ..Bounds::default() }), Timestamp::now());
        let end = now + 5.minutes();
        assert!(store.spend([1; 16], end, now).unwrap());
        assert!(!store.spend([1; 16], end, now).unwrap());
        assert!(!store.spend([1; 16], end, end + 59.minutes()).unwrap(), "a call that came late");
        assert!(
            store.spend([2; 16], now - 1.hour(), now).unwrap(),
            "over already, and remembered all the same"
        );
        assert!(!store.spend([2; 16], now - 1.hour(), now).unwrap());
        assert!(matches!(store.spend([3; 16], end, now), Err(JournalError::TooManySpent)));
        assert!(store.spend([3; 16], end, now + 2.hours()).unwrap(), "the others are forgotten");
    }
}
