//! What an operator may say about the embedded workspace.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The embedded workspace, used where `base_url` is `sandbox`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SandboxSettings {
    /// Which Twenty it imitates: `current` (2.43) or `legacy` (about 1.0).
    pub profile: Profile,
    /// How many people it holds; companies, deals, notes, messages and the rest follow in proportion.
    #[schemars(range(min = 0, max = 20_000))]
    pub people: u32,
    /// Milliseconds that every answer waits.
    #[schemars(range(min = 0, max = 60_000))]
    pub latency_ms: u64,
    /// How many requests, from the first on, are answered with status 503.
    pub fail_next: u32,
    /// Requests a minute that one key may make before it is answered with status 429; without it there is no limit.
    #[schemars(range(min = 1))]
    pub rate_limit: Option<u32>,
}

impl Default for SandboxSettings {
    fn default() -> Self {
        Self { profile: Profile::Current, people: 800, latency_ms: 0, fail_next: 0, rate_limit: None }
    }
}

/// The age of the Twenty that is imitated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// Twenty 2.43: ids are `UUID!`, sub-fields are typed, notes point at `targetPersonId`.
    #[default]
    Current,
    /// Twenty about 1.0: ids are `ID!`, sub-fields are JSON, notes point at `personId`, favorites are an object.
    Legacy,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_said_is_the_default() {
        let read: SandboxSettings = serde_json::from_str("{}").unwrap();
        assert_eq!(read, SandboxSettings::default());
        assert_eq!(read.people, 800);
    }

    #[test]
    fn a_misspelt_key_is_refused() {
        assert!(serde_json::from_str::<SandboxSettings>(r#"{"peple": 5}"#).is_err());
        assert!(serde_json::from_str::<SandboxSettings>(r#"{"profile": "older"}"#).is_err());
    }
}
