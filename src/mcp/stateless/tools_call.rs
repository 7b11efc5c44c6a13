//! `tools/call`: to the registry, as a call of any other way in.

use super::{
    Reply, Request, Stateless, mirrors, notes,
    reply::{complete, message, signed},
};
use crate::{
    mcp::{
        answer::called,
        asking::{Binding, NoAnswer, Outcome, Replayed},
        door::Fault,
    },
    registry::{Answer, Incoming, Lacking, Refused},
    seam::{Caller, Silent},
};
use http::{StatusCode, header};
use serde_json::json;
use std::sync::Arc;

pub(super) async fn answer(all: &Stateless, request: Request<'_>) -> Result<Reply, Fault> {
    let Request { id, name, mut params, meta, headers, asker } = request;
    let arguments = params.object("arguments")?.unwrap_or_default();
    if let (Some(headers), Some(tool)) = (headers, all.registry.tool(&name)) {
        mirrors::check(tool.mirrored(), &arguments, headers)?;
    }
    let (listener, told): (Arc<dyn Caller>, _) = if meta.progress.is_some() || meta.log.is_some() {
        let (listener, told) = notes::listener();
        (Arc::new(listener), Some(told))
    } else {
        (Arc::new(Silent), None)
    };
    let binding = Binding {
        principal: asker.principal.clone(),
        method: "tools/call",
        name: name.clone(),
        arguments: arguments.clone(),
    };
    let (responses, state) = (params.take("inputResponses"), params.text("requestState")?);
    let replay = Arc::new(all.asking.replay(binding, responses, state.as_deref()).map_err(unusable)?);
    let incoming = Incoming {
        tool: name,
        arguments,
        trace: asker.trace(meta.traceparent.as_deref()),
        principal: asker.principal,
        capabilities: meta.capabilities,
        caller: Arc::new(Replayed(replay.clone(), listener)),
        cancelled: asker.cancelled,
        progress: meta.progress,
        log: meta.log,
        client: asker.source.client,
    };
    let (registry, id) = (all.registry.clone(), id.to_owned());
    let run = async move {
        let mut call = Box::pin(registry.call(incoming));
        let result = match replay.drive(&mut call).await {
            Outcome::Done(Ok(Answer { lacking: Some(lacking), .. })) => Err(lacks(&lacking)),
            Outcome::Done(Ok(answer)) => Ok(complete(called(answer))),
            Outcome::Done(Err(refused)) => Err(fault(&refused)),
            Outcome::Ask(input) => Ok(signed(input.result())),
            Outcome::Refused(refused) => Err(unusable(refused)),
        };
        result.map(|result| message(&id, &result)).map_err(|fault| fault.of(&id))
    };
    notes::answer(Box::pin(run), told).await
}

fn unusable(answers: NoAnswer) -> Fault {
    Fault::params(answers.to_string())
}

fn lacks(lacking: &Lacking) -> Fault {
    let data = json!({ "requiredCapabilities": lacking.capabilities });
    Fault::new(StatusCode::BAD_REQUEST, -32021, &lacking.message).data(data)
}

fn fault(refused: &Refused) -> Fault {
    match refused {
        Refused::Unknown { .. } => Fault::params(refused.to_string()),
        Refused::Closing => Fault::new(StatusCode::SERVICE_UNAVAILABLE, -32603, refused.to_string())
            .header(header::RETRY_AFTER, "5"),
    }
}
