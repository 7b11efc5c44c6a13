//! The way back to a caller through rmcp.

use super::question;
use crate::seam::{BoxFuture, Caller, Question, ToolError};
use rmcp::{
    RoleServer,
    model::{CustomNotification, ServerNotification},
    service::Peer,
};
use serde_json::Value;

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
