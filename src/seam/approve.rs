//! Whether the user is asked before a tool may have an effect.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the operator says of one tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Approve {
    /// The user is asked by their client, and a client that cannot ask is refused.
    Ask,
    /// The user is not asked.
    Never,
}
