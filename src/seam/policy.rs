//! Who is let in, and who may use the operator's key: what the operator says of it in config.yaml.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether callers over HTTP sign in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AuthMode {
    /// Nobody signs in; tokens are not looked at.
    #[default]
    Off,
    /// Callers may come without a token; one that comes must be good.
    Optional,
    /// Nobody is let in without a good token.
    Required,
}

/// Who may use the operator's own key for the service behind a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OperatorKey {
    /// Nobody but the person at this machine, over stdio.
    Never,
    /// Also callers over HTTP that nobody signed in: with auth off, or optional and without a token.
    Anonymous,
    /// Also signed-in callers who have no key of their own.
    Fallback,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_written_in_lower_case() {
        let modes = serde_json::to_string(&[AuthMode::Off, AuthMode::Optional, AuthMode::Required]).unwrap();
        assert_eq!(modes, r#"["off","optional","required"]"#);
        let read: [OperatorKey; 3] = serde_json::from_str(r#"["never","anonymous","fallback"]"#).unwrap();
        assert_eq!(read, [OperatorKey::Never, OperatorKey::Anonymous, OperatorKey::Fallback]);
        assert!(serde_json::from_str::<AuthMode>(r#""Required""#).is_err());
        assert_eq!(AuthMode::default(), AuthMode::Off);
    }
}
