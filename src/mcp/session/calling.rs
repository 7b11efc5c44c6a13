//! From a request of rmcp's to a call of the registry.

use super::{
    handler::Handler,
    peer::{PeerCaller, StreamCaller, Way},
};
use crate::{registry::Incoming, seam::Capabilities};
use rmcp::{RoleServer, service::RequestContext};
use serde_json::{Map, Value};
use std::sync::Arc;

impl Handler {
    /// A request as a call of the registry.
    pub(super) fn incoming(
        &self,
        name: String,
        arguments: Map<String, Value>,
        cx: RequestContext<RoleServer>,
    ) -> Incoming {
        let asker = self.asker(&cx);
        let can = cx.client_capabilities().and_then(|can| serde_json::to_value(can).ok());
        Incoming {
            name,
            arguments,
            trace: asker.trace(cx.meta.get("traceparent").and_then(Value::as_str)),
            principal: asker.principal,
            keys: asker.keys,
            // Tasks are for the stateless revision.
            capabilities: Capabilities {
                tasks: false,
                ..can.as_ref().map(Capabilities::read).unwrap_or_default()
            },
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
}
