//! One task: how it stands, its questions, its end.

use super::question::Open;
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
    sync::{broadcast, oneshot, watch},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

/// The longest message on how a task stands, in characters.
pub(super) const LONGEST: usize = 200;

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
pub(super) enum Status {
    Working,
    Ended(End),
    Cancelled,
}

/// A call that goes on after its answer. It is the call's way back to its caller: questions wait in it.
pub(in crate::mcp) struct Task {
    pub(super) id: Arc<str>,
    owner: Owner,
    pub(super) created: Timestamp,
    pub(super) lives: Duration,
    until: Instant,
    cancel: CancellationToken,
    state: Mutex<State>,
    changed: Changed,
    news: watch::Sender<()>,
    _seat: Seat,
}

/// Where a task tells by its id that it stands otherwise than before.
pub(super) type Changed = broadcast::Sender<Arc<str>>;

pub(super) struct State {
    pub(super) status: Status,
    /// How often it has changed.
    pub(super) version: u64,
    pub(super) message: Option<String>,
    pub(super) updated: Timestamp,
    pub(super) open: BTreeMap<String, Open>,
    /// How many wanted to be asked.
    pub(super) turns: u64,
}

impl Task {
    pub(super) fn new(
        id: String,
        owner: Owner,
        lives: Duration,
        cancel: CancellationToken,
        seat: Seat,
        changed: Changed,
    ) -> Self {
        let created = Timestamp::now();
        let (status, open) = (Status::Working, BTreeMap::new());
        let state = State { status, version: 0, message: None, updated: created, open, turns: 0 };
        Self {
            id: id.into(),
            owner,
            created,
            lives,
            until: Instant::now() + lives,
            cancel,
            state: Mutex::new(state),
            changed,
            news: watch::Sender::default(),
            _seat: seat,
        }
    }

    pub(in crate::mcp) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn is_of(&self, owner: &Owner) -> bool {
        self.owner.is_same(owner)
    }

    /// What tells it from others in the order in which they were begun.
    pub(super) fn begun(&self) -> (Timestamp, &str) {
        (self.created, &self.id)
    }

    /// When it is forgotten.
    pub(super) const fn until(&self) -> Instant {
        self.until
    }

    pub(super) async fn cancelled(&self) {
        self.cancel.cancelled().await;
    }

    /// Tells when it stands otherwise than now, or a question of it waits for somebody.
    pub(in crate::mcp) fn news(&self) -> watch::Receiver<()> {
        self.news.subscribe()
    }

    /// Gives answers to its questions. Names that it does not know, and what is no answer, change nothing.
    pub(in crate::mcp) fn update(&self, answers: &Map<String, Value>) {
        for (name, answer) in answers {
            let fits = self.state().open.get(name).is_some_and(|open| open.question.accepts(answer));
            if fits {
                self.answer(name, Ok(answer.clone()));
            }
        }
    }

    /// Answers a question, or says why nobody does.
    pub(super) fn answer(&self, name: &str, answer: Result<Value, ToolError>) {
        self.change(|state| {
            // A call that does not wait any more needs no answer.
            state.open.remove(name).map(|open| drop(open.answer.send(answer))).is_some()
        });
    }

    /// Ends it where it stands; false for one that has ended, which stays as it is.
    pub(in crate::mcp) fn cancel(&self) -> bool {
        let goes_on = self.close(Status::Cancelled);
        self.cancel.cancel();
        goes_on
    }

    pub(super) fn end(&self, end: End) {
        self.close(Status::Ended(end));
    }

    fn close(&self, status: Status) -> bool {
        self.change(|state| {
            let goes_on = matches!(state.status, Status::Working);
            if goes_on {
                (state.status, state.message) = (status, None);
                state.open.clear();
            }
            goes_on
        })
    }

    /// Changes how it stands, and tells so where `change` says that it did.
    fn change(&self, change: impl FnOnce(&mut State) -> bool) -> bool {
        let mut state = self.state();
        let changed = change(&mut state);
        if changed {
            state.version += 1;
            state.updated = Timestamp::now();
            drop(state);
            // Nobody need listen.
            let _ = self.changed.send(self.id.clone());
            self.tell();
        }
        changed
    }

    /// Lets those look who wait for news of it.
    pub(super) fn tell(&self) {
        self.news.send_replace(());
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Caller for Task {
    fn ask<'a>(&'a self, name: &'a str, question: Question) -> BoxFuture<'a, Result<Value, ToolError>> {
        Box::pin(async move {
            let (answer, answered) = oneshot::channel();
            self.change(|state| {
                state.open.insert(name.to_owned(), Open { question, answer, taken: None });
                true
            });
            let ended = || ToolError::limited("the task has ended before it was answered");
            answered.await.unwrap_or_else(|_| Err(ended()))
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
        self.lives
    }
}
