//! The way back to a caller through rmcp.

use super::question;
use crate::seam::{BoxFuture, Caller, Change, Question, ToolError};
use rmcp::{
    RoleServer,
    model::{CustomNotification, ServerNotification},
    service::Peer,
};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::timeout,
};

/// How often is looked whether a client that nothing is told is still there.
const LOOK: Duration = Duration::from_secs(30);

/// A caller that rmcp knows as a peer.
pub(super) struct PeerCaller(pub(super) Peer<RoleServer>);

impl Caller for PeerCaller {
    fn ask<'a>(&'a self, name: &'a str, question: Question) -> BoxFuture<'a, Result<Value, ToolError>> {
        Box::pin(async move {
            let answer = question::ask(&self.0, &question).await?;
            match question.accepts(&answer) {
                true => Ok(answer),
                false => Err(ToolError::input(format_args!("the client's answer to `{name}` does not fit"))
                    .hint("call again, and let the user be asked again")),
            }
        })
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

/// Tells a client of every change of a list, as long as it is there.
pub(super) async fn tell_changes(peer: Peer<RoleServer>, mut changes: Receiver<Change>) {
    while !peer.is_transport_closed() {
        match timeout(LOOK, changes.recv()).await {
            // Who missed some takes everything for changed.
            Ok(Ok(Change::Tools) | Err(RecvError::Lagged(_))) => {
                PeerCaller(peer.clone()).notify("notifications/tools/list_changed", json!({})).await;
            }
            Ok(Ok(_)) | Err(_) => {}
            Ok(Err(RecvError::Closed)) => return,
        }
    }
}
