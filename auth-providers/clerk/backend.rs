//! Clerk's Backend API: asked with the application's secret key, in one version, a few questions at a time.

use crate::auth::kit::{Answer, Fault, Fetcher, WebAddress};
use crate::seam::{AuthError, Secret, SetupError};
use http::{HeaderValue, Method, StatusCode, header};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::{sync::Arc, time::Duration};
use tokio::sync::Semaphore;

/// How many questions are under way at most: Clerk allows 100 in ten seconds to an application in development, so a
/// flood of forged tokens shall not use them up at once.
const AT_ONCE: usize = 16;
/// How long a question waits for its turn.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// A version of the Backend API.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ApiVersion {
    /// The newest one that is known here.
    #[default]
    #[serde(rename = "2026-05-12")]
    May2026,
    /// The one before it.
    #[serde(rename = "2025-11-10")]
    November2025,
}

impl ApiVersion {
    const fn name(self) -> &'static str {
        match self {
            Self::May2026 => "2026-05-12",
            Self::November2025 => "2025-11-10",
        }
    }
}

/// The Backend API of one application; copies share its turns.
#[derive(Clone)]
pub(super) struct Backend {
    fetcher: Fetcher,
    url: String,
    version: ApiVersion,
    key: HeaderValue,
    turns: Arc<Semaphore>,
}

impl Backend {
    pub(super) fn new(
        fetcher: Fetcher,
        url: &WebAddress,
        version: ApiVersion,
        key: &Secret,
    ) -> Result<Self, SetupError> {
        if url.url().query().is_some() {
            return Err(SetupError::at(&["api_url"], "has a `?`: leave it out"));
        }
        let wrong = |message| SetupError::at(&["secret_key"], message);
        if key.expose().starts_with("pk_") {
            return Err(wrong("is a publishable key; the secret key begins with `sk_`"));
        }
        let mut value = HeaderValue::from_str(&format!("Bearer {}", key.expose()))
            .map_err(|_| wrong("holds a character that no secret key of Clerk has"))?;
        value.set_sensitive(true);
        let url = url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { fetcher, url, version, key: value, turns: Arc::new(Semaphore::new(AT_ONCE)) })
    }

    /// What Clerk says of an opaque access token; none where it knows no such token.
    pub(super) async fn access_token(&self, token: &str) -> Result<Option<Map<String, Value>>, AuthError> {
        let body = json!({ "access_token": token }).to_string();
        let said = self.ask(Method::POST, "oauth_applications/access_tokens/verify", Some(body)).await?;
        said.object()
    }

    /// A user; none where there is no such one. The id must be one that [`is_id`] lets pass.
    pub(super) async fn user(&self, id: &str) -> Result<Option<Map<String, Value>>, AuthError> {
        self.look_up(id).await?.object()
    }

    /// The same with what Clerk says where it tells of none.
    pub(super) async fn look_up(&self, id: &str) -> Result<Said, AuthError> {
        self.ask(Method::GET, &format!("users/{id}"), None).await
    }

    /// A user whose private metadata this was merged into. The id must be one that [`is_id`] lets pass.
    pub(super) async fn merge(&self, id: &str, private: Map<String, Value>) -> Result<Said, AuthError> {
        let body = json!({ "private_metadata": private }).to_string();
        self.ask(Method::PATCH, &format!("users/{id}/metadata"), Some(body)).await
    }

    /// The users behind one, in the order in which they came to be, at most so many. The id must be one that [`is_id`]
    /// lets pass.
    pub(super) async fn users(&self, after: Option<&str>, most: usize) -> Result<Said, AuthError> {
        let behind = after.map(|id| format!("&starting_after={id}")).unwrap_or_default();
        self.ask(Method::GET, &format!("users?order_by=%2Bcreated_at&limit={most}{behind}"), None).await
    }

    /// A session; none where there is no such one. The id must be one that [`is_id`] lets pass.
    pub(super) async fn session(&self, id: &str) -> Result<Option<Map<String, Value>>, AuthError> {
        self.ask(Method::GET, &format!("sessions/{id}"), None).await?.object()
    }

    async fn ask(&self, method: Method, path: &str, body: Option<String>) -> Result<Said, AuthError> {
        let Ok(Ok(_turn)) = tokio::time::timeout(LONGEST_WAIT, self.turns.acquire()).await else {
            tracing::warn!("too many questions to Clerk are under way");
            return Err(AuthError::Unavailable { retry_after: 1 });
        };
        let address = format!("{}/{path}", self.url);
        let address =
            WebAddress::parse(&address).map_err(|error| AuthError::Misconfigured(error.to_string()))?;
        let request = self.fetcher.request(method, &address);
        let request = request
            .header(header::AUTHORIZATION, self.key.clone())
            .header("clerk-api-version", self.version.name());
        let request = match body {
            Some(body) => request.header(header::CONTENT_TYPE, "application/json").body(body),
            None => request,
        };
        match self.fetcher.send(request, &address).await {
            Ok(answer) => self.read(&answer),
            Err(fault) => {
                if matches!(fault, Fault::Unavailable { .. }) {
                    tracing::warn!(%fault, "Clerk does not answer");
                }
                Err(fault.into())
            }
        }
    }

    fn read(&self, answer: &Answer) -> Result<Said, AuthError> {
        let url = &self.url;
        let wrong = |message: String| Err(AuthError::Misconfigured(message));
        let body = answer.json().unwrap_or_default();
        let is_empty = body.as_object().is_none_or(Map::is_empty) && !body.is_array();
        // What is not Clerk's own way to say no says nothing of a token.
        let is_clerks = body.get("errors").is_some_and(Value::is_array);
        match answer.status {
            StatusCode::OK if !is_empty => Ok(Said::Body(body)),
            StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND | StatusCode::UNPROCESSABLE_ENTITY
                if is_clerks =>
            {
                Ok(Said::Refused(answer.status))
            }
            status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => wrong(format!(
                "Clerk does not take the secret key ({url} answers {status}): look at `auth.providers.clerk.secret_key` \
                 or CLERK_SECRET_KEY, which must be of the same application as the publishable key"
            )),
            status => wrong(format!(
                "{url} answers {status} and not as Clerk's Backend API does: look at `auth.providers.clerk.api_url`"
            )),
        }
    }
}

