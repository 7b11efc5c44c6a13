//! What a token says of its caller.

use crate::seam::{AuthError, Issuer, Scope, Scopes, Subject, User};
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::time::Duration;

/// The claims of a token (RFC 7519 section 4).
#[derive(Clone, Debug)]
pub struct Claims(Map<String, Value>);

impl Claims {
    /// The most characters of a name that a token gives somebody.
    const LONGEST: usize = 512;
    /// The most scopes that a token can have.
    const MOST: usize = 256;

    /// The claims of a token's payload.
    #[must_use]
    pub const fn new(claims: Map<String, Value>) -> Self {
        Self(claims)
    }

    /// A claim, whatever it is.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A claim that is a text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// A claim that is a moment, in seconds since 1970.
    ///
    /// # Errors
    /// It is there and is none.
    pub fn moment(&self, name: &str) -> Result<Option<i64>, AuthError> {
        let Some(said) = self.get(name) else { return Ok(None) };
        let whole = said.as_i64().or_else(|| {
            let seconds = said.as_f64().filter(|seconds| seconds.abs() < 1e15)?;
            #[allow(clippy::cast_possible_truncation, reason = "bounded by the line above")]
            Some(seconds.floor() as i64)
        });
        whole.map(Some).ok_or(AuthError::Invalid)
    }

    /// Whether the token is good at this moment, in seconds since 1970, by a clock that may be wrong by `skew`.
    ///
    /// # Errors
    /// It is not yet or no longer good, or tells times that are none.
    pub fn in_time(&self, now: i64, skew: Duration) -> Result<(), AuthError> {
        let skew = i64::try_from(skew.as_secs()).unwrap_or(i64::MAX);
        let (soon, late) = (now.saturating_add(skew), now.saturating_sub(skew));
        let expires = self.moment("exp")?;
        for begins in ["nbf", "iat"] {
            if self.moment(begins)?.is_some_and(|begins| begins > soon) {
                return Err(AuthError::Invalid);
            }
        }
        if expires.is_some_and(|expires| expires <= late) { Err(AuthError::Expired) } else { Ok(()) }
    }

    /// Where nothing else tells: whether there is what only tokens that are no access tokens have (OpenID Connect Core,
    /// section 2).
    #[must_use]
    pub fn are_of_another_kind(&self) -> bool {
        let has = |name: &str| self.get(name).is_some();
        let says_so = self.text("typ").is_some_and(|typ| matches!(typ, "ID" | "Refresh" | "Logout"));
        says_so || has("at_hash") || has("c_hash") || has("nonce") && self.scopes(None).is_empty()
    }

    /// When the token ends; none where it does not say so.
    #[must_use]
    pub fn expires(&self) -> Option<Timestamp> {
        Timestamp::from_second(self.moment("exp").ok()??).ok()
    }

