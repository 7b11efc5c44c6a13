//! What a caller is told who is not let in (RFC 6750 section 3).

use crate::{seam::AuthError, telemetry::Source};
use http::{HeaderName, StatusCode, header};
use poem::Response;
use serde_json::json;

/// Why a request is not let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// No token came, and one is needed.
    Missing,
    /// Credentials of another kind than bearer tokens came.
    OtherScheme,
    /// The header came more than once: whichever is meant, another reader may mean the other.
    Repeated,
    /// No token came but what an example has in the place of one.
    Placeholder,
    /// A provider did not accept the token, or could not judge it.
    Token(AuthError),
}

impl From<AuthError> for Refusal {
    fn from(error: AuthError) -> Self {
        Self::Token(error)
    }
}

impl Refusal {
    const fn status(&self) -> StatusCode {
        match self {
            Self::Missing
            | Self::OtherScheme
            | Self::Placeholder
            | Self::Token(AuthError::Invalid | AuthError::Expired) => StatusCode::UNAUTHORIZED,
            Self::Repeated => StatusCode::BAD_REQUEST,
            Self::Token(AuthError::Unavailable) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Token(AuthError::Misconfigured(_)) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The error code of the answer's body and of the audit event.
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::Missing | Self::OtherScheme => "unauthorized",
            Self::Repeated => "invalid_request",
            Self::Placeholder | Self::Token(AuthError::Invalid | AuthError::Expired) => "invalid_token",
            Self::Token(AuthError::Unavailable) => "temporarily_unavailable",
            Self::Token(AuthError::Misconfigured(_)) => "server_error",
        }
    }

    fn description(&self) -> String {
        match self {
            Self::Missing => "sign in: send an access token in the header `Authorization: Bearer …`".into(),
            Self::OtherScheme => {
                "this server takes access tokens only, in the header `Authorization: Bearer …`".into()
            }
            Self::Repeated => "the header `Authorization` came more than once; send it once".into(),
            Self::Placeholder => "Authentication failed - mock token not accepted".into(),
            Self::Token(error) => error.to_string(),
        }
    }

    /// The header with which the client learns what to do; none where signing in anew would not help.
    fn header(&self) -> Option<(HeaderName, String)> {
        const REALM: &str = r#"Bearer realm="twenty-mcp""#;
        match self {
            // RFC 6750 section 3.1: no error code where no token came.
            Self::Missing | Self::OtherScheme => Some((header::WWW_AUTHENTICATE, REALM.into())),
            Self::Repeated | Self::Placeholder | Self::Token(AuthError::Invalid | AuthError::Expired) => {
                let (code, text) = (self.code(), quoted(&self.description()));
                let value = format!(r#"{REALM}, error="{code}", error_description="{text}""#);
                Some((header::WWW_AUTHENTICATE, value))
            }
            Self::Token(AuthError::Unavailable) => Some((header::RETRY_AFTER, "10".into())),
            Self::Token(AuthError::Misconfigured(_)) => None,
        }
    }

    /// The whole answer.
    pub(super) fn response(&self, source: &Source) -> Response {
        let body = json!({
            "error": self.code(),
            "error_description": self.description(),
            "trace_id": source.trace.to_string(),
        });
        let mut response = Response::builder()
            .status(self.status())
            .content_type("application/json")
            .header(header::CACHE_CONTROL, "no-store");
        if let Some((name, value)) = self.header() {
            response = response.header(name, value);
        }
        response.body(body.to_string())
    }
}

/// A text with none but the characters that RFC 6750 section 3 allows in an `error_description`.
fn quoted(text: &str) -> String {
    let fits = |c: char| matches!(c, ' '..='~') && c != '"' && c != '\\';
    text.chars().filter(|c| fits(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn told(refusal: Refusal) -> (u16, Option<String>, serde_json::Value) {
        let source = Source::default();
        let mut response = refusal.response(&source);
        assert_eq!(response.header("cache-control"), Some("no-store"));
        assert_eq!(response.content_type(), Some("application/json"));
        let challenge = response.header("www-authenticate").map(str::to_owned);
        let body = response.take_body().into_string().await.unwrap();
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(body["trace_id"], source.trace.to_string());
        (response.status().as_u16(), challenge, body)
    }

    #[tokio::test]
    async fn a_challenge_has_an_error_only_when_a_token_came() {
        for refusal in [Refusal::Missing, Refusal::OtherScheme] {
            let (status, challenge, body) = told(refusal).await;
            assert_eq!(status, 401);
            assert_eq!(challenge.unwrap(), r#"Bearer realm="twenty-mcp""#);
            assert_eq!(body["error"], "unauthorized");
        }
        let (status, challenge, body) = told(AuthError::Expired.into()).await;
        assert_eq!(status, 401);
        assert_eq!(
            challenge.unwrap(),
            r#"Bearer realm="twenty-mcp", error="invalid_token", error_description="the access token has expired""#
        );
        assert_eq!(body["error_description"], "the access token has expired");
    }

    #[tokio::test]
    async fn a_provider_that_cannot_judge_is_no_reason_to_sign_in_anew() {
        let (status, challenge, _) = told(AuthError::Unavailable.into()).await;
        assert_eq!((status, challenge), (503, None));
        assert!(
            Refusal::from(AuthError::Unavailable)
                .response(&Source::default())
                .header("retry-after")
                .is_some()
        );

        let (status, challenge, body) =
            told(AuthError::Misconfigured("key sk_1 refused".into()).into()).await;
        assert_eq!((status, challenge), (500, None));
        assert!(!body.to_string().contains("sk_1"));
    }

    #[tokio::test]
    async fn a_repeated_header_is_a_bad_request_whose_challenge_is_one_header() {
        let (status, challenge, body) = told(Refusal::Repeated).await;
        assert_eq!(status, 400);
        assert_eq!(body["error"], "invalid_request");
        assert!(challenge.unwrap().contains(r#"error="invalid_request""#));
        assert_eq!(quoted("a\"b\\c\r\n…d"), "abcd");
    }
}
