//! The rmcp client on a running server, with answers that are easy to compare.

use super::running::Running;
use rmcp::{
    ClientHandler, RoleClient, ServiceExt,
    model::{CallToolRequestParams, ProgressNotificationParam, Tool},
    service::{NotificationContext, RunningService},
    transport::StreamableHttpClientTransport,
};
use serde_json::Value;
use std::sync::{Arc, Mutex};
use twenty_mcp::seam::ErrorKind;

/// A session of a client over HTTP.
pub struct Client {
    session: RunningService<RoleClient, Listener>,
    /// What the server lists.
    pub tools: Vec<Tool>,
    progress: Arc<Mutex<Vec<ProgressNotificationParam>>>,
}

/// A result of `tools/call`, as a test looks at it.
#[derive(Debug)]
pub struct Answer {
    /// The text for models.
    pub text: String,
    /// `structuredContent`.
    pub structured: Option<Value>,
    /// The kind of failure, if it is one.
    pub error: Option<ErrorKind>,
}

struct Listener(Arc<Mutex<Vec<ProgressNotificationParam>>>);

impl ClientHandler for Listener {
    async fn on_progress(&self, told: ProgressNotificationParam, _: NotificationContext<RoleClient>) {
        self.0.lock().unwrap().push(told);
    }
}

impl Client {
    /// Opens a session and lists the tools.
    pub async fn of(server: &Running) -> Self {
        let progress = Arc::default();
        let listener = Listener(Arc::clone(&progress));
        let session = listener.serve(StreamableHttpClientTransport::from_uri(server.mcp())).await.unwrap();
        let tools = session.list_all_tools().await.unwrap();
        Self { session, tools, progress }
    }

    /// Calls a tool; an error of the protocol or the connection fails the test.
    pub async fn call(&self, tool: &str, arguments: Value) -> Answer {
        let arguments = arguments.as_object().cloned().unwrap();
        let called = CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments);
        let result = self.session.call_tool(called).await.unwrap_or_else(|error| panic!("{tool}: {error}"));
        let result = serde_json::to_value(result).unwrap();
        let kind = &result["_meta"]["twenty-mcp/error"];
        let answer = Answer {
            text: result["content"][0]["text"].as_str().unwrap().to_owned(),
            structured: result.get("structuredContent").cloned(),
            error: (result["isError"] == true).then(|| named(kind)),
        };
        assert!(answer.error.is_some() || kind.is_null(), "{result}");
        assert!(!answer.text.is_empty(), "{tool} says nothing: {result}");
        if answer.error.is_none() {
            self.conforms(tool, answer.structured.as_ref().unwrap());
        }
        answer
    }

    /// What the server has told of its calls' progress, and forgets it.
    pub fn progress(&self) -> Vec<ProgressNotificationParam> {
        std::mem::take(&mut self.progress.lock().unwrap())
    }

    fn conforms(&self, tool: &str, structured: &Value) {
        let listed = self.tools.iter().find(|listed| listed.name == tool).unwrap();
        let schema = serde_json::to_value(listed.output_schema.as_ref().unwrap()).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let faults: Vec<String> = validator
            .iter_errors(structured)
            .map(|fault| format!("{}: {fault}", fault.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{tool} does not keep to its output schema: {faults:#?}\n{structured:#}");
    }
}

fn named(kind: &Value) -> ErrorKind {
    use ErrorKind::{Ambiguous, Conflict, Denied, Input, Internal, Limited, NotFound, Upstream};
    let kinds = [Input, NotFound, Ambiguous, Denied, Limited, Upstream, Conflict, Internal];
    kinds.into_iter().find(|known| kind == known.name()).unwrap_or_else(|| panic!("no kind of error: {kind}"))
}
