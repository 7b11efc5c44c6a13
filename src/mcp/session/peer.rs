//! The ways back to a caller with a session.

use super::{conversation::Conversation, question};
use crate::seam::{BoxFuture, Caller, Question, ToolError};
use rmcp::{
    RoleServer,
    model::{CustomNotification, ServerNotification},
    service::Peer,
};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

/// A caller that rmcp knows as a peer.
pub(super) struct PeerCaller(pub(super) Peer<RoleServer>);

impl Caller for PeerCaller {
    fn ask<'a>(&'a self, name: &'a str, question: Question) -> BoxFuture<'a, Result<Value, ToolError>> {
        Box::pin(async move { question::ask(&self.0, name, &question, None).await })
    }

    fn notify<'a>(&'a self, method: &'static str, params: Value) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let note = CustomNotification::new(method, Some(params));
            let sent = self.0.send_notification(ServerNotification::CustomNotification(note)).await;
            if let Err(error) = sent {
                tracing::debug!(%error, method, "a notification was not delivered");
            }
        })
    }
}

/// The stream of a request of a session over HTTP.
#[derive(Clone)]
pub(super) struct Way {
    pub(super) session: Arc<Conversation>,
    pub(super) stream: u64,
}

/// A caller who hears on the stream of the call's own request.
pub(super) struct StreamCaller {
    pub(super) peer: PeerCaller,
    pub(super) way: Way,
}

impl Caller for StreamCaller {
    fn ask<'a>(&'a self, name: &'a str, question: Question) -> BoxFuture<'a, Result<Value, ToolError>> {
        self.peer.ask(name, question)
    }

    fn notify<'a>(&'a self, method: &'static str, params: Value) -> BoxFuture<'a, ()> {
        let note = json!({ "jsonrpc": "2.0", "method": method, "params": params });
        self.way.session.note(self.way.stream, &note);
        Box::pin(std::future::ready(()))
    }

    fn hang_up(&self, back_in: Duration) {
        self.way.session.part(self.way.stream, back_in);
    }
}
