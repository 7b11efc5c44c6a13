//! A record's id.

use crate::seam::ToolError;
use std::fmt;
use uuid::Uuid;

/// An id that is one: safe to write into a document, where servers disagree on its type (`UUID!`, `ID!`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}
