//! What the journal keeps of one change: which records, what they were, and how far it got.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// Names one change. Ids grow with time: they are UUIDs of version 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChangeId(Uuid);

impl ChangeId {
    /// An id for a change that begins now.
    pub(super) fn now() -> Self {
        Self(Uuid::now_v7())
    }

    /// The least id that a change of this moment, or of a later one, may have.
    pub(super) fn least(at: Timestamp) -> Self {
        let milliseconds = u64::try_from(at.as_millisecond()).unwrap_or(0);
        Self(Uuid::from_u128(u128::from(milliseconds) << 80))
    }

    pub(super) const fn from_number(number: u128) -> Self {
        Self(Uuid::from_u128(number))
    }

    /// The id as a number, in the order of time.
    pub(super) const fn number(self) -> u128 {
        self.0.as_u128()
    }
}

impl fmt::Display for ChangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ChangeId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        text.parse().map(Self)
    }
}

/// One call that changed records, or was about to.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Its name.
    pub id: ChangeId,
    /// When it began.
    pub at: Timestamp,
    /// The tool that was called.
    pub tool: String,
    /// How far it got.
    pub state: ChangeState,
    /// What it changes, in the order in which it is sent.
    pub batches: Vec<Batch>,
}

/// How far a change got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeState {
    /// It began; nothing says that it ended. After a crash this stays: the batches tell what was applied.
    Running,
    /// Everything was applied.
    Done,
    /// It ended early; the batches tell what was applied.
    Failed,
    /// It was taken back.
    Undone,
}

/// What goes to the workspace in one request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    /// Whether it was applied.
    pub state: BatchState,
    /// The records that it changes.
    pub items: Vec<Item>,
}

impl Batch {
    /// A batch that is yet to be sent.
    #[must_use]
    pub const fn pending(items: Vec<Item>) -> Self {
        Self { state: BatchState::Pending, items }
    }

    /// Whether the workspace said that it changed this record of the batch: it passes over those that somebody else took
    /// away just before, and answers with the others. Where it tells of none when it changed them, it may be any.
    #[must_use]
    pub fn reached(&self, item: &Item) -> bool {
        self.state == BatchState::Applied
            && (item.after.is_some() || self.items.iter().all(|item| item.after.is_none()))
    }
}

/// Whether a batch was applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchState {
    /// Nothing is known: it was not sent yet, or no answer came.
    Pending,
    /// The workspace said so.
    Applied,
    /// The workspace surely did not apply it.
    Refused,
}

/// One record that is changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// What kind of record it is, in the singular: `person`.
    pub object: String,
    /// The record's id.
    pub id: Uuid,
    /// What is done to it.
    pub effect: Effect,
    /// The record's `updatedAt` after the change, where it is known: who finds another one knows that somebody else
    /// changed the record since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// What is done to a record, with what is needed to take it back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// It was not there before.
    Created,
    /// Fields are set.
    Updated {
        /// These fields as they were.
        before: Map<String, Value>,
        /// These fields as they were sent.
        sent: Map<String, Value>,
    },
    /// It goes where it can be restored from.
    Deleted,
    /// It comes back from there.
    Restored,
    /// It goes for good.
    Destroyed {
        /// The record as it was.
        before: Map<String, Value>,
    },
    /// It becomes part of another record.
    Merged {
        /// The record that stays.
        into: Uuid,
        /// This record as it was.
        before: Map<String, Value>,
    },
}
