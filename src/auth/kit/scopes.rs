//! What a provider's tokens allow, where the provider cannot say it.

use crate::seam::{Scope, Scopes};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Scopes: which ones clients ask for, and which ones everybody has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ScopeSettings {
    /// The scopes that clients are told to ask for. The provider must know them: it refuses a sign-in that asks for
    /// others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advertise: Option<Vec<Scope>>,
    /// The scopes that every signed-in caller has, whatever the token says: for providers that know no scopes of this
    /// server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant: Option<Scopes>,
}
