//! What went wrong, for programs and people (RFC 9457).

use crate::telemetry::Source;
use http::StatusCode;
use poem::{Body, Response};
use serde_json::{Map, Value, json};

/// The media type of problems.
pub(super) const PROBLEM: &str = "application/problem+json";

/// A status, what is wrong in words, and what else programs are told.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    members: Map<String, Value>,
}

impl Problem {
    /// A problem that its status names well enough.
    pub(super) fn new(status: StatusCode, detail: &str) -> Self {
        let mut members = Map::new();
        // What a problem is that has no page of its own (RFC 9457, section 4.2.1).
        members.insert("type".into(), json!("about:blank"));
        members.insert("title".into(), json!(status.canonical_reason()));
        members.insert("status".into(), json!(status.as_u16()));
        members.insert("detail".into(), json!(detail));
        Self { status, members }
    }

    /// The same with one more member, where there is one.
    pub(super) fn with(mut self, name: &str, value: Option<&str>) -> Self {
        self.members.extend(value.map(|value| (name.to_owned(), json!(value))));
        self
    }

    /// The answer, with the trace to quote to whoever can look into it.
    pub(super) fn response(mut self, source: &Source) -> Response {
        self.members.insert("trace_id".into(), json!(source.trace.to_string()));
        Response::builder()
            .status(self.status)
            .content_type(PROBLEM)
            .body(Body::from_string(Value::Object(self.members).to_string()))
    }
}
