//! What a provider's tokens allow, where the provider cannot say it.

use crate::seam::{Access, Scope, Scopes, ServedScopes};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Scopes: which ones clients ask for, and which ones everybody has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ScopeSettings {
    /// The scopes that clients are told to ask for; unless it is set, those to read and to write with the tools that are
    /// served. The provider must know them: it refuses a sign-in that asks for others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advertise: Option<Vec<Scope>>,
    /// The scopes that every signed-in caller has, whatever the token says: for providers that know no scopes of this
    /// server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant: Option<Scopes>,
}

impl ScopeSettings {
    /// What clients are told to ask for when they sign in: enough to read and to write. Those who need more are told when
    /// they do.
    #[must_use]
    pub fn advertised(&self, served: &ServedScopes) -> Vec<Scope> {
        self.advertise.clone().unwrap_or_else(|| served.up_to(Access::Write))
    }

    /// What clients may ask for.
    #[must_use]
    pub fn supported(&self, served: &ServedScopes) -> Vec<Scope> {
        self.advertise.clone().unwrap_or_else(|| served.all())
    }
}
