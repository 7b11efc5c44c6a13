//! What rmcp has other words for, or none: requests about tools and tasks pass through it as requests of others, and a
//! session's beginning says more than rmcp does.

use crate::{registry::Registry, seam::Task};
use rmcp::model::{
    ClientRequest, CustomRequest, CustomResult, InitializeResult, JsonRpcRequest, ProtocolVersion,
    ServerResult,
};
use serde_json::{Value, json};

/// What a request of a session is to rmcp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::mcp) enum Kind {
    /// It opens the session.
    Begins,
    /// One that it knows.
    Known,
    /// One about tools or tasks.
    Own,
    /// The same, where a client asks again and again, and waits for one message and no stream.
    Polls,
}

impl Kind {
    /// What requests of this method are.
    pub(super) fn of(method: &str) -> Self {
        match method {
            "initialize" => Self::Begins,
            "tools/list" | "tools/call" | "tasks/result" => Self::Own,
            "tasks/get" | "tasks/list" | "tasks/cancel" => Self::Polls,
            _ => Self::Known,
        }
    }

    /// Reads a request for rmcp, whose own types would drop words of MCP 2025-11-25.
    ///
    /// # Errors
    /// It is no request.
    pub(super) fn read(self, request: &[u8]) -> Result<JsonRpcRequest<ClientRequest>, serde_json::Error> {
        match self {
            Self::Begins | Self::Known => serde_json::from_slice(request),
            Self::Own | Self::Polls => {
                let JsonRpcRequest { jsonrpc, id, request } =
                    serde_json::from_slice::<JsonRpcRequest<CustomRequest>>(request)?;
                Ok(JsonRpcRequest { jsonrpc, id, request: ClientRequest::CustomRequest(request) })
            }
        }
    }
}

/// What this server has for sessions of MCP 2025-11-25 alone.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Offer {
    /// Calls that go on as tasks.
    tasks: bool,
}

impl Offer {
    pub(super) fn of(registry: &Registry) -> Self {
        let tasks = registry.tools().iter().any(|tool| tool.task() != Task::Never);
        Self { tasks: tasks || registry.is_live() }
    }

    /// Whether there are tasks in a session of this revision.
    pub(super) fn has_tasks(self, revision: Option<&ProtocolVersion>) -> bool {
        self.tasks && revision == Some(&ProtocolVersion::V_2025_11_25)
    }

    /// Adds to the beginning of a session what rmcp cannot say.
    pub(super) fn tell(self, result: &mut ServerResult) {
        if let ServerResult::InitializeResult(begun) = result
            && self.has_tasks(Some(&begun.protocol_version))
        {
            *result = ServerResult::CustomResult(CustomResult::new(with_tasks(begun)));
        }
    }
}

fn with_tasks(begun: &InitializeResult) -> Value {
    let mut told = json!(begun);
    if let Some(Value::Object(capabilities)) = told.get_mut("capabilities") {
        let calls = json!({ "tools": { "call": {} } });
        capabilities.insert("tasks".into(), json!({ "list": {}, "cancel": {}, "requests": calls }));
    }
    told
}
