//! Why the journal cannot do what was asked.

use super::bounds;
use crate::seam::ToolError;
use std::io;

/// The journal's failures.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The folder or the file cannot be made or opened.
    #[error("the journal of changes cannot be opened: {0}")]
    Open(#[source] io::Error),
    /// The store fails while it is in use.
    #[error("the journal of changes cannot be read or written: {0}")]
    Store(#[source] Box<redb::Error>),
    /// A row is not as this version writes it.
    #[error("the journal of changes holds a row that cannot be read: {0}")]
    Row(#[from] serde_json::Error),
    /// The work on the store broke off.
    #[error("the work on the journal of changes broke off")]
    BrokenOff,
    /// The change is more than one owner may keep.
    #[error("the change takes {bytes} bytes in the journal, and {most} is the most")]
    TooLarge {
        /// What it takes.
        bytes: u64,
        /// What one owner may keep.
        most: u64,
    },
    /// There is no such change of this owner, or it has no such batch.
    #[error("there is no such change in the journal, or not any more")]
    Unknown,
    /// More plans were carried out than can be remembered.
    #[error("too many plans were carried out in a short time")]
    TooManySpent,
}

macro_rules! from_store {
    ($($error:ty),* $(,)?) => {
        $(impl From<$error> for JournalError {
            fn from(error: $error) -> Self {
                Self::Store(Box::new(error.into()))
            }
        })*
    };
}

from_store!(
    redb::DatabaseError,
    redb::TransactionError,
    redb::TableError,
    redb::StorageError,
    redb::CommitError,
);

impl JournalError {
    /// Whether the store is of no use any more until it is opened anew.
    pub(super) fn is_of_the_store(&self) -> bool {
        matches!(self, Self::Store(_))
    }
}

impl From<JournalError> for ToolError {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::Open(_)
            | JournalError::Store(_)
            | JournalError::Row(_)
            | JournalError::BrokenOff => Self::internal(error).hint(
                "whoever runs this server should look at the folder \
                 `server.data_dir`: is the disk full, may the server write there? A broken journal.redb may be moved away",
            ),
            JournalError::TooLarge { .. } => Self::limited(error).hint("change fewer records in one call"),
            JournalError::Unknown => Self::not_found(error).hint(format!(
                "the newest {} changes of a caller are kept, for {} days",
                bounds::CHANGES,
                bounds::DAYS
            )),
            JournalError::TooManySpent => {
                Self::limited(error).hint("wait some minutes and try again").again_in(120)
            }
        }
    }
}
