//! One task: how it stands, its questions, its end.

use super::LIVES;
use crate::{
    mcp::{caller::Owner, seats::Seat},
    seam::{BoxFuture, Caller, Question, ToolError},
};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{broadcast, oneshot},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

/// How long a client should wait before it asks again, in milliseconds.
const POLL: u32 = 500;
/// The longest message on how a task stands, in characters.
const LONGEST: usize = 200;

/// What a task came to.
#[derive(Debug)]
pub(in crate::mcp) enum End {
    /// The result of the call.
    Completed(Value),
    /// The error that it would have been answered with.
    Failed(Value),
}

impl End {
    /// A fault of ours, in words.
    pub(in crate::mcp) fn failed(message: &str) -> Self {
        Self::Failed(json!({ "code": -32603, "message": message }))
    }

    pub(super) fn size(&self) -> usize {
        let (Self::Completed(value) | Self::Failed(value)) = self;
        value.to_string().len()
    }
}

/// How a task stands.
enum Status {
    Working,
    Ended(End),
    Cancelled,
}

/// A call that goes on after its answer. It is the call's way back to its caller: questions wait in it.
pub(in crate::mcp) struct Task {
    id: Arc<str>,
    owner: Owner,
    created: Timestamp,
    until: Instant,
    cancel: CancellationToken,
    state: Mutex<State>,
    changed: Changed,
    _seat: Seat,
}

/// Where a task tells by its id that it stands otherwise than before.
pub(super) type Changed = broadcast::Sender<Arc<str>>;

struct State {
    status: Status,
    /// How often it has changed.
    version: u64,
    message: Option<String>,
    updated: Timestamp,
    open: BTreeMap<String, (Question, oneshot::Sender<Value>)>,
}

impl Task {
    pub(super) fn new(
        id: String,
        owner: Owner,
        cancel: CancellationToken,
        seat: Seat,
        changed: Changed,
    ) -> Self {
        let created = Timestamp::now();
        let (status, open) = (Status::Working, BTreeMap::new());
        let state = State { status, version: 0, message: None, updated: created, open };
        Self {
            id: id.into(),
            owner,
            created,
            until: Instant::now() + LIVES,
            cancel,
            state: Mutex::new(state),
            changed,
            _seat: seat,
        }
    }

    pub(in crate::mcp) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn is_of(&self, owner: &Owner) -> bool {
        self.owner.is_same(owner)
    }

    /// When it is forgotten.
    pub(super) const fn until(&self) -> Instant {
        self.until
    }

    pub(super) async fn cancelled(&self) {
        self.cancel.cancelled().await;
    }

    /// What a client that has just got the task is told of it (SEP-2663, `Task`).
    pub(in crate::mcp) fn summary(&self) -> Map<String, Value> {
        self.base(&self.state())
    }

    /// The same with what is asked, and with what it came to.
    pub(in crate::mcp) fn told(&self) -> Map<String, Value> {
        self.detailed(&self.state())
    }

    /// The same, with the number of its changes, where that is another one than `known`.
    pub(in crate::mcp) fn told_anew(&self, known: Option<u64>) -> Option<(u64, Map<String, Value>)> {
        let state = self.state();
        (known != Some(state.version)).then(|| (state.version, self.detailed(&state)))
    }

    fn detailed(&self, state: &State) -> Map<String, Value> {
        let mut told = self.base(state);
        if !state.open.is_empty() {
            let open = state.open.iter().map(|(name, (question, _))| {
                (name.clone(), json!({ "method": question.method(), "params": question.params() }))
            });
            told.insert("inputRequests".into(), Value::Object(open.collect()));
        }
        match &state.status {
            Status::Ended(End::Completed(result)) => drop(told.insert("result".into(), result.clone())),
            Status::Ended(End::Failed(error)) => drop(told.insert("error".into(), error.clone())),
            Status::Working | Status::Cancelled => {}
        }
        told
    }

    fn base(&self, state: &State) -> Map<String, Value> {
        let status = match &state.status {
            Status::Working if state.open.is_empty() => "working",
            Status::Working => "input_required",
            Status::Ended(End::Completed(_)) => "completed",
            Status::Ended(End::Failed(_)) => "failed",
            Status::Cancelled => "cancelled",
        };
        let mut told = Map::new();
        told.insert("taskId".into(), json!(&*self.id));
        told.insert("status".into(), json!(status));
        told.extend(state.message.as_ref().map(|message| ("statusMessage".to_owned(), json!(message))));
        told.insert("createdAt".into(), json!(format!("{:.3}", self.created)));
        told.insert("lastUpdatedAt".into(), json!(format!("{:.3}", state.updated)));
        told.insert("ttlMs".into(), json!(u64::try_from(LIVES.as_millis()).unwrap_or(u64::MAX)));
        told.insert("pollIntervalMs".into(), json!(POLL));
        told
    }

    /// Gives answers to its questions. Names that it does not know, and what is no answer, change nothing.
    pub(in crate::mcp) fn update(&self, answers: &Map<String, Value>) {
        for (name, answer) in answers {
            self.change(|state| {
                let fits = state.open.get(name).is_some_and(|(question, _)| question.accepts(answer));
                let waiting = fits.then(|| state.open.remove(name)).flatten();
                // A call that does not wait any more needs no answer.
                waiting.map(|(_, waiting)| drop(waiting.send(answer.clone()))).is_some()
            });
        }
    }

    /// Ends it where it stands; one that has ended stays as it is.
    pub(in crate::mcp) fn cancel(&self) {
        self.close(Status::Cancelled);
        self.cancel.cancel();
    }

    pub(super) fn end(&self, end: End) {
        self.close(Status::Ended(end));
    }

    fn close(&self, status: Status) {
        self.change(|state| {
            let goes_on = matches!(state.status, Status::Working);
            if goes_on {
                (state.status, state.message) = (status, None);
                state.open.clear();
            }
            goes_on
        });
    }

    /// Changes how it stands, and tells so where `change` says that it did.
    fn change(&self, change: impl FnOnce(&mut State) -> bool) {
        let mut state = self.state();
        if change(&mut state) {
            state.version += 1;
            state.updated = Timestamp::now();
            drop(state);
            // Nobody need listen.
            let _ = self.changed.send(self.id.clone());
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Caller for Task {
    fn ask<'a>(&'a self, name: &'a str, question: Question) -> BoxFuture<'a, Result<Value, ToolError>> {
        Box::pin(async move {
            let (answer, answered) = oneshot::channel();
            self.change(|state| {
                state.open.insert(name.to_owned(), (question, answer));
                true
            });
            answered.await.map_err(|_| ToolError::limited("the task has ended before it was answered"))
        })
    }

    /// Progress is told to whoever asks how the task stands; nobody hears the rest.
    fn notify<'a>(&'a self, _: &'static str, params: Value) -> BoxFuture<'a, ()> {
        if let Some(message) = params.get("message").and_then(Value::as_str) {
            self.change(|state| {
                state.message = Some(message.chars().take(LONGEST).collect());
                true
            });
        }
        Box::pin(async {})
    }

    fn grants(&self) -> Duration {
        LIVES
    }
}