    /// For whom the token was given out.
    #[must_use]
    pub fn audience(&self) -> Vec<&str> {
        match self.get("aud") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// What the token allows: a text with blanks or a list, in the claim that is named, or else in `scope` or `scp`.
    #[must_use]
    pub fn scopes(&self, claim: Option<&str>) -> Scopes {
        let said = match claim {
            Some(claim) => self.get(claim),
            None => self.get("scope").or_else(|| self.get("scp")),
        };
        let all: Vec<&str> = match said {
            Some(Value::String(text)) => text.split(' ').collect(),
            Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        all.into_iter().filter(|scope| !scope.is_empty()).take(Self::MOST).map(Scope::new).collect()
    }

    /// The caller, named by the claim `subject`.
    ///
    /// # Errors
    /// The token names nobody, or in a way that no log should show.
    pub fn user(&self, subject: &str, scopes: Scopes) -> Result<User, AuthError> {
        let name = |claim: &str| {
            let fits = |text: &&str| {
                !text.is_empty()
                    && text.chars().count() <= Self::LONGEST
                    && !text.chars().any(char::is_control)
            };
            self.text(claim).filter(fits)
        };
        let (Some(issuer), Some(subject)) = (name("iss"), name(subject)) else {
            return Err(AuthError::Invalid);
        };
        let client = ["client_id", "azp", "cid"].into_iter().find_map(name);
        Ok(User {
            issuer: Issuer::new(issuer),
            subject: Subject::new(subject),
            client: client.map(str::to_owned),
            scopes,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn claims(claims: Value) -> Claims {
        Claims::new(claims.as_object().unwrap().clone())
    }

    #[test]
    fn scopes_are_read_as_providers_write_them() {
        let read = |said: Value, claim| -> Vec<String> {
            claims(said).scopes(claim).iter().map(ToString::to_string).collect()
        };
        assert_eq!(read(json!({ "scope": "b  a" }), None), ["a", "b"]);
        assert_eq!(read(json!({ "scp": ["a", "b", 7] }), None), ["a", "b"]);
        assert_eq!(read(json!({ "scp": "a b" }), None), ["a", "b"]);
        assert_eq!(read(json!({ "scope": "a", "permissions": ["b"] }), Some("permissions")), ["b"]);
        assert_eq!(read(json!({ "scope": 7 }), None), [""; 0]);
        let many: Vec<String> = (0..1000).map(|n| n.to_string()).collect();
        assert_eq!(read(json!({ "scope": many }), None).len(), Claims::MOST);
    }

    #[test]
    fn a_caller_has_a_name_that_can_be_shown() {
        let named = |said: Value| claims(said).user("sub", Scopes::new());
        let user = named(json!({ "iss": "https://id.example", "sub": "ann", "azp": "c" })).unwrap();
        assert_eq!((user.subject.as_str(), user.client.as_deref()), ("ann", Some("c")));
        for bad in [json!(null), json!(7), json!(""), json!("a\nb"), json!("x".repeat(513))] {
            let user = named(json!({ "iss": "https://id.example", "sub": bad }));
            assert_eq!(user.unwrap_err(), AuthError::Invalid, "{bad}");
        }
    }

    #[test]
    fn moments_are_numbers() {
        for (said, moment) in [(json!(7), 7), (json!(7.9), 7), (json!(-1), -1)] {
            assert_eq!(claims(json!({ "exp": said })).moment("exp"), Ok(Some(moment)));
        }
        for bad in [json!("7"), json!(null), json!([7]), json!(1e300), json!(u64::MAX)] {
            assert_eq!(claims(json!({ "exp": bad })).moment("exp"), Err(AuthError::Invalid), "{bad}");
        }
        assert_eq!(claims(json!({})).moment("exp"), Ok(None));
    }

    /// Any value, as deep as a few lists and objects.
    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "\\PC{0,20}".prop_map(Value::from),
            "[a-z :]{0,600}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map("[a-z]{0,4}", inner, 0..6)
                    .prop_map(|map| map.into_iter().collect::<Map<_, _>>().into()),
            ]
        })
    }

    proptest! {
        #[test]
        fn whatever_a_token_says_is_read_within_bounds(
            all in prop::collection::btree_map(
                "iss|sub|aud|exp|nbf|iat|scope|scp|client_id|azp|typ|nonce", any_value(), 0..12,
            ),
            now in any::<i64>(),
        ) {
            let claims = Claims::new(all.into_iter().collect());
            let scopes = claims.scopes(None);
            prop_assert!(scopes.len() <= Claims::MOST);
            let _ = (claims.audience(), claims.expires(), claims.are_of_another_kind());
            if claims.in_time(now, Duration::from_secs(60)).is_ok() {
                prop_assert!(claims.moment("exp").unwrap().is_none_or(|end| end > now.saturating_sub(60)));
            }
            if let Ok(user) = claims.user("sub", scopes) {
                prop_assert_eq!(Some(user.subject.as_str()), claims.text("sub"));
                prop_assert!(user.subject.as_str().chars().count() <= Claims::LONGEST);
            }
        }
    }
}
