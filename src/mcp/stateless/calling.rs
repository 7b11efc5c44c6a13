//! From a request to a call of the registry that may ask, and back.

use super::{
    Reply, Request, Stateless,
    notes::{self, Notes},
    reply::{message, signed},
    tasks,
};
use crate::{
    mcp::{
        answer::Failure,
        asking::{Binding, NoAnswer, Outcome, Replay, Replayed},
        caller::Asker,
        door::Fault,
        tasks::{LIVES, Leaving, Task, Tasks},
    },
    registry::{Incoming, Unanswered},
    seam::{BoxFuture, Caller, Connect, Silent},
};
use http::{StatusCode, header};
use serde::Serialize;
use serde_json::{Map, Value, value::RawValue};
use std::{sync::Arc, time::Duration};

/// How long a call that may go on as a task is waited for: what is done by then needs none.
const AT_ONCE: Duration = Duration::from_millis(500);

/// A call that is about to be made.
pub(super) struct Calling {
    id: Box<RawValue>,
    incoming: Incoming,
    replay: Arc<Replay>,
    asker: Asker,
    listener: Arc<dyn Caller>,
    told: Option<Notes>,
    leaving: Option<(Tasks, Arc<Leaving>)>,
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
            keys: asker.keys.clone(),
            method,
            name: name.clone(),
            arguments: serde_json::to_string(&arguments).unwrap_or_default(),
        };
        let (responses, state) = (params.take("inputResponses"), params.text("requestState")?);
        let replay = Arc::new(all.asking.replay(binding, responses, state.as_deref()).map_err(unusable)?);
        let incoming = Incoming {
            name,
            arguments,
            trace: asker.trace(meta.traceparent.as_deref()),
            principal: asker.principal.clone(),
            keys: asker.keys.clone(),
            app: meta.app,
            capabilities: meta.capabilities,
            caller: Arc::new(Replayed(replay.clone(), listener.clone())),
            cancelled: asker.cancelled.clone(),
            progress: meta.progress,
            log: meta.log,
            client: asker.source.client,
        };
        Ok(Self { id: id.to_owned(), incoming, replay, asker, listener, told, leaving: None })
    }

    /// The same call, which goes on as a task when it comes to its effect.
    pub(super) fn leaving(mut self, tasks: &Tasks) -> Self {
        let leaving = Arc::new(Leaving::new(self.replay.clone(), self.listener.clone()));
        self.incoming.caller = leaving.clone();
        self.leaving = Some((tasks.clone(), leaving));
        self
    }

    /// Answers with a task, as which the call goes on from its beginning.
    ///
    /// # Errors
    /// There is no room for it.
    pub(super) fn begin<T: Serialize, F>(
        self,
        tasks: &Tasks,
        run: impl FnOnce(Incoming) -> F,
    ) -> Result<Reply, Fault>
    where
        F: Future<Output = Result<T, Fault>> + Send + 'static,
    {
        let Self { id, mut incoming, asker, .. } = self;
        let task = begun(tasks, &asker).ok_or_else(tasks::full)?;
        incoming.caller = task.clone();
        incoming.progress = Some(task.id().into());
        let call = run(incoming);
        tasks.run(task.clone(), async move { tasks::end(call.await) });
        Ok(Reply::result(&id, &tasks::begun(&task)))
    }

    /// Answers with what `run` makes of the call: a result, a fault, or what must be answered first.
    ///
    /// # Errors
    /// The call is not answered with a result, and no stream has begun.
    pub(super) async fn answer<T: Serialize + Send + 'static>(
        self,
        run: impl FnOnce(Incoming) -> BoxFuture<'static, Result<T, Fault>>,
    ) -> Result<Reply, Fault> {
        let Self { id, incoming, replay, asker, told, leaving, .. } = self;
        let mut call = run(incoming);
        let run = async move {
            let answered = match replay.drive(&mut call).await {
                Outcome::Done(result) => result.map(|result| message(&id, &result)),
                Outcome::Ask(input) => Ok(message(&id, &signed(input.result()))),
                Outcome::Refused(refused) => Err(unusable(refused)),
                Outcome::Left => left(&id, call, leaving, &asker).await,
            };
            answered.map_err(|fault| fault.of(&id))
        };
        notes::answer(Box::pin(run), told).await
    }

    /// By which the caller can be sent to a page, where their client can do that.
    pub(super) fn asks(&self) -> Option<Arc<Replay>> {
        self.incoming.capabilities.url.then(|| self.replay.clone())
    }

    /// The call itself, where nobody can be asked.
    pub(super) fn incoming(self) -> Incoming {
        self.incoming
    }
}

/// Answers a call that its caller need not wait for: as it is where it is done at once, else with a task.
async fn left<T: Serialize + Send + 'static>(
    id: &RawValue,
    mut call: BoxFuture<'static, Result<T, Fault>>,
    leaving: Option<(Tasks, Arc<Leaving>)>,
    asker: &Asker,
) -> Result<Vec<u8>, Fault> {
    let done = |done: Result<T, Fault>| done.map(|result| message(id, &result));
    if let Ok(at_once) = tokio::time::timeout(AT_ONCE, &mut call).await {
        return done(at_once);
    }
    let task = leaving.and_then(|(tasks, leaving)| Some((begun(&tasks, asker)?, tasks, leaving)));
    // Where there is no room for a task its caller waits.
    let Some((task, tasks, leaving)) = task else { return done(call.await) };
    leaving.becomes(task.clone());
    tasks.run(task.clone(), async move { tasks::end(call.await) });
    Ok(message(id, &tasks::begun(&task)))
}

/// The question that sends a caller without a key to a page; none where nobody can be asked by it, or they will not go.
///
/// # Errors
/// It cannot be asked once more.
pub(super) fn connecting(connect: Option<&Connect>, asks: Option<&Replay>) -> Result<Option<Value>, Fault> {
    let (Some(connect), Some(replay)) = (connect, asks) else { return Ok(None) };
    let asked = replay.connect(connect).map_err(unusable)?;
    Ok(asked.map(|input| signed(input.result())))
}

/// What a caller gets in the place of a resource or a prompt: a question first, where that helps.
///
/// # Errors
/// What went wrong.
pub(super) fn unanswered(
    error: &Unanswered,
    uri: Option<&str>,
    asks: Option<&Replay>,
) -> Result<Value, Fault> {
    let connect = match error {
        Unanswered::Failed(error) => error.connect(),
        Unanswered::Closing => None,
    };
    connecting(connect, asks)?.ok_or_else(|| fault(error, uri))
}

/// A new task of this caller's.
fn begun(tasks: &Tasks, asker: &Asker) -> Option<Arc<Task>> {
    tasks.begin(asker, asker.owner(), LIVES, asker.cancelled.clone())
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
