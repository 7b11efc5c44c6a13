//! From a request of rmcp's to a call of the registry.

use super::{
    handler::Handler,
    peer::{PeerCaller, StreamCaller, Way},
    waiting::{self, Back},
};
use crate::{registry::Incoming, seam::Capabilities};
use rmcp::{RoleServer, model::ClientCapabilities, service::RequestContext};
use serde_json::{Map, Value};
use std::sync::Arc;

impl Handler {
    /// What the client can do.
    pub(super) fn capabilities(&self, cx: &RequestContext<RoleServer>) -> Capabilities {
        can(cx.client_capabilities())
    }

    /// A request as a call of the registry.
    pub(super) fn incoming(
        &self,
        name: String,
        arguments: Map<String, Value>,
        cx: RequestContext<RoleServer>,
    ) -> Incoming {
        let asker = self.asker(&cx);
        let capabilities = self.capabilities(&cx);
        Incoming {
            name,
            arguments,
            trace: asker.trace(cx.meta.get("traceparent").and_then(Value::as_str)),
            principal: asker.principal,
            keys: asker.keys,
            app: waiting::app(&cx.peer),
            capabilities,
            caller: match cx.extensions.get::<Way>().cloned() {
                Some(way) => Arc::new(StreamCaller { peer: PeerCaller(cx.peer), way }),
                None => Arc::new(PeerCaller(cx.peer)),
            },
            cancelled: asker.cancelled,
            progress: cx.meta.get_progress_token().and_then(|token| serde_json::to_value(token).ok()),
            log: Some(self.client.log()),
            client: asker.source.client,
        }
    }

    /// How the client of a request is told what it gets instead of an answer.
    pub(super) fn back(&self, cx: &RequestContext<RoleServer>) -> Back {
        Back { waiting: self.waiting.clone(), peer: cx.peer.clone(), client: cx.client_capabilities() }
    }
}

/// What a client can do that says this. In a session it need not know tasks: a call is one where the client says so.
pub(super) fn can(client: Option<ClientCapabilities>) -> Capabilities {
    let said = client.and_then(|client| serde_json::to_value(client).ok());
    Capabilities { tasks: false, ..said.as_ref().map(Capabilities::read).unwrap_or_default() }
}
