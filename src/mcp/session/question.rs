//! A question as a request of the server, on the way of a call.

use super::background::RELATED;
use crate::seam::{ANSWER_WITHIN, Question, ToolError};
use rmcp::{
    RoleServer,
    model::{CancelledNotificationParam, CustomRequest, RequestId, ServerRequest},
    service::{Peer, PeerRequestOptions, ServiceError},
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The most that is told of what a client says of its refusal, in characters.
const LONGEST: usize = 200;

/// Asks, for the task of this id where there is one, and waits for the answer; a client is told when nobody waits for it
/// any more.
///
/// # Errors
/// The client refuses, has left, does not answer in time, or its answer does not fit.
pub(super) async fn ask(
    peer: &Peer<RoleServer>,
    name: &str,
    question: &Question,
    task: Option<&str>,
) -> Result<Value, ToolError> {
    let mut params = question.params();
    if let (Question::Url { .. }, Some(params)) = (question, params.as_object_mut()) {
        // MCP 2025-11-25, `ElicitRequestURLParams`.
        params.insert("elicitationId".into(), json!(Uuid::new_v4()));
    }
    // A custom request keeps the JSON as it is; rmcp's own types would drop words that they do not know.
    let request = ServerRequest::CustomRequest(CustomRequest::new(question.method(), Some(params)));
    let mut options = PeerRequestOptions::no_options();
    options.timeout = Some(ANSWER_WITHIN);
    options.meta = task.map(|task| Map::from_iter([(RELATED.to_owned(), json!({ "taskId": task }))]).into());
    let asked = peer.send_cancellable_request(request, options).await.map_err(unanswered)?;
    let mut open = Open { peer: peer.clone(), request: Some(asked.id.clone()) };
    let answer = asked.await_response().await;
    open.request = None;
    let answer = serde_json::to_value(answer.map_err(unanswered)?)
        .map_err(|error| ToolError::internal(format_args!("the client's answer is no JSON: {error}")))?;
    match question.accepts(&answer) {
        true => Ok(answer),
        false => Err(ToolError::input(format_args!("the client's answer to `{name}` does not fit"))
            .hint("call again, and let the user be asked again")),
    }
}

/// A request of ours that the client has not answered.
struct Open {
    peer: Peer<RoleServer>,
    request: Option<RequestId>,
}

impl Drop for Open {
    fn drop(&mut self) {
        let Some(request) = self.request.take() else { return };
        let (peer, reason) = (self.peer.clone(), Some("the call has ended".to_owned()));
        tokio::spawn(async move {
            let told = CancelledNotificationParam::new(Some(request), reason);
            // A client that has left need not be told.
            let _ = peer.notify_cancelled(told).await;
        });
    }
}

fn unanswered(error: ServiceError) -> ToolError {
    match error {
        ServiceError::McpError(said) => {
            let said: String = said.message.chars().take(LONGEST).collect();
            ToolError::denied(format_args!("the client refused to ask: {said}"))
        }
        ServiceError::Timeout { .. } => ToolError::limited(format_args!(
            "nobody answered within {} minutes",
            ANSWER_WITHIN.as_secs() / 60
        ))
        .hint("call again when somebody is there to answer"),
        error => ToolError::limited(format_args!("the question could not be asked: {error}")),
    }
}
