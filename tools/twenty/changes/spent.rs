//! Which plans were carried out: none is a second time.

use super::{bounds::Bounds, error::JournalError};
use jiff::{SignedDuration, Timestamp};
use redb::{ReadableTable as _, ReadableTableMetadata as _, Table, TableDefinition, WriteTransaction};

/// Plans that were carried out.
const SPENT: TableDefinition<'_, u128, ()> = TableDefinition::new("spent-1");
/// The same by the second from which on they may be forgotten.
const ENDS: TableDefinition<'_, (i64, u128), ()> = TableDefinition::new("ends-1");

/// How long a plan is remembered after its end: a call that found it still in time may come here later than that.
const GRACE: SignedDuration = SignedDuration::from_hours(1);

/// The tables, in a transaction that writes.
pub(super) struct Spent<'tx> {
    spent: Table<'tx, u128, ()>,
    ends: Table<'tx, (i64, u128), ()>,
}

impl<'tx> Spent<'tx> {
    /// Opens the tables, made if need be.
    pub(super) fn open(transaction: &'tx WriteTransaction) -> Result<Self, JournalError> {
        Ok(Self { spent: transaction.open_table(SPENT)?, ends: transaction.open_table(ENDS)? })
    }

    /// Notes a plan, and tells whether it is the first time.
    pub(super) fn spend(
        &mut self,
        plan: [u8; 16],
        until: Timestamp,
        bounds: &Bounds,
        now: Timestamp,
    ) -> Result<bool, JournalError> {
        while let Some((end, plan)) = self.first()?.filter(|(end, _)| *end <= now.as_second()) {
            self.ends.remove((end, plan))?;
            self.spent.remove(plan)?;
        }
        let plan = u128::from_be_bytes(plan);
        if self.spent.get(plan)?.is_some() {
            return Ok(false);
        }
        if self.spent.len()? >= bounds.spent {
            return Err(JournalError::TooManySpent);
        }
        let end = until.max(now).checked_add(GRACE).unwrap_or(Timestamp::MAX);
        self.spent.insert(plan, ())?;
        self.ends.insert((end.as_second(), plan), ())?;
        Ok(true)
    }

    /// The plan that may be forgotten first, and when.
    fn first(&self) -> Result<Option<(i64, u128)>, JournalError> {
        Ok(self.ends.first()?.map(|(key, _)| key.value()))
    }
}
