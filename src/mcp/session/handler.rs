//! rmcp's handler: every request goes to the registry.

// Logging is deprecated since 2026-07-28; clients of earlier revisions set its level by a method of its own.
#![allow(deprecated)]

use super::peer::{PeerCaller, tell_changes};
use crate::{
    mcp::{
        answer,
        asking::{Asking, Binding, NoAnswer, Outcome, Replayed},
        caller::Asker,
        identity::{INSTRUCTIONS, Identity, capabilities},
        pages::{PAGE, page},
        revisions,
    },
    registry::{Answer, Incoming, Refused, Registry},
    seam::{Caller, Capabilities, LogLevel, Principal},
    telemetry::Source,
};
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ErrorCode, InputRequiredResult,
        ListToolsResult, PaginatedRequestParams, ProtocolVersion, ServerConfig, SetLevelRequestParams, Tool,
    },
    service::{NotificationContext, RequestContext},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::{
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

/// The member of `_meta` in which a request over stdio says what it wants to hear (MCP 2026-07-28, Logging).
const LOG_LEVEL: &str = "io.modelcontextprotocol/logLevel";

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
    asking: Asking,
    tools: Arc<Vec<Tool>>,
    entrance: Entrance,
    session: Arc<Session>,
}

/// What one client has told of itself.
#[derive(Debug)]
struct Session {
    /// The least grave log messages that it wants.
    log: Mutex<LogLevel>,
    /// Whether it hears of changes.
    listens: AtomicBool,
}

impl Default for Session {
    /// Before a client says a level the server may choose (MCP 2025-11-25, Logging).
    fn default() -> Self {
        Self { log: Mutex::new(LogLevel::Info), listens: AtomicBool::new(false) }
    }
}

impl Handler {
    /// # Errors
    /// A tool's definition is none that rmcp understands.
    pub(super) fn new(
        registry: Arc<Registry>,
        asking: Asking,
        entrance: Entrance,
    ) -> Result<Self, serde_json::Error> {
        let tools = registry.tools().iter().map(|tool| serde_json::from_value(tool.definition().clone()));
        let tools = Arc::new(tools.collect::<Result<Vec<Tool>, _>>()?);
        Ok(Self { registry, asking, tools, entrance, session: Arc::default() })
    }

    /// The same handler for another client.
    pub(super) fn fresh(&self) -> Self {
        Self { session: Arc::default(), ..self.clone() }
    }

