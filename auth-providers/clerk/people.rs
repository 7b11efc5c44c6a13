//! Who may still come in: a token outlives the moment at which Clerk bars its user.

use super::backend::{Backend, is_id};
use crate::auth::kit::Answers;
use crate::seam::AuthError;
use serde_json::{Map, Value};
use std::time::Duration;

/// The most users that are remembered.
const MOST: usize = 10_000;
/// How long it takes at most until a bar is noticed.
const FRESH: Duration = Duration::from_secs(60);
/// How much longer a user is let in whom Clerk cannot be asked about.
const SPARE: Duration = Duration::from_secs(3600);

/// The users of an application, as far as they came here.
pub(super) struct People {
    backend: Backend,
    known: Answers<String, bool>,
}

impl People {
    pub(super) fn new(backend: Backend) -> Self {
        Self { backend, known: Answers::new(MOST, SPARE) }
    }

    /// Whether a user may come in.
    ///
    /// # Errors
    /// Clerk bars them or knows them no more; or it cannot be asked, and was not in the last hour.
    pub(super) async fn check(&self, id: &str) -> Result<(), AuthError> {
        if !is_id(id, "user_") {
            return Err(AuthError::Invalid);
        }
        let ask = || async {
            let user = self.backend.user(id).await?;
            Ok((user.is_some_and(|user| is_welcome(&user, id)), FRESH))
        };
        if self.known.get(&id.to_owned(), ask).await? {
            return Ok(());
        }
        tracing::info!(user = id, "a user came whom Clerk bars, or knows no more");
        Err(AuthError::Invalid)
    }
}

/// What Clerk must say in so many words; what it leaves out is no welcome, except what not all versions tell.
fn is_welcome(user: &Map<String, Value>, id: &str) -> bool {
    let said = |name: &str| user.get(name).and_then(Value::as_bool);
    let same = user.get("id").and_then(Value::as_str) == Some(id);
    same && said("banned") == Some(false)
        && said("locked") == Some(false)
        && said("deprovisioned") != Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_a_user_of_whom_nothing_bad_is_said_is_welcome() {
        let welcome = |user: Value| is_welcome(user.as_object().unwrap(), "user_1");
        assert!(welcome(json!({ "id": "user_1", "banned": false, "locked": false })));
        assert!(welcome(json!({ "id": "user_1", "banned": false, "locked": false, "deprovisioned": false })));
        for bad in [
            json!({ "id": "user_2", "banned": false, "locked": false }),
            json!({ "id": "user_1", "banned": true, "locked": false }),
            json!({ "id": "user_1", "banned": false, "locked": true }),
            json!({ "id": "user_1", "banned": false, "locked": false, "deprovisioned": true }),
            json!({ "id": "user_1", "banned": null, "locked": false }),
            json!({ "id": "user_1" }),
            json!({}),
        ] {
            assert!(!welcome(bad.clone()), "{bad}");
        }
    }
}
