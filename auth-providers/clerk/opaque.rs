//! Opaque access tokens: what Clerk's answer about one means.

use super::backend::is_id;
use crate::auth::kit::Claims;
use crate::seam::AuthError;
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::time::Duration;

/// How long a verdict is kept: so long does it take at most until a revocation is noticed.
pub(super) const LONGEST: Duration = Duration::from_secs(60);
/// Above this, a moment is in milliseconds: in seconds it would be in the year 5138.
const MILLISECONDS: f64 = 1e11;

/// Whether a text can be one of these tokens: no other is worth a question to Clerk.
pub(super) fn is_plausible(token: &str) -> bool {
    is_id(token, "oat_")
}

/// What a token says by Clerk's answer, in the words of a signed one, and until when the answer may be kept. A status of
/// 200 says nothing: Clerk answers so about revoked and expired tokens too.
pub(super) fn read(
    answer: &Map<String, Value>,
    issuer: &str,
    now: Timestamp,
) -> Result<(Claims, Timestamp), AuthError> {
    let said = |name: &str| answer.get(name).and_then(Value::as_bool);
    if answer.get("active").is_some_and(|active| active != true) || said("revoked") != Some(false) {
        return Err(AuthError::Invalid);
    }
    match said("expired") {
        Some(false) => {}
        Some(true) => return Err(AuthError::Expired),
        None => return Err(AuthError::Invalid),
    }
    let kept = now.checked_add(LONGEST).unwrap_or(now);
    let until = match answer.get("expiration") {
        None | Some(Value::Null) => kept,
        Some(said) => moment(said).ok_or(AuthError::Invalid)?.min(kept),
    };
    if until <= now {
        return Err(AuthError::Expired);
    }
    let named = |name: &str| answer.get(name).cloned().unwrap_or_default();
    let claims = [
        ("iss", Value::from(issuer)),
        ("sub", named("subject")),
        ("client_id", named("client_id")),
        ("scope", named("scopes")),
        ("aud", named("aud")),
    ];
    let claims = claims.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Ok((Claims::new(claims), until))
}

/// Clerk's description shows seconds here, and it writes milliseconds in most other places.
fn moment(said: &Value) -> Option<Timestamp> {
    let number = said.as_f64()?;
    let seconds = if number >= MILLISECONDS { number / 1000.0 } else { number };
    #[allow(clippy::cast_possible_truncation, reason = "a float that is too large is the largest integer")]
    Timestamp::from_second(seconds.floor() as i64).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: i64 = 1_800_000_000;

    fn judge(change: Value) -> Result<(Claims, Timestamp), AuthError> {
        let mut answer = json!({
            "object": "clerk_idp_oauth_access_token", "id": "oat_0ef5a7a33d87ed87ee7954c845d80450",
            "client_id": "client_1", "subject": "user_1", "scopes": ["openid", "email"],
            "revoked": false, "revocation_reason": null, "expired": false, "expiration": NOW + 30,
            "created_at": NOW, "updated_at": NOW,
        });
        answer.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        read(answer.as_object().unwrap(), "https://clerk.example", Timestamp::from_second(NOW).unwrap())
    }

    #[test]
    fn a_good_answer_is_kept_for_a_minute_and_never_past_the_tokens_end() {
        let until = |expiration: Value| judge(json!({ "expiration": expiration })).unwrap().1.as_second();
        assert_eq!(until(json!(NOW + 30)), NOW + 30);
        assert_eq!(until(json!((NOW + 30) * 1000)), NOW + 30);
        for late in [json!(NOW + 86_400), json!((NOW + 86_400) * 1000), json!(null)] {
            assert_eq!(until(late), NOW + 60);
        }
        let (claims, _) = judge(json!({ "aud": ["https://mcp.example/mcp"] })).unwrap();
        assert_eq!((claims.text("sub"), claims.text("client_id")), (Some("user_1"), Some("client_1")));
        assert_eq!(claims.audience(), ["https://mcp.example/mcp"]);
        assert_eq!(claims.scopes(None).len(), 2);
    }

    #[test]
    fn an_answer_that_does_not_say_yes_is_a_no() {
        for bad in [
            json!({ "revoked": true }),
            json!({ "revoked": null }),
            json!({ "revoked": "false" }),
            json!({ "expired": null }),
            json!({ "active": false }),
            json!({ "active": "true" }),
            json!({ "expiration": "soon" }),
        ] {
            assert_eq!(judge(bad.clone()).unwrap_err(), AuthError::Invalid, "{bad}");
        }
        for late in [json!({ "expired": true }), json!({ "expiration": NOW }), json!({ "expiration": 0 })] {
            assert_eq!(judge(late.clone()).unwrap_err(), AuthError::Expired, "{late}");
        }
        let inactive = json!({ "active": false });
        let now = Timestamp::from_second(NOW).unwrap();
        assert_eq!(read(inactive.as_object().unwrap(), "i", now).unwrap_err(), AuthError::Invalid);
        assert!(judge(json!({ "active": true })).is_ok());
    }

    #[test]
    fn what_cannot_be_a_token_is_not_asked_about() {
        assert!(is_plausible("oat_0ef5a7a33d87ed87ee7954c845d80450"));
        let long = format!("oat_{}", "x".repeat(200));
        for bad in ["oat_", "oat_a.b", "oat_a/b", "oat_a=", "mt_x", &long] {
            assert!(!is_plausible(bad), "{bad}");
        }
    }
}
