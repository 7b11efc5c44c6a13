//! A question of a task on its way to somebody who answers it.

use super::Task;
use crate::seam::{Capabilities, Question, ToolError};
use serde_json::Value;
use std::sync::Arc;
use tokio::sync::oneshot;

/// A question that has no answer.
pub(super) struct Open {
    pub(super) question: Question,
    pub(super) answer: oneshot::Sender<Result<Value, ToolError>>,
    /// The turn of whoever is being asked.
    pub(super) taken: Option<u64>,
}

/// A question that somebody is being asked. It waits for the next one when this is dropped without an answer.
pub(in crate::mcp) struct Taken {
    task: Arc<Task>,
    turn: u64,
    pub(in crate::mcp) name: String,
    pub(in crate::mcp) question: Question,
}

impl Task {
    /// The turn of one more who wants to be asked: before all who came earlier.
    pub(in crate::mcp) fn next_turn(&self) -> u64 {
        let mut state = self.state();
        state.turns += 1;
        state.turns
    }

    /// A question that nobody is being asked who came later, for a client that can answer such.
    pub(in crate::mcp) fn take_question(self: &Arc<Self>, turn: u64, client: Capabilities) -> Option<Taken> {
        let mut state = self.state();
        let fits = |open: &Open| {
            let waits = open.taken.is_none_or(|by| by < turn) && !open.answer.is_closed();
            waits && open.question.missing(client).is_none()
        };
        let (name, open) = state.open.iter_mut().find(|(_, open)| fits(open))?;
        let before = open.taken.replace(turn);
        let taken = Taken { task: self.clone(), turn, name: name.clone(), question: open.question.clone() };
        drop(state);
        if before.is_some() {
            self.tell();
        }
        Some(taken)
    }
}

impl Taken {
    /// The id of the task.
    pub(in crate::mcp) fn task(&self) -> &str {
        self.task.id()
    }

    /// Ends when it is somebody else's to answer, or nobody's any more.
    pub(in crate::mcp) async fn lost(&self) {
        let mut news = self.task.news();
        while self.is_held() {
            // The task itself tells, and is held here.
            let _ = news.changed().await;
        }
    }

    fn is_held(&self) -> bool {
        self.task.state().open.get(&self.name).is_some_and(|open| open.taken == Some(self.turn))
    }

    /// Answers it, or says why nobody does.
    pub(in crate::mcp) fn answer(self, answer: Result<Value, ToolError>) {
        self.task.answer(&self.name, answer);
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let mut state = self.task.state();
        let own = state.open.get_mut(&self.name).filter(|open| open.taken == Some(self.turn));
        let Some(own) = own else { return };
        own.taken = None;
        drop(state);
        self.task.tell();
    }
}
