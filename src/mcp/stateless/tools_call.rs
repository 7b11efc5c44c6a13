//! `tools/call`: to the registry, as a call of any other way in.

use super::{
    Reply, Request, Stateless,
    calling::{Calling, connecting},
    mirrors,
    reply::{Whole, whole},
};
use crate::{
    mcp::{answer::called, door::Fault},
    registry::{Answer, Refused},
    seam::{Task, ToolError},
};
use http::{StatusCode, header};
use serde_json::json;

pub(super) async fn answer(all: &Stateless, mut request: Request<'_>) -> Result<Reply, Fault> {
    let arguments = request.params.object("arguments")?.unwrap_or_default();
    let asker = &request.asker;
    let tool = all.registry.tool_for(&request.name, &asker.principal, &asker.keys).await;
    if let (Some(headers), Some(tool)) = (request.headers, &tool) {
        mirrors::check(tool.mirrored(), &arguments, headers)?;
    }
    let task = tool.map_or(Task::Never, |tool| tool.task());
    let task = if request.meta.capabilities.tasks { task } else { Task::Never };
    let registry = all.registry.clone();
    let call = Calling::new(all, "tools/call", request, arguments)?;
    // Who waits for a task is asked nothing by its result.
    let asks = call.asks().filter(|_| !matches!(task, Task::Offer | Task::Require));
    let run = |incoming| async move {
        match registry.call(incoming).await {
            Ok(Answer { error: Some(error), .. }) if error.required_capabilities().is_some() => {
                Err(lacks(&error))
            }
            Ok(answer) => {
                match connecting(answer.error.as_ref().and_then(ToolError::connect), asks.as_deref())? {
                    Some(asked) => Ok(Whole::Written(asked)),
                    None => Ok(whole(called(answer))),
                }
            }
            Err(refused) => Err(fault(&refused)),
        }
    };
    match task {
        Task::Never => call.answer(|incoming| Box::pin(run(incoming))).await,
        Task::OnCommit => call.leaving(&all.tasks).answer(|incoming| Box::pin(run(incoming))).await,
        Task::Offer | Task::Require => call.begin(&all.tasks, run),
    }
}

/// What is told to a client that cannot do what the call needs.
fn lacks(error: &ToolError) -> Fault {
    let data = json!({ "requiredCapabilities": error.required_capabilities() });
    Fault::new(StatusCode::BAD_REQUEST, -32021, error.message()).data(data)
}

fn fault(refused: &Refused) -> Fault {
    match refused {
        Refused::Unknown { .. } => Fault::params(refused.to_string()),
        Refused::Closing => Fault::new(StatusCode::SERVICE_UNAVAILABLE, -32603, refused.to_string())
            .header(header::RETRY_AFTER, "5"),
    }
}
