//! What a token must say to be let in, beside its signature (RFC 7519, RFC 9068).

use super::{Algorithm, Audience, Claims};
use crate::seam::{AuthError, ProtectedResource};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Which tokens are taken for access tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum TokenType {
    /// Those that say so: their header's `typ` is `at+jwt` (RFC 9068).
    #[default]
    #[serde(rename = "at+jwt")]
    AccessToken,
    /// Those of any `typ`, except what is plainly an ID token: for providers that do not say it.
    #[serde(rename = "any")]
    Any,
}

/// The rules of one issuer.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The issuer, letter for letter.
    pub issuer: String,
    /// How tokens may be signed.
    pub algorithms: Vec<Algorithm>,
    /// Which tokens are taken for access tokens.
    pub token_type: TokenType,
    /// For whom tokens must have been given out.
    pub audience: Audience,
    /// How far the issuer's clock may be from ours.
    pub skew: Duration,
}

/// What a token's header says (RFC 7515 section 4.1). `jku`, `x5u`, `jwk` and `x5c` are not read: a token does not say
/// by which key it is judged.
#[derive(Deserialize)]
pub(super) struct Header {
    pub(super) alg: String,
    pub(super) typ: Option<String>,
    pub(super) kid: Option<String>,
    #[serde(default)]
    pub(super) crit: Option<serde::de::IgnoredAny>,
}

impl Rules {
    /// The algorithm of a token whose header is in order.
    ///
    /// # Errors
    /// It is no access token, or signed in a way that is not taken.
    pub(super) fn header(&self, header: &Header) -> Result<Algorithm, AuthError> {
        let algorithm = Algorithm::named(&header.alg).filter(|named| self.algorithms.contains(named));
        let typ = header.typ.as_deref().map(str::to_ascii_lowercase);
        let says_so = matches!(typ.as_deref(), Some("at+jwt" | "application/at+jwt"));
        let may_be = matches!(typ.as_deref(), None | Some("jwt" | "application/jwt"));
        let fits = says_so || self.token_type == TokenType::Any && may_be;
        // RFC 7515 section 4.1.11: what is critical and not understood makes a token invalid.
        algorithm.filter(|_| fits && header.crit.is_none()).ok_or(AuthError::Invalid)
    }

    /// Whether a token is this issuer's, an access token, and good at this moment, in seconds since 1970.
    ///
    /// # Errors
    /// It is not, and why.
    pub(super) fn claims(&self, claims: &Claims, now: i64) -> Result<(), AuthError> {
        if claims.text("iss") != Some(&self.issuer) || claims.are_of_another_kind() {
            return Err(AuthError::Invalid);
        }
        claims.moment("exp")?.ok_or(AuthError::Invalid)?;
        claims.in_time(now, self.skew)
    }

    /// Whether a token was given out for this server.
    ///
    /// # Errors
    /// It was not.
    pub(super) fn audience(&self, claims: &Claims, here: &ProtectedResource) -> Result<(), AuthError> {
        self.audience.judge(&claims.audience(), here, &self.issuer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::kit::{AudienceCheck, Audiences};
    use serde_json::{Value, json};

    const NOW: i64 = 1_800_000_000;

    fn rules() -> Rules {
        Rules {
            issuer: "https://id.example".into(),
            algorithms: vec![Algorithm::ES256],
            token_type: TokenType::AccessToken,
            audience: Audience::default(),
            skew: Duration::from_secs(60),
        }
    }

    fn judge(rules: &Rules, change: &Value) -> Result<(), AuthError> {
        let mut all = json!({
            "iss": "https://id.example", "sub": "ann", "aud": "https://mcp.example/mcp",
            "exp": NOW + 300, "iat": NOW, "nbf": NOW,
        });
        for (name, value) in change.as_object().unwrap() {
            let all = all.as_object_mut().unwrap();
            if value.is_null() {
                drop(all.remove(name))
            } else {
                drop(all.insert(name.clone(), value.clone()))
            }
        }
        let here = ProtectedResource::new(vec!["https://mcp.example".into()]);
        let claims = Claims::new(all.as_object().unwrap().clone());
        rules.claims(&claims, NOW).and_then(|()| rules.audience(&claims, &here))
    }

    #[test]
    fn every_claim_is_held_against_its_rule() {
        for good in [
            json!({}),
            json!({ "nbf": null, "iat": null }),
            json!({ "nbf": NOW + 60, "iat": NOW + 60, "exp": NOW - 59 }),
            json!({ "aud": ["x", "https://mcp.example/mcp/"] }),
        ] {
            assert_eq!(judge(&rules(), &good), Ok(()), "{good}");
        }
        for bad in [
            json!({ "iss": "https://id.example/" }),
            json!({ "iss": ["https://id.example"] }),
            json!({ "iss": null }),
            json!({ "exp": null }),
            json!({ "exp": "never" }),
            json!({ "nbf": NOW + 61 }),
            json!({ "iat": NOW + 61 }),
            json!({ "nbf": {} }),
            json!({ "at_hash": "x" }),
            json!({ "nonce": "x" }),
            json!({ "typ": "ID" }),
        ] {
            assert_eq!(judge(&rules(), &bad), Err(AuthError::Invalid), "{bad}");
        }
        assert_eq!(judge(&rules(), &json!({ "exp": NOW - 60 })), Err(AuthError::Expired));
        for other in [json!(null), json!([]), json!("https://mcp.example"), json!(["a", 7]), json!({})] {
            assert_eq!(judge(&rules(), &json!({ "aud": other })), Err(AuthError::WrongAudience), "{other}");
        }
    }

    #[test]
    fn other_audiences_are_let_in_only_where_the_operator_says_so() {
        let also = Audience { also: Audiences(vec!["api://crm".into()]), ..Audience::default() };
        assert_eq!(judge(&Rules { audience: also, ..rules() }, &json!({ "aud": "api://crm" })), Ok(()));
        let observe = Audience { check: AudienceCheck::Observe, ..Audience::default() };
        assert_eq!(judge(&Rules { audience: observe, ..rules() }, &json!({ "aud": null })), Ok(()));
    }

    #[test]
    fn a_header_says_that_it_is_an_access_tokens_and_asks_for_nothing_else() {
        let judge = |token_type, header: Value| {
            let header: Header = serde_json::from_value(header).unwrap();
            Rules { token_type, ..rules() }.header(&header).is_ok()
        };
        for typ in ["at+jwt", "AT+JWT", "application/at+jwt"] {
            assert!(judge(TokenType::AccessToken, json!({ "alg": "ES256", "typ": typ })), "{typ}");
            assert!(judge(TokenType::Any, json!({ "alg": "ES256", "typ": typ })), "{typ}");
        }
        for typ in [json!("JWT"), json!(null)] {
            assert!(!judge(TokenType::AccessToken, json!({ "alg": "ES256", "typ": typ })), "{typ}");
            assert!(judge(TokenType::Any, json!({ "alg": "ES256", "typ": typ })), "{typ}");
        }
        for typ in ["logout+jwt", "dpop+jwt", "secevent+jwt", ""] {
            assert!(!judge(TokenType::Any, json!({ "alg": "ES256", "typ": typ })), "{typ}");
        }
        for alg in ["none", "HS256", "RS256", "es256", ""] {
            assert!(!judge(TokenType::Any, json!({ "alg": alg, "typ": "at+jwt" })), "{alg}");
        }
        assert!(!judge(TokenType::Any, json!({ "alg": "ES256", "typ": "at+jwt", "crit": ["b64"] })));
    }
}
