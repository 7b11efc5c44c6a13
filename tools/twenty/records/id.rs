//! A record's id.

use crate::seam::ToolError;
use std::fmt;
use uuid::Uuid;

/// An id that is one: safe to write into a document, where servers disagree on its type (`UUID!`, `ID!`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordId(Uuid);

impl RecordId {
    /// Reads an id; `of` names the argument in the message.
    ///
    /// # Errors
    /// It is no id.
    pub fn parse(of: &str, text: &str) -> Result<Self, ToolError> {
        Uuid::try_parse(text.trim()).map(Self).map_err(|_| {
            ToolError::input(format_args!("`{of}` is no record id"))
                .hint("ids look like 20202020-0687-4c41-b707-ed1bfca972a7; search for the record first")
        })
    }
}

impl RecordId {
    /// A new id from 16 bytes that nobody can guess, in the form of a random UUID (RFC 9562, section 5.4).
    #[must_use]
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
    }

    /// The id of a record as Twenty answers it.
    ///
    /// # Errors
    /// It has none.
    pub fn of(record: &serde_json::Value) -> Result<Self, ToolError> {
        let id = record.get("id").and_then(serde_json::Value::as_str);
        let id = id.and_then(|id| Uuid::try_parse(id).ok());
        id.map(Self).ok_or_else(|| ToolError::upstream("Twenty answered with a record that has no id"))
    }

    /// The id itself.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl From<Uuid> for RecordId {
    fn from(id: Uuid) -> Self {
        Self(id)
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}
