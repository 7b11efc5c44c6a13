//! What can be wrong with a request: one HTTP status and one JSON-RPC code each.

use crate::telemetry::Source;
use http::{HeaderName, HeaderValue, StatusCode};
use poem::Response;
use serde_json::{Value, json, value::RawValue};

/// The longest message of an error, in characters: parts of it are the caller's own words.
const LONGEST: usize = 400;

/// A request that is not answered with a result.
#[derive(Clone, Debug)]
pub(in crate::mcp) struct Fault(Box<Told>);

#[derive(Clone, Debug)]
struct Told {
    status: StatusCode,
    code: i32,
    message: String,
    data: Option<Value>,
    id: Option<Box<RawValue>>,
    header: Option<(HeaderName, HeaderValue)>,
    /// Whether it is one of HTTP, and quotes the trace as every refusal of the server does.
    outside: bool,
    /// Whether it is about a notification, which is answered only where every message is.
    noted: bool,
}

impl Fault {
    /// An error of the protocol. The codes are those of JSON-RPC 2.0, section 5.1, and of MCP 2026-07-28, Error Codes.
    pub(in crate::mcp) fn new(status: StatusCode, code: i32, message: impl AsRef<str>) -> Self {
        let message = message.as_ref().chars().take(LONGEST).collect();
        let (outside, noted) = (false, false);
        Self(Box::new(Told { status, code, message, data: None, id: None, header: None, outside, noted }))
    }

    /// An error of HTTP, before there is a message that could be answered.
    pub(in crate::mcp) fn http(status: StatusCode, message: &str) -> Self {
        Self::new(status, -32600, message).but(|told| told.outside = true)
    }

    /// The body is no JSON.
    pub(super) fn parse(message: impl AsRef<str>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, -32700, message)
    }

    /// The body is no message.
    pub(in crate::mcp) fn invalid(message: impl AsRef<str>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, -32600, message)
    }

    /// The message's parameters are wrong.
    pub(in crate::mcp) fn params(message: impl AsRef<str>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, -32602, message)
    }

    /// The headers are wrong, or do not say what the body says (MCP 2026-07-28, Server Validation).
    pub(in crate::mcp) fn mismatch(message: impl AsRef<str>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, -32020, message)
    }

    /// There is no such method (MCP 2026-07-28, Protocol Version Header).
    pub(in crate::mcp) fn no_method() -> Self {
        Self::new(StatusCode::NOT_FOUND, -32601, "Method not found")
    }

    /// A fault of ours.
    pub(in crate::mcp) fn internal(message: impl AsRef<str>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, -32603, message)
    }

    /// The same fault under another code.
    pub(in crate::mcp) fn coded(self, code: i32) -> Self {
        self.but(|told| told.code = code)
    }

    /// The same fault with data for programs.
    pub(in crate::mcp) fn data(self, data: Value) -> Self {
        self.but(|told| told.data = Some(data))
    }

    /// The same fault with one more header in its answer.
    pub(in crate::mcp) fn header(self, name: HeaderName, value: &'static str) -> Self {
        self.but(|told| told.header = Some((name, HeaderValue::from_static(value))))
    }

    /// The same fault as the answer to a request of this id.
    pub(in crate::mcp) fn of(self, id: &RawValue) -> Self {
        self.but(|told| told.id = Some(id.to_owned()))
    }

    /// The same fault about a notification.
    pub(in crate::mcp) fn of_a_notification(self) -> Self {
        self.but(|told| told.noted = true)
    }

    /// Whether it is about a notification.
    pub(in crate::mcp) fn is_of_a_notification(&self) -> bool {
        self.0.noted
    }

    /// What it is in HTTP, and in words.
    pub(super) fn told(&self) -> (StatusCode, &str) {
        (self.0.status, &self.0.message)
    }

    fn but(mut self, change: impl FnOnce(&mut Told)) -> Self {
        change(&mut self.0);
        self
    }

    /// The message that tells it. Where the id could not be read there is none (MCP 2026-07-28, Error Responses).
    pub(in crate::mcp) fn message(&self) -> Vec<u8> {
        self.0.message(&self.0.message, self.0.data.as_ref())
    }

    /// The answer over HTTP.
    pub(in crate::mcp) fn response(&self, source: &Source) -> Response {
        let Told { status, code, message, header, outside, .. } = &*self.0;
        let body = if *outside {
            let trace = source.trace.to_string();
            self.0.message(&format!("{message} (trace {trace})"), Some(&json!({ "trace_id": trace })))
        } else {
            self.message()
        };
        // Messages repeat the caller's own words, which are nobody's to log.
        tracing::debug!(status = status.as_u16(), code, "refused");
        let mut response = Response::builder().status(*status).content_type("application/json").body(body);
        if let Some((name, value)) = header {
            response.headers_mut().insert(name.clone(), value.clone());
        }
        response
    }
}

impl Told {
    fn message(&self, message: &str, data: Option<&Value>) -> Vec<u8> {
        let mut error = json!({ "code": self.code, "message": message });
        if let (Some(error), Some(data)) = (error.as_object_mut(), data) {
            error.insert("data".into(), data.clone());
        }
        let id = self.id.as_ref().map(|id| format!(r#""id":{id},"#)).unwrap_or_default();
        format!(r#"{{"jsonrpc":"2.0",{id}"error":{error}}}"#).into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(fault: &Fault) -> String {
        String::from_utf8(fault.message()).unwrap()
    }

    #[test]
    fn an_error_has_the_requests_id_byte_for_byte_or_none() {
        let fault = Fault::params("no").data(json!({ "uri": "x" }));
        let error = r#""error":{"code":-32602,"message":"no","data":{"uri":"x"}}}"#;
        assert_eq!(text(&fault), format!(r#"{{"jsonrpc":"2.0",{error}"#));
        let id: Box<RawValue> = serde_json::from_str("123456789012345678901234567890").unwrap();
        assert_eq!(text(&fault.of(&id)), format!(r#"{{"jsonrpc":"2.0","id":{id},{error}"#));
    }

    #[test]
    fn a_message_is_bounded_whatever_it_repeats() {
        assert!(Fault::invalid("é".repeat(10_000)).message().len() < 1000);
    }

    #[tokio::test]
    async fn what_is_wrong_with_http_quotes_the_trace() {
        let fault = Fault::http(StatusCode::METHOD_NOT_ALLOWED, "no").header(http::header::ALLOW, "POST");
        let source = Source::default();
        let response = fault.response(&source);
        assert_eq!((response.status().as_u16(), response.header("allow")), (405, Some("POST")));
        let told: Value = response.into_body().into_json().await.unwrap();
        let trace = source.trace.to_string();
        assert_eq!(told["error"]["data"], json!({ "trace_id": trace }));
        assert!(told["error"]["message"].as_str().unwrap().contains(&trace));
    }
}
