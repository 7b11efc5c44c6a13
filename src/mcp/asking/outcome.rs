//! How a run of a call ended.

use super::NoAnswer;
use serde_json::{Map, Value, json};

/// How a run of a call ended.
#[derive(Debug)]
pub(in crate::mcp) enum Outcome<T> {
    /// It is done.
    Done(T),
    /// It cannot go on without answers.
    Ask(InputRequired),
    /// What the caller answered cannot be used.
    Refused(NoAnswer),
    /// It goes on without its caller, from where it stands.
    Left,
}

/// What the caller must answer before the call can go on (MCP 2026-07-28, `InputRequiredResult`).
#[derive(Debug)]
pub(in crate::mcp) struct InputRequired {
    /// The questions by name, each a request's method and parameters.
    pub(in crate::mcp) requests: Map<String, Value>,
    /// What to bring back with the answers.
    pub(in crate::mcp) state: String,
}

impl InputRequired {
    /// As the protocol's result.
    pub(in crate::mcp) fn result(self) -> Map<String, Value> {
        let mut result = Map::new();
        result.insert("resultType".into(), json!("input_required"));
        result.insert("inputRequests".into(), Value::Object(self.requests));
        result.insert("requestState".into(), json!(self.state));
        result
    }
}
