//! What a tool does to the world.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The strongest thing that a tool may do; annotations, scopes and policies follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Looks, changes nothing.
    Read,
    /// Adds something new.
    Create,
    /// Changes what is there.
    Update,
    /// Removes, in a way that can be taken back.
    Delete,
    /// Removes for good.
    Destroy,
}

impl Effect {
    /// Whether nothing is changed (`readOnlyHint`).
    #[must_use]
    pub const fn reads_only(self) -> bool {
        matches!(self, Self::Read)
    }

    /// Whether what was there may be lost (`destructiveHint`: everything that is not purely additive).
    #[must_use]
    pub const fn is_destructive(self) -> bool {
        matches!(self, Self::Update | Self::Delete | Self::Destroy)
    }

    /// Whether doing it twice is the same as doing it once (`idempotentHint`).
    #[must_use]
    pub const fn is_idempotent(self) -> bool {
        !matches!(self, Self::Create)
    }

    /// The effect's name, as lists and logs show it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Destroy => "destroy",
        }
    }
}
