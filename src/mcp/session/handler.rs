//! rmcp's handler: every request goes to the registry.

use super::peer::PeerCaller;
use crate::{
    mcp::{INSTRUCTIONS, SERVER_NAME, answer},
    registry::{Incoming, Refused, Registry},
    seam::{Principal, Trace},
    telemetry::Source,
};
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ListToolsResult, PaginatedRequestParams,
        ProtocolVersion, ServerConfig, Tool,
    },
    service::RequestContext,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::Arc;

/// How a handler learns who calls.
#[derive(Clone, Copy)]
pub(super) enum Entrance {
    /// Over stdio: the person at this machine.
    Stdio,
    /// Over HTTP: whom the bearer guard found.
    Http,
}

/// Answers the requests of one session, or of one stateless call.
#[derive(Clone)]
pub(super) struct Handler {
    registry: Arc<Registry>,
    tools: Arc<Vec<Tool>>,
    entrance: Entrance,
}

impl Handler {
    /// # Errors
    /// A tool's definition is none that rmcp understands.
    pub(super) fn new(registry: Arc<Registry>, entrance: Entrance) -> Result<Self, serde_json::Error> {
        let tools = registry.tools().iter().map(|tool| serde_json::from_value(tool.definition().clone()));
        let tools = Arc::new(tools.collect::<Result<Vec<Tool>, _>>()?);
        Ok(Self { registry, tools, entrance })
    }

    /// Who calls, and from where.
    fn origin(&self, cx: &RequestContext<RoleServer>) -> (Principal, Source) {
        let parts = cx.extensions.get::<::http::request::Parts>();
        let source = parts.map(|parts| Source::of(&parts.extensions)).unwrap_or_default();
        let principal = match self.entrance {
            Entrance::Stdio => Principal::Local,
            Entrance::Http => {
                let found = parts.and_then(|parts| parts.extensions.get::<Principal>());
                found.cloned().unwrap_or(Principal::Anonymous)
            }
        };
        (principal, source)
    }
}

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        typed(json!({
            "protocolVersion": "2025-11-25",
            "capabilities": { "tools": {} },
            "serverInfo": {
                "name": SERVER_NAME,
                "title": "twenty-mcp",
                "version": env!("CARGO_PKG_VERSION"),
            },
            "instructions": INSTRUCTIONS,
        }))
        .unwrap_or_default()
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items((*self.tools).clone()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.tools.iter().find(|tool| tool.name == name).cloned()
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let (principal, source) = self.origin(&cx);
        let progress = cx.meta.get_progress_token().and_then(|token| serde_json::to_value(token).ok());
        let said = cx.meta.get("traceparent").and_then(Value::as_str);
        let trace = said.map_or_else(|| source.trace.another(), |said| Trace::new(Some(said)));
        let stateless = cx.protocol_version().is_some_and(|version| version >= ProtocolVersion::V_2026_07_28);
        let incoming = Incoming {
            tool: request.name.into_owned(),
            arguments: request.arguments.unwrap_or_default(),
            principal,
            caller: Arc::new(PeerCaller(cx.peer)),
            cancelled: cx.ct,
            progress,
            trace,
            client: source.client,
        };
        match self.registry.call(incoming).await {
            Ok(answer) => {
                let mut result = answer::called(answer);
                result.extend(stateless.then(|| ("resultType".to_owned(), json!("complete"))));
                typed::<CallToolResult>(Value::Object(result)).map(Into::into)
            }
            Err(refused @ Refused::Unknown { .. }) => {
                Err(ErrorData::invalid_params(refused.to_string(), None))
            }
            Err(refused @ Refused::Closing) => Err(ErrorData::internal_error(refused.to_string(), None)),
        }
    }
}

fn typed<T: DeserializeOwned>(value: Value) -> Result<T, ErrorData> {
    serde_json::from_value(value).map_err(|error| ErrorData::internal_error(error.to_string(), None))
}
