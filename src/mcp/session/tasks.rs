//! Calls that go on as tasks, and `tasks/get`, `tasks/result`, `tasks/list`, `tasks/cancel` (MCP 2025-11-25, Tasks).

use super::{
    background::{self, Background, RELATED},
    handler::Handler,
    peer::{PeerCaller, Way},
    question, tools,
};
use crate::{
    mcp::{
        caller::Owner,
        pages::page,
        tasks::{End, Outcome, Taken, Task},
    },
    seam::Capabilities,
};
use futures_util::{StreamExt, stream::FuturesUnordered};
use rmcp::{
    ErrorData, RoleServer,
    model::ErrorCode,
    service::{Peer, RequestContext},
};
use serde_json::{Map, Value, json};
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// The most tasks of a page.
const PAGE: usize = 50;

impl Handler {
    /// Lets a call go on as a task, and answers with that.
    ///
    /// # Errors
    /// There is no room for it.
    pub(super) fn begin(
        &self,
        (name, arguments): (String, Map<String, Value>),
        lives: Duration,
        cx: RequestContext<RoleServer>,
    ) -> Result<Value, ErrorData> {
        // Neither the end of the request nor that of the session is the task's.
        let cancel = CancellationToken::new();
        let task = self.tasks.begin(&self.asker(&cx), self.owner(&cx), lives, cancel.clone());
        let full =
            || ErrorData::internal_error("too many tasks are kept; call again when some are over", None);
        let task = task.ok_or_else(full)?;
        let told = json!({ "task": task.shown(), "_meta": { RELATED: { "taskId": task.id() } } });
        let (peer, back) = (cx.peer.clone(), self.back(&cx));
        let mut incoming = self.incoming(name, arguments, cx);
        incoming.cancelled = cancel;
        incoming.capabilities.tasks = true;
        incoming.caller = Arc::new(Background {
            task: task.clone(),
            peer: PeerCaller(peer.clone()),
            progress: incoming.progress.is_some(),
        });
        // Progress says how the task stands, whoever asked for it.
        incoming.progress.get_or_insert_with(|| task.id().into());
        tokio::spawn(background::tell(task.clone(), PeerCaller(peer)));
        let registry = self.registry.clone();
        self.tasks.run(task, async move {
            match tools::answered(registry.call(incoming).await, &back) {
                Ok(result) => End::Completed(result),
                Err(error) => End::Failed(json!(error)),
            }
        });
        Ok(told)
    }

    /// Answers a request about tasks.
    pub(super) async fn ask_of_tasks(
        &self,
        method: &str,
        params: &Map<String, Value>,
        cx: &RequestContext<RoleServer>,
    ) -> Result<Value, ErrorData> {
        match method {
            "tasks/get" => Ok(json!(self.task(params, cx)?.shown())),
            "tasks/list" => self.list_tasks(params, cx),
            "tasks/cancel" => {
                let task = self.task(params, cx)?;
                if task.cancel() {
                    return Ok(json!(task.shown()));
                }
                let shown = task.shown();
                let status = shown.get("status").and_then(Value::as_str).unwrap_or_default();
                Err(wrong(format!("the task cannot be cancelled: it is {status} already")))
            }
            _ => {
                let task = self.task(params, cx)?;
                tokio::select! {
                    biased;
                    () = cx.ct.cancelled() => Err(wrong("the request was cancelled".into())),
                    result = result(&task, &cx.peer, self.capabilities(cx)) => result,
                }
            }
        }
    }

    fn list_tasks(
        &self,
        params: &Map<String, Value>,
        cx: &RequestContext<RoleServer>,
    ) -> Result<Value, ErrorData> {
        let cursor = match params.get("cursor") {
            None | Some(Value::Null) => None,
            Some(Value::String(cursor)) => Some(cursor.as_str()),
            Some(_) => return Err(wrong("`cursor` must be a string".into())),
        };
        let own = self.tasks.all(&self.owner(cx));
        let (tasks, next) =
            page(&own, |task| task.id(), cursor, PAGE).map_err(|none| wrong(none.to_string()))?;
        let mut result = Map::new();
        result.insert("tasks".into(), tasks.iter().map(|task| json!(task.shown())).collect());
        result.extend(next.map(|next| ("nextCursor".to_owned(), json!(next))));
        Ok(Value::Object(result))
    }

    /// The caller's task that a request names.
    fn task(
        &self,
        params: &Map<String, Value>,
        cx: &RequestContext<RoleServer>,
    ) -> Result<Arc<Task>, ErrorData> {
        let id = params.get("taskId").and_then(Value::as_str);
        let id = id.ok_or_else(|| wrong("`taskId` must be a string".into()))?;
        let task = self.tasks.get(&self.owner(cx), id);
        task.ok_or_else(|| wrong("there is no such task, or its time is over".into()))
    }

    fn owner(&self, cx: &RequestContext<RoleServer>) -> Owner {
        let asker = self.asker(cx);
        match cx.extensions.get::<Way>() {
            Some(way) => asker.owner_in(way.session.id()),
            None => asker.owner(),
        }
    }
}

fn wrong(message: String) -> ErrorData {
    ErrorData::invalid_params(message, None)
}

/// What a task comes to, when it has; until then this client is asked what the task asks, as far as it can be.
async fn result(task: &Arc<Task>, peer: &Peer<RoleServer>, client: Capabilities) -> Result<Value, ErrorData> {
    // Whoever asks for the result last is asked: a client that lost its connection comes again.
    let (turn, mut news, mut asking) = (task.next_turn(), task.news(), FuturesUnordered::new());
    loop {
        while let Some(question) = task.take_question(turn, client) {
            asking.push(ask(question, peer));
        }
        match task.outcome() {
            None => {}
            Some(Outcome::Result(result)) => return Ok(related(result, task.id())),
            Some(Outcome::Error(error)) => return Err(error_of(&error)),
            Some(Outcome::Cancelled) => return Err(wrong("the task was cancelled: it has no result".into())),
        }
        tokio::select! {
            Some(()) = asking.next() => {}
            // The task itself tells, and is held here.
            _ = news.changed() => {}
        }
    }
}

/// Asks the client what the task asks, until it answers or somebody else is asked.
async fn ask(question: Taken, peer: &Peer<RoleServer>) {
    tokio::select! {
        biased;
        () = question.lost() => {}
        answer = question::ask(peer, &question.name, &question.question, Some(question.task())) => {
            question.answer(answer);
        }
    }
}

/// The result with the task that it is of.
fn related(mut result: Value, task: &str) -> Value {
    if let Some(result) = result.as_object_mut() {
        let meta = result.entry("_meta").or_insert_with(|| json!({}));
        if let Some(meta) = meta.as_object_mut() {
            meta.insert(RELATED.into(), json!({ "taskId": task }));
        }
    }
    result
}

/// An error as a request was answered with it.
fn error_of(error: &Value) -> ErrorData {
    let failed = |_| ErrorData::new(ErrorCode::INTERNAL_ERROR, "the task failed", None);
    serde_json::from_value(error.clone()).unwrap_or_else(failed)
}
