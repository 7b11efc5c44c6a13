//! From a request to a call of the registry that may ask, and back.

use super::{
    Reply, Request, Stateless,
    notes::{self, Notes},
    reply::{message, signed},
};
use crate::{
    mcp::{
        answer::Failure,
        asking::{Binding, NoAnswer, Outcome, Replay, Replayed},
        door::Fault,
    },
    registry::{Incoming, Unanswered},
    seam::{BoxFuture, Caller, Silent},
};
use http::{StatusCode, header};
use serde_json::{Map, Value, value::RawValue};
use std::sync::Arc;

/// A call that is about to be made.
pub(super) struct Calling {
    id: Box<RawValue>,
    incoming: Incoming,
    replay: Arc<Replay>,
    told: Option<Notes>,
}

impl Calling {
    /// The call that a request of this method asks for.
    ///
    /// # Errors
    /// It comes with answers that are none to what it asked.
    pub(super) fn new(
        all: &Stateless,
        method: &'static str,
        request: Request<'_>,
        arguments: Map<String, Value>,
    ) -> Result<Self, Fault> {
        let Request { id, name, mut params, meta, asker, .. } = request;
        let (listener, told): (Arc<dyn Caller>, _) = if meta.progress.is_some() || meta.log.is_some() {
            let (listener, told) = notes::listener();
            (Arc::new(listener), Some(told))
        } else {
            (Arc::new(Silent), None)
        };
        let binding = Binding {
            principal: asker.principal.clone(),
            method,
            name: name.clone(),
            arguments: arguments.clone(),
        };
        let (responses, state) = (params.take("inputResponses"), params.text("requestState")?);
        let replay = Arc::new(all.asking.replay(binding, responses, state.as_deref()).map_err(unusable)?);
        let incoming = Incoming {
            name,
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
        Ok(Self { id: id.to_owned(), incoming, replay, told })
    }

    /// Answers with what `run` makes of the call: a result, a fault, or what must be answered first.
    ///
    /// # Errors
    /// The call is not answered with a result, and no stream has begun.
    pub(super) async fn answer(
        self,
        run: impl FnOnce(Incoming) -> BoxFuture<'static, Result<Value, Fault>>,
    ) -> Result<Reply, Fault> {
        let Self { id, incoming, replay, told } = self;
        let mut call = run(incoming);
        let run = async move {
            let result = match replay.drive(&mut call).await {
                Outcome::Done(result) => result,
                Outcome::Ask(input) => Ok(signed(input.result())),
                Outcome::Refused(refused) => Err(unusable(refused)),
            };
            result.map(|result| message(&id, &result)).map_err(|fault| fault.of(&id))
        };
        notes::answer(Box::pin(run), told).await
    }

    /// The call itself, where nobody can be asked.
    pub(super) fn incoming(self) -> Incoming {
        self.incoming
    }
}

fn unusable(answers: NoAnswer) -> Fault {
    Fault::params(answers.to_string())
}

/// What is told instead of a resource, a prompt, a list or proposals. `uri` is that of the resource.
pub(super) fn fault(unanswered: &Unanswered, uri: Option<&str>) -> Fault {
    let Failure { code, message, data } = Failure::new(unanswered, uri);
    match (unanswered, code) {
        (Unanswered::Closing, _) => Fault::new(StatusCode::SERVICE_UNAVAILABLE, code, message)
            .data(data)
            .header(header::RETRY_AFTER, "5"),
        (_, -32602 | -32021) => Fault::new(StatusCode::BAD_REQUEST, code, message).data(data),
        // The server works: what it asked on the caller's behalf did not.
        _ => Fault::new(StatusCode::OK, code, message).data(data),
    }
}
