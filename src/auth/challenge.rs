//! What a caller is told who is not let in (RFC 6750 section 3).

use crate::{
    seam::{AuthError, Scope},
    telemetry::Source,
};
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

/// The way in, for those who were not let in.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Way<'a> {
    /// The base URL that was asked.
    pub(super) base: &'a str,
    /// The scopes that a client asks for.
    pub(super) scopes: &'a [Scope],
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
            | Self::Token(AuthError::Invalid | AuthError::Expired | AuthError::WrongAudience) => {
                StatusCode::UNAUTHORIZED
            }
            Self::Repeated => StatusCode::BAD_REQUEST,
            Self::Token(AuthError::InsufficientScope(_)) => StatusCode::FORBIDDEN,
            Self::Token(AuthError::Unavailable { .. }) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Token(AuthError::Misconfigured(_)) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The error code of the answer's body and of the audit event.
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::Missing | Self::OtherScheme => "unauthorized",
            Self::Repeated => "invalid_request",
            Self::Placeholder
            | Self::Token(AuthError::Invalid | AuthError::Expired | AuthError::WrongAudience) => {
                "invalid_token"
            }
            Self::Token(AuthError::InsufficientScope(_)) => "insufficient_scope",
            Self::Token(AuthError::Unavailable { .. }) => "temporarily_unavailable",
            Self::Token(AuthError::Misconfigured(_)) => "server_error",
        }
    }

    /// What exactly was the matter, for the audit event: callers are not told it all.
    pub(super) const fn reason(&self) -> &'static str {
        match self {
            Self::Missing => "no_token",
            Self::OtherScheme => "other_scheme",
            Self::Repeated => "repeated_header",
            Self::Placeholder => "placeholder",
            Self::Token(AuthError::Invalid) => "not_valid",
            Self::Token(AuthError::Expired) => "expired",
            Self::Token(AuthError::WrongAudience) => "wrong_audience",
            Self::Token(AuthError::InsufficientScope(_)) => "insufficient_scope",
            Self::Token(AuthError::Unavailable { .. }) => "provider_unavailable",
            Self::Token(AuthError::Misconfigured(_)) => "misconfigured",
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
            Self::Token(AuthError::InsufficientScope(needed)) => {
                format!("this needs the scope {}, which the access token does not have", joined(needed))
            }
            Self::Token(error) => error.to_string(),
        }
    }

    /// The header with which the client learns what to do; none where signing in anew would not help.
    fn header(&self, way: &Way<'_>) -> Option<(HeaderName, String)> {
        let mut value = String::from(r#"Bearer realm="twenty-mcp""#);
        let mut say = |name: &str, text: &str| {
            value.push_str(&format!(r#", {name}="{}""#, quoted(text)));
        };
        let scopes = match self {
            Self::Token(AuthError::Unavailable { retry_after }) => {
                return Some((header::RETRY_AFTER, retry_after.to_string()));
            }
            Self::Token(AuthError::Misconfigured(_)) => return None,
            // RFC 6750 section 3.1: no error code where no token came.
            Self::Missing | Self::OtherScheme => joined(way.scopes),
            Self::Token(AuthError::InsufficientScope(needed)) => {
                say("error", self.code());
                say("error_description", &self.description());
                joined(needed)
            }
            Self::Repeated | Self::Placeholder | Self::Token(_) => {
                say("error", self.code());
                say("error_description", &self.description());
                joined(way.scopes)
            }
        };
        if !scopes.is_empty() {
            say("scope", &scopes);
        }
        if !way.base.is_empty() {
            say("resource_metadata", &format!("{}{}", way.base, super::RESOURCE_DOCUMENT));
        }
        Some((header::WWW_AUTHENTICATE, value))
    }

    /// The whole answer.
    pub(super) fn response(&self, way: &Way<'_>, source: &Source) -> Response {
        let body = json!({
            "error": self.code(),
            "error_description": self.description(),
            "trace_id": source.trace.to_string(),
        });
        let mut response = Response::builder()
            .status(self.status())
            .content_type("application/json")
            .header(header::CACHE_CONTROL, "no-store");
        if let Some((name, value)) = self.header(way) {
            response = response.header(name, value);
        }
        response.body(body.to_string())
    }
}

fn joined<'a>(scopes: impl IntoIterator<Item = &'a Scope>) -> String {
    scopes.into_iter().map(Scope::as_str).collect::<Vec<_>>().join(" ")
}

/// A text with none but the characters that RFC 6750 section 3 allows in an `error_description`.
fn quoted(text: &str) -> String {
    let fits = |c: char| matches!(c, ' '..='~') && c != '"' && c != '\\';
    text.chars().filter(|c| fits(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seam::Scopes;

    async fn told(refusal: Refusal) -> (u16, Option<String>, serde_json::Value) {
        let source = Source::default();
        let mut response = refusal.response(&Way::default(), &source);
        assert_eq!(response.header("cache-control"), Some("no-store"));
        assert_eq!(response.content_type(), Some("application/json"));
        let challenge = response.header("www-authenticate").map(str::to_owned);
        let body = response.take_body().into_string().await.unwrap();
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(body["trace_id"], source.trace.to_string());
        (response.status().as_u16(), challenge, body)
    }

    #[tokio::test]
    async fn rule_09_a_challenge_has_an_error_only_when_a_token_came() {
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
        let (status, challenge, _) = told(AuthError::UNAVAILABLE.into()).await;
        assert_eq!((status, challenge), (503, None));
        let later = Refusal::from(AuthError::Unavailable { retry_after: 7 });
        assert_eq!(later.response(&Way::default(), &Source::default()).header("retry-after"), Some("7"));

        let (status, challenge, body) =
            told(AuthError::Misconfigured("key sk_1 refused".into()).into()).await;
        assert_eq!((status, challenge), (500, None));
        assert!(!body.to_string().contains("sk_1"));
    }

    #[test]
    fn rule_10_a_challenge_tells_the_way_in() {
        let scopes = ["openid", "twenty:read"].map(Scope::new);
        let way = Way { base: "https://mcp.example", scopes: &scopes };
        let challenge = |refusal: Refusal| {
            let response = refusal.response(&way, &Source::default());
            (response.status().as_u16(), response.header("www-authenticate").unwrap().to_owned())
        };
        const METADATA: &str =
            r#"resource_metadata="https://mcp.example/.well-known/oauth-protected-resource/mcp""#;
        let (status, said) = challenge(Refusal::Missing);
        assert_eq!(status, 401);
        assert_eq!(said, format!(r#"Bearer realm="twenty-mcp", scope="openid twenty:read", {METADATA}"#));
        let (status, said) = challenge(AuthError::WrongAudience.into());
        assert_eq!(status, 401);
        assert!(said.contains(r#"error="invalid_token""#) && said.ends_with(METADATA), "{said}");
        let needed = Scopes::from([Scope::new("twenty:write")]);
        let (status, said) = challenge(AuthError::InsufficientScope(needed).into());
        assert_eq!(status, 403);
        assert!(said.contains(r#"error="insufficient_scope""#), "{said}");
        assert!(said.ends_with(&format!(r#"scope="twenty:write", {METADATA}"#)), "{said}");
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
