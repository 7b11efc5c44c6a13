//! The kinds of tokens that Clerk gives out, and how they are told apart.

use crate::auth::kit::claimed;
use crate::seam::BearerToken;

/// What Clerk's own libraries find in the header of a session's token.
const SESSION: [&str; 2] = ["cl_B7d4PD111AAA", "cl_I7d4PD111III"];
/// And in the header of a machine's.
const MACHINE: &str = "cl_B7d4PD333AAA";

/// A kind of token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An OAuth access token that only Clerk can judge.
    Opaque,
    /// An OAuth access token that is signed.
    Signed,
    /// The token of a browser's session.
    Session,
    /// What is never let in: ID tokens, tokens of machines, API keys.
    Other,
}

impl Kind {
    /// The kind of a token of this issuer, by what it claims; none where it is not Clerk's, or another application's.
    pub(super) fn of(token: &BearerToken, issuer: &str) -> Option<Self> {
        let text = token.expose();
        if text.starts_with("oat_") {
            return Some(Self::Opaque);
        }
        if text.starts_with("mt_") || text.starts_with("ak_") {
            return Some(Self::Other);
        }
        let (header, claims) = claimed(token)?;
        if claims.text("iss") != Some(issuer) {
            return None;
        }
        let machine = claims.text("sub").is_some_and(|sub| sub.starts_with("mch_"));
        let category = header.get("cat").map(|cat| cat.as_str().unwrap_or_default());
        if machine || category == Some(MACHINE) {
            return Some(Self::Other);
        }
        let session = claims.text("sid").is_some_and(|sid| sid.starts_with("sess_"));
        let typ = header.text("typ").map(str::to_ascii_lowercase);
        Some(match typ.as_deref() {
            Some("at+jwt" | "application/at+jwt") => Self::Signed,
            Some("jwt") if session && category.is_none_or(|cat| SESSION.contains(&cat)) => Self::Session,
            _ => Self::Other,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    use serde_json::{Value, json};

    const ISSUER: &str = "https://clerk.example.com";

    fn kind(token: &str) -> Option<Kind> {
        Kind::of(&BearerToken::parse(token).unwrap(), ISSUER)
    }

    fn signed(header: &Value, claims: &Value) -> Option<Kind> {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        kind(&format!("{}.{}.AA", part(header), part(claims)))
    }

    #[test]
    fn tokens_without_a_signature_are_known_by_how_they_begin() {
        assert_eq!(kind("oat_0ef5"), Some(Kind::Opaque));
        assert_eq!(kind("mt_0ef5"), Some(Kind::Other));
        assert_eq!(kind("ak_0ef5"), Some(Kind::Other));
        for other in ["tmcp_x", "oat", "OAT_x", "x.oat_y.z", "a.b.c"] {
            assert_eq!(kind(other), None, "{other}");
        }
    }

    #[test]
    fn signed_tokens_are_known_by_issuer_type_and_session() {
        let (at, jwt) = (json!({ "typ": "at+jwt" }), json!({ "typ": "JWT" }));
        let user = json!({ "iss": ISSUER, "sub": "user_1" });
        let session = json!({ "iss": ISSUER, "sub": "user_1", "sid": "sess_1" });
        assert_eq!(signed(&at, &user), Some(Kind::Signed));
        assert_eq!(signed(&json!({ "typ": "application/at+jwt" }), &user), Some(Kind::Signed));
        assert_eq!(signed(&jwt, &session), Some(Kind::Session));
        for cat in SESSION {
            assert_eq!(signed(&json!({ "typ": "JWT", "cat": cat }), &session), Some(Kind::Session));
        }
        assert_eq!(signed(&at, &session), Some(Kind::Signed));
        for (header, claims) in [
            (&jwt, &user),
            (&json!({}), &session),
            (&json!({ "typ": "JWT", "cat": "cl_x" }), &session),
            (&json!({ "typ": "JWT", "cat": 7 }), &session),
            (&json!({ "typ": "JWT", "cat": MACHINE }), &session),
            (&json!({ "typ": "at+jwt", "cat": MACHINE }), &user),
            (&at, &json!({ "iss": ISSUER, "sub": "mch_1" })),
            (&jwt, &json!({ "iss": ISSUER, "sub": "user_1", "sid": 7 })),
        ] {
            assert_eq!(signed(header, claims), Some(Kind::Other), "{header} {claims}");
        }
        for other in ["https://clerk.example.com/", "https://other.example.com", ""] {
            assert_eq!(signed(&at, &json!({ "iss": other, "sub": "user_1" })), None, "{other}");
        }
    }
}
