//! `tasks/get`, `tasks/update`, `tasks/cancel` (SEP-2663), and calls that are answered with a task.

use super::{
    Reply, Request, Stateless,
    reply::{complete, signed},
};
use crate::{
    mcp::{
        answer::ERROR_KIND,
        door::Fault,
        tasks::{End, Task},
    },
    seam::{ErrorKind, TASKS},
};
use http::{StatusCode, header};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub(super) async fn get(all: &Stateless, request: Request<'_>) -> Result<Reply, Fault> {
    Ok(Reply::result(request.id, &complete(task(all, &request)?.told())))
}

pub(super) async fn update(all: &Stateless, mut request: Request<'_>) -> Result<Reply, Fault> {
    let task = task(all, &request)?;
    task.update(&request.params.needed_object("inputResponses")?);
    Ok(Reply::result(request.id, &complete(Map::new())))
}

pub(super) async fn cancel(all: &Stateless, request: Request<'_>) -> Result<Reply, Fault> {
    task(all, &request)?.cancel();
    Ok(Reply::result(request.id, &complete(Map::new())))
}

/// The caller's task that a request names.
fn task(all: &Stateless, request: &Request<'_>) -> Result<Arc<Task>, Fault> {
    if !request.meta.capabilities.tasks {
        return Err(unknown_to());
    }
    let task = all.tasks.get(&request.asker.owner(), &request.name);
    task.ok_or_else(|| Fault::params("there is no such task, or its time is over"))
}

/// What a client is told of tasks that does not say that it knows them.
pub(super) fn unknown_to() -> Fault {
    let data = json!({ "requiredCapabilities": { "extensions": { TASKS: {} } } });
    let message = "this is for clients that say they know tasks";
    Fault::new(StatusCode::BAD_REQUEST, -32021, message).data(data)
}

/// The answer to a call that goes on as a task (SEP-2663, `CreateTaskResult`).
pub(super) fn begun(task: &Task) -> Value {
    let mut result = task.summary();
    result.insert("resultType".into(), json!("task"));
    signed(result)
}

/// A call that finds no room for its task.
pub(super) fn full() -> Fault {
    let message = "too many tasks are kept; try again when some of them are over";
    Fault::new(StatusCode::TOO_MANY_REQUESTS, -32603, message).header(header::RETRY_AFTER, "60")
}

/// What a call comes to as a task: faults of ours are its failure, every other answer is its result.
pub(super) fn end(answer: Result<impl Serialize, Fault>) -> End {
    let result = match answer {
        Ok(result) => json!(result),
        Err(fault) => {
            let message = serde_json::from_slice::<Value>(&fault.message()).unwrap_or_default();
            return End::Failed(message.get("error").cloned().unwrap_or_default());
        }
    };
    let kind = result.get("_meta").and_then(|meta| meta.get(ERROR_KIND));
    if kind.is_none_or(|kind| kind != ErrorKind::Internal.name()) {
        return End::Completed(result);
    }
    let text = result.pointer("/content/0/text").and_then(Value::as_str);
    End::failed(text.unwrap_or("a fault of the server"))
}
