//! Sessions of browsers: their tokens live for a minute, name no audience, and open pages alone.

use super::backend::{Backend, is_id};
use crate::auth::kit::{Answers, Claims, Jwts};
use crate::seam::{AuthError, BearerToken, ProtectedResource};
use serde_json::{Map, Value};
use std::time::Duration;

/// The most sessions that are remembered.
const MOST: usize = 10_000;
/// How long it takes at most until the end of a session is noticed.
const FRESH: Duration = Duration::from_secs(10);

/// The sessions of an application, as far as they came here.
pub(super) struct Sessions {
    jwts: Jwts,
    /// The origins, beside this server's own, whose pages may show a token.
    parties: Vec<String>,
    backend: Backend,
    /// Whose an active session is; none where there is no such one.
    known: Answers<String, Option<String>>,
}

impl Sessions {
    pub(super) fn new(jwts: Jwts, parties: Vec<String>, backend: Backend) -> Self {
        Self { jwts, parties, backend, known: Answers::new(MOST, Duration::ZERO) }
    }

    /// What a session's token says, once it is known to be good and its session to go on.
    ///
    /// # Errors
    /// It is not, or Clerk cannot be asked just now.
    pub(super) async fn claims(
        &self,
        token: &BearerToken,
        here: &ProtectedResource,
    ) -> Result<Claims, AuthError> {
        let claims = self.jwts.signed(token).await?;
        let id = claims.text("sid").filter(|id| is_id(id, "sess_")).ok_or(AuthError::Invalid)?;
        let settled = claims.get("sts").is_none_or(|status| status == "active");
        if !settled || !self.is_shown_by_a_friend(&claims, here) {
            return Err(AuthError::Invalid);
        }
        let ask = || async {
            let session = self.backend.session(id).await?;
            Ok((session.and_then(|session| owner(&session, id)), FRESH))
        };
        let owner = self.known.get(&id.to_owned(), ask).await?;
        if owner.is_none() || owner.as_deref() != claims.text("sub") {
            return Err(AuthError::Invalid);
        }
        Ok(claims)
    }

    /// A session's token is every page's of the application; one that was made for another page is no business of ours.
    fn is_shown_by_a_friend(&self, claims: &Claims, here: &ProtectedResource) -> bool {
        claims.get("azp").is_none_or(|azp| {
            azp.as_str()
                .is_some_and(|azp| here.is_origin(azp) || self.parties.iter().any(|party| party == azp))
        })
    }
}

/// Whose a session is, if it is active.
fn owner(session: &Map<String, Value>, id: &str) -> Option<String> {
    let said = |name: &str| session.get(name).and_then(Value::as_str);
    let active = said("status") == Some("active") && said("id") == Some(id);
    said("user_id").filter(|_| active).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_an_active_session_has_an_owner() {
        let owner = |session: Value| owner(session.as_object().unwrap(), "sess_1");
        let of = |status: &str| json!({ "id": "sess_1", "user_id": "user_1", "status": status });
        assert_eq!(owner(of("active")).as_deref(), Some("user_1"));
        for status in ["revoked", "ended", "expired", "removed", "abandoned", "replaced", "pending", ""] {
            assert_eq!(owner(of(status)), None, "{status}");
        }
        assert_eq!(owner(json!({ "id": "sess_2", "user_id": "user_1", "status": "active" })), None);
        assert_eq!(owner(json!({ "user_id": "user_1" })), None);
    }
}