    fn asker(&self, cx: &RequestContext<RoleServer>) -> Asker {
        let parts = cx.extensions.get::<::http::request::Parts>();
        let asker = parts.map(|parts| Asker::of(&parts.extensions));
        match (self.entrance, asker) {
            (Entrance::Http, Some(asker)) => Asker { cancelled: cx.ct.clone(), ..asker },
            (entrance, _) => {
                let principal = match entrance {
                    Entrance::Stdio => Principal::Local,
                    Entrance::Http => Principal::Anonymous,
                };
                Asker { principal, source: Source::default(), cancelled: cx.ct.clone() }
            }
        }
    }
}

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        typed(json!({
            "protocolVersion": revisions::SESSIONS[0],
            "capabilities": capabilities(),
            "serverInfo": Identity,
            "instructions": INSTRUCTIONS,
        }))
        .unwrap_or_default()
    }

    async fn on_initialized(&self, cx: NotificationContext<RoleServer>) {
        if !self.session.listens.swap(true, Ordering::Relaxed) {
            tokio::spawn(tell_changes(cx.peer, self.registry.changes().listen()));
        }
    }

    async fn set_level(
        &self,
        request: SetLevelRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let name = serde_json::to_value(request.level).unwrap_or_default();
        let level = name.as_str().and_then(LogLevel::named);
        let level = level.ok_or_else(|| ErrorData::invalid_params("there is no such level", None))?;
        *self.session.log.lock().unwrap_or_else(PoisonError::into_inner) = level;
        Ok(())
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let cursor = request.and_then(|request| request.cursor);
        let (tools, next) = page(&self.tools, |tool| tool.name.as_ref(), cursor.as_deref(), PAGE)
            .map_err(|none| ErrorData::invalid_params(none.to_string(), None))?;
        let mut result = ListToolsResult::with_all_items(tools.to_vec());
        result.next_cursor = next;
        Ok(result)
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.tools.iter().find(|tool| tool.name == name).cloned()
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let asker = self.asker(&cx);
        let stateless = cx.protocol_version().is_some_and(|version| version >= ProtocolVersion::V_2026_07_28);
        let log = if stateless {
            cx.meta.get(LOG_LEVEL).and_then(Value::as_str).and_then(LogLevel::named)
        } else {
            Some(*self.session.log.lock().unwrap_or_else(PoisonError::into_inner))
        };
        let can = cx.client_capabilities().and_then(|can| serde_json::to_value(can).ok());
        let (tool, arguments) = (request.name.into_owned(), request.arguments.unwrap_or_default());
        let peer: Arc<dyn Caller> = Arc::new(PeerCaller(cx.peer));
        let (caller, replay): (Arc<dyn Caller>, _) = if stateless {
            let binding = Binding {
                principal: asker.principal.clone(),
                method: "tools/call",
                name: tool.clone(),
                arguments: arguments.clone(),
            };
            let responses = request.input_responses.and_then(|given| serde_json::to_value(given).ok());
            let replay = self.asking.replay(binding, responses, request.request_state.as_deref());
            let replay = Arc::new(replay.map_err(unusable)?);
            (Arc::new(Replayed(replay.clone(), peer)), Some(replay))
        } else {
            (peer, None)
        };
        let incoming = Incoming {
            tool,
            arguments,
            trace: asker.trace(cx.meta.get("traceparent").and_then(Value::as_str)),
            principal: asker.principal,
            capabilities: can.as_ref().map(Capabilities::read).unwrap_or_default(),
            caller,
            cancelled: asker.cancelled,
            progress: cx.meta.get_progress_token().and_then(|token| serde_json::to_value(token).ok()),
            log,
            client: asker.source.client,
        };
        let mut run = pin!(self.registry.call(incoming));
        let outcome = match replay {
            Some(replay) => replay.drive(&mut run).await,
            None => Outcome::Done(run.await),
        };
        match outcome {
            Outcome::Done(Ok(Answer { lacking: Some(lacking), .. })) if stateless => {
                let data = json!({ "requiredCapabilities": lacking.capabilities });
                let code = ErrorCode::MISSING_REQUIRED_CLIENT_CAPABILITY;
                Err(ErrorData::new(code, lacking.message, Some(data)))
            }
            Outcome::Done(Ok(answer)) => {
                let mut result = answer::called(answer);
                result.extend(stateless.then(|| ("resultType".to_owned(), json!("complete"))));
                typed::<CallToolResult>(Value::Object(result)).map(Into::into)
            }
            Outcome::Done(Err(refused @ Refused::Unknown { .. })) => {
                Err(ErrorData::invalid_params(refused.to_string(), None))
            }
            Outcome::Done(Err(refused @ Refused::Closing)) => {
                Err(ErrorData::internal_error(refused.to_string(), None))
            }
            Outcome::Ask(input) => {
                typed::<InputRequiredResult>(Value::Object(input.result())).map(Into::into)
            }
            Outcome::Refused(refused) => Err(unusable(refused)),
        }
    }
}

fn unusable(answers: NoAnswer) -> ErrorData {
    ErrorData::invalid_params(answers.to_string(), None)
}

fn typed<T: DeserializeOwned>(value: Value) -> Result<T, ErrorData> {
    serde_json::from_value(value).map_err(|error| ErrorData::internal_error(error.to_string(), None))
}
