//! Tasks.

use super::{
    jotting::{Jotting, Tasks, jot, jotting, made, values},
    target::On,
};
use crate::{
    seam::{Call, Effect, Tool, ToolError},
    tools::twenty::{
        changes::{plan::Planning, written::Written},
        listing::Paging,
        pack::Twenty,
    },
};
use serde::Deserialize;
use serde_json::json;

/// What a new task is unless told, where the workspace does not say so itself.
const OPEN: &str = "TODO";

/// Create a task, on a record or on none.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateTask {
    title: String,
    /// Markdown.
    body: Option<String>,
    /// Date or date-time.
    due_at: Option<String>,
    /// TODO (default), IN_PROGRESS, DONE.
    status: Option<String>,
    /// Workspace member.
    assignee_id: Option<String>,
    #[serde(flatten)]
    on: On,
    #[serde(flatten)]
    planning: Planning,
}
crate::register!(CreateTask);

impl Tool for CreateTask {
    const NAME: &'static str = "create_task";
    const EFFECT: Effect = Effect::Create;
    type Pack = Twenty;
    type Output = Written<Jotting>;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Written<Jotting>, ToolError> {
        let writer = twenty.writer(&cx, Self::NAME, &self.planning).await?;
        let hook = self.on.hook(writer.records(), &cx, None).await?;
        let written = writer.write(cx, |draft| {
            let task = draft.object("task")?;
            let usual = task.field("status").filter(|field| field.default.is_none()).and_then(|field| {
                field.options.iter().find(|option| option.value == OPEN).map(|option| option.value.clone())
            });
            let values = values(task, Some(&self.title), self.body.as_deref())
                .set("dueAt", self.due_at.clone())
                .set("status", self.status.clone().or(usual))
                .set("assigneeId", self.assignee_id.clone());
            jot(draft, task, &values.done()?, hook.as_ref())
        });
        made(written.await?, "task", hook.as_ref())
    }

    fn text(task: &Written<Jotting>) -> Option<String> {
        Some(task.told("Created"))
    }
}

/// List tasks, newest first.
#[derive(Deserialize, schemars::JsonSchema)]
pub struct GetTasks {
    #[serde(flatten)]
    paging: Paging,
}
crate::register!(GetTasks);

impl Tool for GetTasks {
    const NAME: &'static str = "get_tasks";
    type Pack = Twenty;
    type Output = Tasks;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Tasks, ToolError> {
        let records = twenty.records(&cx).await?;
        let task = records.object("task")?;
        let (page, tasks) = records.piece(&cx, task, json!({}), self.paging, jotting).await?;
        Ok(Tasks { page, tasks })
    }

    fn text(tasks: &Tasks) -> Option<String> {
        Some(tasks.to_string())
    }
}
