//! Why the embedded workspace could not be set up.

use thiserror::Error;

use super::model::parse::TableError;

/// The embedded workspace could not be set up.
#[derive(Debug, Error)]
pub enum SandboxError {
    /// The settings ask for something that is not possible.
    #[error("sandbox: {0}")]
    Settings(String),
    /// The embedded table of objects is wrong.
    #[error("sandbox: {0}")]
    Table(#[from] TableError),
    /// A schema is wrong.
    #[error("sandbox: the schema is wrong: {reason}")]
    Schema {
        /// What is wrong with it.
        reason: String,
    },
}
