//! Answers to programs: JSON that nobody stores, and the errors of OAuth.

use http::{HeaderValue, StatusCode, header};
use poem::{Body, Response};
use serde_json::{Value, json};
use std::borrow::Cow;

/// A request that is refused, in OAuth's words (RFC 6749 section 5.2, RFC 7591 section 3.2.2, RFC 8707 section 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The code for programs.
    pub code: &'static str,
    /// What is wrong, and what to do.
    pub description: Cow<'static, str>,
    /// The status, where it is told as an answer of its own.
    pub status: StatusCode,
}

impl Fault {
    /// A fault of the request.
    #[must_use]
    pub fn new(code: &'static str, description: impl Into<Cow<'static, str>>) -> Self {
        Self { code, description: description.into(), status: StatusCode::BAD_REQUEST }
    }

    /// A request that is not well-formed.
    #[must_use]
    pub fn malformed(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new("invalid_request", description)
    }

    /// A client that nobody here knows.
    #[must_use]
    pub fn no_client(description: impl Into<Cow<'static, str>>) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, ..Self::new("invalid_client", description) }
    }

    /// A code or token that gets nothing.
    #[must_use]
    pub fn no_grant(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new("invalid_grant", description)
    }

    /// A failure of our own, whose reason is in the log.
    #[must_use]
    pub fn server_error() -> Self {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self { status, ..Self::new("server_error", "the server failed; its log has the reason") }
    }

    /// The fault as an answer.
    #[must_use]
    pub fn response(&self) -> Response {
        json_response(self.status, &json!({ "error": self.code, "error_description": self.description }))
    }
}

/// An answer that is not stored (RFC 6749 section 5.1).
#[must_use]
pub fn json_response(status: StatusCode, body: &Value) -> Response {
    Response::builder()
        .status(status)
        .content_type("application/json")
        .header(header::CACHE_CONTROL, "no-store")
        .header(header::PRAGMA, "no-cache")
        .body(Body::from_string(body.to_string()))
}

/// Lets pages of any origin read an answer. There are no cookies here that could speak for somebody.
pub fn open(response: &mut Response) {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("WWW-Authenticate"));
}

/// The answer to a page that asks before it sends by this method.
#[must_use]
pub fn preflight(method: &'static str) -> Response {
    Response::builder()
        .status(StatusCode::NO_CONTENT)
        .header(header::ACCESS_CONTROL_ALLOW_METHODS, method)
        .header(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "Authorization, Content-Type, Accept, MCP-Protocol-Version",
        )
        .header(header::ACCESS_CONTROL_MAX_AGE, "600")
        .finish()
}
