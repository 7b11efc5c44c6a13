//! For whom something is, how much it matters, and how old it is.

use jiff::Timestamp;
use serde::{Serialize, Serializer};

/// Whose turn something is in, or is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// Hints by which clients choose and sort what they show; empty unless something is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Annotations {
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "alone")]
    audience: Option<Role>,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_modified: Option<Timestamp>,
}

impl Annotations {
    /// Nothing is said.
    pub const NONE: Self = Self { audience: None, priority: None, last_modified: None };

    /// It is for one of the two alone.
    #[must_use]
    pub const fn only_for(mut self, role: Role) -> Self {
        self.audience = Some(role);
        self
    }

    /// How much it matters, from 0 (can be left out) to 1 (needed).
    #[must_use]
    pub const fn priority(mut self, priority: f64) -> Self {
        self.priority = Some(priority.clamp(0.0, 1.0));
        self
    }

    /// When it last changed.
    #[must_use]
    pub const fn last_modified(mut self, at: Timestamp) -> Self {
        self.last_modified = Some(at);
        self
    }

    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::NONE
    }
}

/// One role as the list that the protocol has.
fn alone<S: Serializer>(role: &Option<Role>, serializer: S) -> Result<S::Ok, S::Error> {
    role.as_slice().serialize(serializer)
}
