//! The way back to a caller whose call becomes a task when it comes to its effect.

use super::Task;
use crate::{
    mcp::asking::{Replay, Replayed},
    seam::{BoxFuture, Caller, Halt, Question, ToolError},
};
use serde_json::Value;
use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

/// A caller who is asked by replay until the call commits, and looks after a task from then on.
pub(in crate::mcp) struct Leaving {
    before: Replayed,
    replay: Arc<Replay>,
    after: OnceLock<Arc<Task>>,
}

impl Leaving {
    pub(in crate::mcp) fn new(replay: Arc<Replay>, notes: Arc<dyn Caller>) -> Self {
        Self { before: Replayed(replay.clone(), notes), replay, after: OnceLock::new() }
    }

    /// The call goes on as this task.
    pub(in crate::mcp) fn becomes(&self, task: Arc<Task>) {
        // It leaves once.
        let _ = self.after.set(task);
    }
}

impl Caller for Leaving {
    fn ask<'a>(&'a self, name: &'a str, question: Question) -> BoxFuture<'a, Result<Value, ToolError>> {
        self.before.ask(name, question)
    }

    fn commit(&self) -> BoxFuture<'_, Result<(), ToolError>> {
        Box::pin(async {
            self.before.commit().await?;
            self.replay.leave().await;
            Ok(())
        })
    }

    fn notify<'a>(&'a self, method: &'static str, params: Value) -> BoxFuture<'a, ()> {
        match self.after.get() {
            Some(task) => task.notify(method, params),
            None => self.before.notify(method, params),
        }
    }

    fn halt(&self) -> Option<Halt> {
        self.before.halt()
    }

    fn grants(&self) -> Duration {
        self.after.get().map_or(Duration::ZERO, |task| task.grants())
    }
}
