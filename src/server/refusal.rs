//! A request that a guard turns away.

use super::{ip::Kept, problem::Problem};
use crate::telemetry::Source;
use http::StatusCode;
use poem::{Body, Response};
use serde_json::{Value, json};

/// A status and words a person understands, in the form of the route: JSON-RPC on `/mcp`, a problem elsewhere.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) message: &'static str,
}

impl Refusal {
    pub(super) const fn new(status: StatusCode, message: &'static str) -> Self {
        Self { status, message }
    }

    /// The answer, with the trace to quote to whoever can look into it.
    pub(super) fn response(&self, path: &str, source: &Source) -> Response {
        if path != "/mcp" {
            return Problem::new(self.status, self.message).response(source);
        }
        let trace = source.trace.to_string();
        // Internal error, Invalid Request: JSON-RPC 2.0, section 5.1.
        let code = if self.status.is_server_error() { -32603 } else { -32600 };
        // Many clients show the message and nothing else.
        let message = format!("{} (trace {trace})", self.message);
        let error = json!({ "code": code, "message": message, "data": { "trace_id": trace } });
        json_response(self.status, &json!({ "jsonrpc": "2.0", "error": error }))
    }
}

/// The answer to an address that may not ask, in the form that the TypeScript server gave it on every route.
pub(super) fn kept_out(kept: Kept, source: &Source) -> Response {
    let trace = source.trace.to_string();
    let body = json!({ "error": "forbidden", "error_description": kept.message(), "trace_id": trace });
    json_response(StatusCode::FORBIDDEN, &body)
}

/// A JSON answer with this status.
pub(super) fn json_response(status: StatusCode, body: &Value) -> Response {
    Response::builder()
        .status(status)
        .content_type("application/json")
        .body(Body::from_string(body.to_string()))
}