/// What Clerk says: an object or a list, or its own way to say no.
pub(super) enum Said {
    /// What was asked for.
    Body(Value),
    /// 400, 404 or 422.
    Refused(StatusCode),
}

impl Said {
    /// The object that was asked for; none where Clerk says no.
    fn object(self) -> Result<Option<Map<String, Value>>, AuthError> {
        match self {
            Self::Body(Value::Object(body)) => Ok(Some(body)),
            Self::Refused(_) => Ok(None),
            Self::Body(_) => Err(AuthError::Misconfigured(
                "Clerk answers with a list where one thing was asked for".into(),
            )),
        }
    }
}

/// Whether a text is an id of Clerk's, with this prefix; nothing else gets into an address.
pub(super) fn is_id(text: &str, prefix: &str) -> bool {
    let rest = text.strip_prefix(prefix).unwrap_or_default();
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    !rest.is_empty() && rest.len() <= 128 && rest.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_get_into_an_address() {
        for good in ["user_2xhFjEI5X2qWRvtV13BzSj8H6Dk", "user_1", "user_a-b_c"] {
            assert!(is_id(good, "user_"), "{good}");
        }
        let long = format!("user_{}", "x".repeat(129));
        for bad in [
            "",
            "user_",
            "sess_1",
            "user_../x",
            "user_1/metadata",
            "user_1?x",
            "user_1#",
            "user_%2e",
            "user_é",
            &long,
        ] {
            assert!(!is_id(bad, "user_"), "{bad}");
        }
    }

    #[test]
    fn a_key_of_another_kind_is_told_and_not_shown() {
        let url = WebAddress::parse("https://api.clerk.com/v1").unwrap();
        for bad in ["pk_test_LEAK", "sk_LEAK\n"] {
            let fetcher = Fetcher::new().unwrap();
            let error = Backend::new(fetcher, &url, ApiVersion::default(), &Secret::new(bad)).err().unwrap();
            assert_eq!(error.key, ["secret_key"]);
            assert!(!error.message.contains("LEAK"), "{error}");
        }
    }
}
