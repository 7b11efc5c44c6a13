//! What clients are told of a task: in the stateless revision by the extension for tasks, in sessions by MCP 2025-11-25.

use super::{
    End, Task,
    task::{LONGEST, State, Status},
};
use serde_json::{Map, Value, json};

/// How long a client should wait before it asks again, in milliseconds.
const POLL: u32 = 500;

/// What became of a task's call, for clients with a session.
#[derive(Debug, PartialEq)]
pub(in crate::mcp) enum Outcome {
    /// It was answered with this result.
    Result(Value),
    /// It was answered with this error.
    Error(Value),
    /// It was cancelled.
    Cancelled,
}

impl Task {
    /// What a client that has just got the task is told of it (SEP-2663, `Task`).
    pub(in crate::mcp) fn summary(&self) -> Map<String, Value> {
        self.base(&self.state())
    }

    /// The same with what is asked, and with what it came to.
    pub(in crate::mcp) fn told(&self) -> Map<String, Value> {
        self.detailed(&self.state())
    }

    /// The same, with the number of its changes, where that is another one than `known`.
    pub(in crate::mcp) fn told_anew(&self, known: Option<u64>) -> Option<(u64, Map<String, Value>)> {
        let state = self.state();
        (known != Some(state.version)).then(|| (state.version, self.detailed(&state)))
    }

    fn detailed(&self, state: &State) -> Map<String, Value> {
        let mut told = self.base(state);
        if !state.open.is_empty() {
            let open = state.open.iter().map(|(name, open)| {
                let question = &open.question;
                (name.clone(), json!({ "method": question.method(), "params": question.params() }))
            });
            told.insert("inputRequests".into(), Value::Object(open.collect()));
        }
        match &state.status {
            Status::Ended(End::Completed(result)) => drop(told.insert("result".into(), result.clone())),
            Status::Ended(End::Failed(error)) => drop(told.insert("error".into(), error.clone())),
            Status::Working | Status::Cancelled => {}
        }
        told
    }

    fn base(&self, state: &State) -> Map<String, Value> {
        let mut told = self.stands(state.status(), state.message.as_deref(), state);
        told.insert("ttlMs".into(), self.lives());
        told.insert("pollIntervalMs".into(), json!(POLL));
        told
    }

    /// What clients with a session are told of it (MCP 2025-11-25, `Task`): there a tool's error is the task's failure.
    pub(in crate::mcp) fn shown(&self) -> Map<String, Value> {
        let state = self.state();
        let (status, message) = match &state.status {
            Status::Ended(End::Completed(result)) if result.get("isError") == Some(&json!(true)) => {
                ("failed", result.pointer("/content/0/text").and_then(Value::as_str))
            }
            Status::Ended(End::Failed(error)) => ("failed", error.get("message").and_then(Value::as_str)),
            _ => (state.status(), state.message.as_deref()),
        };
        let message: Option<String> = message.map(|message| message.chars().take(LONGEST).collect());
        let mut told = self.stands(status, message.as_deref(), &state);
        told.insert("ttl".into(), self.lives());
        told.insert("pollInterval".into(), json!(POLL));
        told
    }

    /// Whether it has not ended.
    pub(in crate::mcp) fn goes_on(&self) -> bool {
        matches!(self.state().status, Status::Working)
    }

    /// What became of it; none while it goes on.
    pub(in crate::mcp) fn outcome(&self) -> Option<Outcome> {
        match &self.state().status {
            Status::Working => None,
            Status::Ended(End::Completed(result)) => Some(Outcome::Result(result.clone())),
            Status::Ended(End::Failed(error)) => Some(Outcome::Error(error.clone())),
            Status::Cancelled => Some(Outcome::Cancelled),
        }
    }

    fn stands(&self, status: &str, message: Option<&str>, state: &State) -> Map<String, Value> {
        let mut told = Map::new();
        told.insert("taskId".into(), json!(&*self.id));
        told.insert("status".into(), json!(status));
        told.extend(message.map(|message| ("statusMessage".to_owned(), json!(message))));
        told.insert("createdAt".into(), json!(format!("{:.3}", self.created)));
        told.insert("lastUpdatedAt".into(), json!(format!("{:.3}", state.updated)));
        told
    }

    fn lives(&self) -> Value {
        json!(u64::try_from(self.lives.as_millis()).unwrap_or(u64::MAX))
    }
}

impl State {
    fn status(&self) -> &'static str {
        match &self.status {
            Status::Working if self.open.is_empty() => "working",
            Status::Working => "input_required",
            Status::Ended(End::Completed(_)) => "completed",
            Status::Ended(End::Failed(_)) => "failed",
            Status::Cancelled => "cancelled",
        }
    }
}
