//! `tools/call`: to the registry, as a call of any other way in.

use super::{
    Reply, Request, Stateless, mirrors, notes,
    reply::{complete, message},
};
use crate::{
    mcp::{answer::called, door::Fault},
    registry::{Incoming, Refused},
    seam::{Caller, Silent},
};
use http::{StatusCode, header};
use std::sync::Arc;

pub(super) async fn answer(all: &Stateless, request: Request<'_>) -> Result<Reply, Fault> {
    let Request { id, name, mut params, meta, headers, asker } = request;
    let arguments = params.object("arguments")?.unwrap_or_default();
    if let (Some(headers), Some(tool)) = (headers, all.registry.tool(&name)) {
        mirrors::check(tool.mirrored(), &arguments, headers)?;
    }
    let (caller, told): (Arc<dyn Caller>, _) = if meta.progress.is_some() || meta.log.is_some() {
        let (listener, told) = notes::listener();
        (Arc::new(listener), Some(told))
    } else {
        (Arc::new(Silent), None)
    };
    let incoming = Incoming {
        tool: name,
        arguments,
        trace: asker.trace(meta.traceparent.as_deref()),
        principal: asker.principal,
        caller,
        cancelled: asker.cancelled,
        progress: meta.progress,
        log: meta.log,
        client: asker.source.client,
    };
    let (registry, id) = (all.registry.clone(), id.to_owned());
    let run = async move {
        match registry.call(incoming).await {
            Ok(answer) => Ok(message(&id, &complete(called(answer)))),
            Err(refused) => Err(fault(&refused).of(&id)),
        }
    };
    notes::answer(Box::pin(run), told).await
}

fn fault(refused: &Refused) -> Fault {
    match refused {
        Refused::Unknown { .. } => Fault::params(refused.to_string()),
        Refused::Closing => Fault::new(StatusCode::SERVICE_UNAVAILABLE, -32603, refused.to_string())
            .header(header::RETRY_AFTER, "5"),
    }
}
