//! Taking back what a caller changed.

use super::{
    changes::{
        entry::{BatchState, Change, ChangeState},
        owner::Owner,
        plan::{Plan, Planning},
        revert::{Left, revert},
    },
    pack::Twenty,
};
use crate::seam::{Call, Effect, Task, Tool, ToolError};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Display};

/// How many changes a list shows.
const LISTED: usize = 20;

/// Take back your last change made with these tools, or the one given; `list` shows your changes instead.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Undo {
    /// A change's id, from `list`.
    change: Option<String>,
    list: Option<bool>,
    #[serde(flatten)]
    planning: Planning,
}
crate::register!(Undo);

/// What was taken back, or what could be.
#[derive(Default, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Undone {
    /// The change that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<Noted>,
    /// Records that were put back.
    #[serde(skip_serializing_if = "Option::is_none")]
    reverted: Option<usize>,
    /// Records that already are as they were before the change: it never reached them, or they were put back.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_before: Option<usize>,
    /// Records that stay as they are, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left: Vec<Left>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<Plan>,
    /// The newest changes, where they were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changes: Vec<Noted>,
}

/// A change as the journal has it.
#[derive(Serialize, schemars::JsonSchema)]
struct Noted {
    id: String,
    at: String,
    tool: String,
    state: Stage,
    /// Records that the workspace said it changed.
    applied: usize,
    /// Records of which nothing is known: the call broke off.
    unknown: usize,
    /// Records that surely were not changed.
    refused: usize,
}

/// How far a change got.
#[derive(Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Stage {
    /// It began, and nothing says that it ended.
    Running,
    /// All of it was made.
    Done,
    /// It ended early.
    Failed,
    /// It was taken back.
    Undone,
}

impl Tool for Undo {
    const NAME: &'static str = "undo";
    const EFFECT: Effect = Effect::Delete;
    const TASK: Task = Task::OnCommit;
    type Pack = Twenty;
    type Output = Undone;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Undone, ToolError> {
        let writer = twenty.writer(&cx, Self::NAME, &self.planning).await?.of_any_size();
        let (journal, owner) = (twenty.journal(), Owner::of(&cx.principal, writer.records().credential()));
        if self.list.unwrap_or(false) {
            let changes = journal.last(owner, LISTED).await?;
            return Ok(Undone { changes: changes.iter().map(noted).collect(), ..Undone::default() });
        }
        let history = journal.last(owner, usize::from(u8::MAX)).await?;
        let change = match &self.change {
            Some(id) => {
                let unknown = || {
                    ToolError::not_found("there is no such change of yours").hint("call with `list: true`")
                };
                let id = id.trim().parse().map_err(|_| unknown())?;
                journal.change(owner, id).await?.ok_or_else(unknown)?
            }
            None => {
                let open = |change: &Change| change.state != ChangeState::Undone && change.tool != Self::NAME;
                let last = history.iter().find(|change| open(change)).cloned();
                last.ok_or_else(|| ToolError::not_found("there is no change of yours to take back"))?
            }
        };
        if change.state == ChangeState::Undone {
            return Err(ToolError::conflict(format_args!("change {} was taken back already", change.id)));
        }
        let back = revert(writer.records(), &cx, &change, &history).await?;
        let mut undone = Undone {
            change: Some(noted(&change)),
            as_before: Some(back.as_before),
            left: back.left,
            ..Undone::default()
        };
        if writer.shows() {
            undone.plan = writer.write(cx, |draft| draft.extend(&back.steps)).await?.plan;
            return Ok(undone);
        }
        // Where nothing can be done, too: a plan holds, and is applied once.
        let written = writer.write(cx, |draft| draft.extend(&back.steps)).await?;
        let made = written.record.map(|made| made.all).unwrap_or_default();
        let made = made.iter().filter(|record| !record.is_null()).count();
        undone.reverted = Some(made);
        // What stays as it is was not taken back, and is not said to have been.
        if made > 0 || undone.left.is_empty() {
            journal.finish(owner, change.id, ChangeState::Undone).await?;
        }
        Ok(undone)
    }

    fn text(undone: &Undone) -> Option<String> {
        Some(undone.to_string())
    }
}

fn noted(change: &Change) -> Noted {
    let count = |state: BatchState| -> usize {
        change.batches.iter().filter(|batch| batch.state == state).map(|batch| batch.items.len()).sum()
    };
    let applied = change
        .batches
        .iter()
        .map(|batch| batch.items.iter().filter(|item| batch.reached(item)).count())
        .sum();
    Noted {
        id: change.id.to_string(),
        at: change.at.to_string(),
        tool: change.tool.clone(),
        state: match change.state {
            ChangeState::Running => Stage::Running,
            ChangeState::Done => Stage::Done,
            ChangeState::Failed => Stage::Failed,
            ChangeState::Undone => Stage::Undone,
        },
        applied,
        unknown: count(BatchState::Pending),
        refused: count(BatchState::Refused) + count(BatchState::Applied) - applied,
    }
}

impl Display for Noted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            Stage::Running => "began and never said that it ended",
            Stage::Done => "done",
            Stage::Failed => "ended early",
            Stage::Undone => "taken back",
        };
        write!(f, "{} at {}: {state}; {} records changed", self.tool, self.at, self.applied)?;
        if self.unknown > 0 {
            write!(f, ", {} unknown", self.unknown)?;
        }
        if self.refused > 0 {
            write!(f, ", {} refused", self.refused)?;
        }
        write!(f, " (change {})", self.id)
    }
}

impl Display for Undone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(change) = &self.change else {
            if self.changes.is_empty() {
                return f.write_str("You have changed nothing yet.");
            }
            writeln!(f, "Your changes, newest first.")?;
            return self.changes.iter().try_for_each(|change| writeln!(f, "- {change}"));
        };
        writeln!(f, "{change}")?;
        if let Some(plan) = &self.plan {
            plan.fmt(f)?;
            writeln!(f)?;
        }
        if let Some(reverted) = self.reverted {
            writeln!(f, "{reverted} records were put back.")?;
        }
        if let Some(as_before) = self.as_before.filter(|number| *number > 0) {
            writeln!(f, "{as_before} records are as they were before.")?;
        }
        for left in &self.left {
            writeln!(f, "- not put back: {} {}: {}", left.object, left.id, left.reason)?;
        }
        if self.reverted == Some(0) && !self.left.is_empty() {
            writeln!(f, "An earlier change is taken back by its id as `change`; `list: true` tells them.")?;
        }
        Ok(())
    }
}
