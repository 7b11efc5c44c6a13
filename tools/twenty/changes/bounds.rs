//! How much the journal keeps; the oldest changes go first.

use super::entry::ChangeId;
use jiff::Timestamp;

/// How many changes are kept for one owner.
pub const CHANGES: usize = 50;
/// How many bytes of changes are kept for one owner.
pub const OWNER_BYTES: u64 = 16 << 20;
/// How many bytes of changes are kept in all. The file may be larger: it has room that is used again.
pub const ALL_BYTES: u64 = 256 << 20;
/// How many days a change is kept.
pub const DAYS: u32 = 30;
/// How many plans that were carried out are remembered at one time.
pub const SPENT: u64 = 100_000;

/// The bounds of one journal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) changes: usize,
    pub(super) owner_bytes: u64,
    pub(super) all_bytes: u64,
    pub(super) days: u32,
    pub(super) spent: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { changes: CHANGES, owner_bytes: OWNER_BYTES, all_bytes: ALL_BYTES, days: DAYS, spent: SPENT }
    }
}

impl Bounds {
    /// The least id that is young enough to be kept.
    pub(super) fn oldest(&self, now: Timestamp) -> ChangeId {
        let age = jiff::SignedDuration::from_hours(i64::from(self.days) * 24);
        ChangeId::least(now.checked_sub(age).unwrap_or(Timestamp::UNIX_EPOCH))
    }
}
