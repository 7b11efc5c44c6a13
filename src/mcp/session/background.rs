//! The way back to a client whose call goes on as a task.

use super::peer::PeerCaller;
use crate::{
    mcp::tasks::Task,
    seam::{BoxFuture, Caller, Question, ToolError},
};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

/// The member of `_meta` that says which task a message is about (MCP 2025-11-25, `RelatedTaskMetadata`).
pub(super) const RELATED: &str = "io.modelcontextprotocol/related-task";

/// A caller whose questions wait in a task, and who hears in the session what is said on the way.
pub(super) struct Background {
    pub(super) task: Arc<Task>,
    pub(super) peer: PeerCaller,
    /// Whether the client wants to hear of progress.
    pub(super) progress: bool,
}

impl Caller for Background {
    fn ask<'a>(&'a self, name: &'a str, question: Question) -> BoxFuture<'a, Result<Value, ToolError>> {
        self.task.ask(name, question)
    }

    fn notify<'a>(&'a self, method: &'static str, mut params: Value) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            self.task.notify(method, params.clone()).await;
            if method == "notifications/progress" && !self.progress {
                return;
            }
            if let Some(params) = params.as_object_mut() {
                params.insert("_meta".into(), json!({ RELATED: { "taskId": self.task.id() } }));
            }
            self.peer.notify(method, params).await;
        })
    }

    fn grants(&self) -> Duration {
        self.task.grants()
    }
}

/// Tells the client whenever the task stands otherwise, until it has ended (MCP 2025-11-25, Task Status Notification).
pub(super) async fn tell(task: Arc<Task>, peer: PeerCaller) {
    let (mut news, mut known) = (task.news(), json!("working"));
    loop {
        let (goes_on, shown) = (task.goes_on(), task.shown());
        if let Some(status) = shown.get("status").filter(|status| **status != known).cloned() {
            known = status;
            peer.notify("notifications/tasks/status", Value::Object(shown)).await;
        }
        if !goes_on || peer.0.is_transport_closed() {
            return;
        }
        // The task itself tells, and is held here.
        let _ = news.changed().await;
    }
}
