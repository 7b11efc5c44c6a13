//! From a request of rmcp's to a call of the registry that may ask, and back.

use super::{
    handler::{Handler, typed},
    peer::PeerCaller,
};
use crate::{
    mcp::asking::{Binding, NoAnswer, Outcome, Replay, Replayed},
    registry::Incoming,
    seam::{Caller, Capabilities, LogLevel},
};
use rmcp::{
    ErrorData, RoleServer,
    model::{InputRequiredResult, InputResponses, ProtocolVersion},
    service::RequestContext,
};
use serde_json::{Map, Value};
use std::{pin::pin, sync::Arc};

/// The member of `_meta` in which a request over stdio says what it wants to hear (MCP 2026-07-28, Logging).
const LOG_LEVEL: &str = "io.modelcontextprotocol/logLevel";

/// A request that may be answered with questions.
pub(super) struct Asked {
    /// The protocol's method.
    pub(super) method: &'static str,
    /// A tool's or prompt's name, or a resource's address.
    pub(super) name: String,
    pub(super) arguments: Map<String, Value>,
    /// What the client answers, and the state that came with the questions.
    pub(super) responses: Option<InputResponses>,
    pub(super) state: Option<String>,
}

/// Whether a request over stdio is one of the stateless revision.
pub(super) fn is_stateless(cx: &RequestContext<RoleServer>) -> bool {
    cx.protocol_version().is_some_and(|version| version >= ProtocolVersion::V_2026_07_28)
}

impl Handler {
    /// A request as a call of the registry.
    pub(super) fn incoming(
        &self,
        name: String,
        arguments: Map<String, Value>,
        cx: RequestContext<RoleServer>,
    ) -> Incoming {
        let asker = self.asker(&cx);
        let log = if is_stateless(&cx) {
            cx.meta.get(LOG_LEVEL).and_then(Value::as_str).and_then(LogLevel::named)
        } else {
            Some(self.client.log())
        };
        let can = cx.client_capabilities().and_then(|can| serde_json::to_value(can).ok());
        Incoming {
            name,
            arguments,
            trace: asker.trace(cx.meta.get("traceparent").and_then(Value::as_str)),
            principal: asker.principal,
            keys: asker.keys,
            // Tasks are for the stateless revision over HTTP.
            capabilities: Capabilities {
                tasks: false,
                ..can.as_ref().map(Capabilities::read).unwrap_or_default()
            },
            caller: Arc::new(PeerCaller(cx.peer)),
            cancelled: asker.cancelled,
            progress: cx.meta.get_progress_token().and_then(|token| serde_json::to_value(token).ok()),
            log,
            client: asker.source.client,
        }
    }

    /// Answers with what `run` makes of the call, or with what must be answered first: a client with a session is asked
    /// on the way, others by replay.
    pub(super) async fn ask<T: From<InputRequiredResult>, F: Future<Output = Result<T, ErrorData>>>(
        &self,
        asked: Asked,
        cx: RequestContext<RoleServer>,
        run: impl FnOnce(Incoming) -> F,
    ) -> Result<T, ErrorData> {
        let Asked { method, name, arguments, responses, state } = asked;
        let stateless = is_stateless(&cx);
        let mut incoming = self.incoming(name, arguments, cx);
        if !stateless {
            return run(incoming).await;
        }
        let binding = Binding {
            principal: incoming.principal.clone(),
            keys: incoming.keys.clone(),
            method,
            name: incoming.name.clone(),
            arguments: incoming.arguments.clone(),
        };
        let responses = responses.and_then(|given| serde_json::to_value(given).ok());
        let replay: Arc<Replay> =
            Arc::new(self.asking.replay(binding, responses, state.as_deref()).map_err(unusable)?);
        let peer: Arc<dyn Caller> = incoming.caller;
        incoming.caller = Arc::new(Replayed(replay.clone(), peer));
        match replay.drive(&mut pin!(run(incoming))).await {
            Outcome::Done(done) => done,
            Outcome::Ask(input) => {
                typed::<InputRequiredResult>(Value::Object(input.result())).map(Into::into)
            }
            Outcome::Refused(refused) => Err(unusable(refused)),
            Outcome::Left => Err(ErrorData::internal_error("the call was left without a task", None)),
        }
    }
}

fn unusable(answers: NoAnswer) -> ErrorData {
    ErrorData::invalid_params(answers.to_string(), None)
}
