//! Tools whose calls go on after their answer.

use super::{
    forms::{Named, Sure},
    pack::Conformance,
};
use crate::seam::{Call, Contents, Task, Tool, ToolError};
use schemars::JsonSchema;
use serde::Deserialize;
use std::time::Duration;
use tokio::{time::sleep, try_join};

/// Longer than a call waits before it becomes a task.
const LONG: Duration = Duration::from_secs(1);

/// Greet somebody at once.
#[derive(Deserialize, JsonSchema)]
pub struct Greet {
    /// Whom to greet.
    name: String,
}
crate::register!(Greet);

impl Tool for Greet {
    const NAME: &'static str = "greet";
    type Pack = Conformance;
    type Output = Contents;

    async fn call(self, _: &Conformance, _: Call) -> Result<Contents, ToolError> {
        Ok(format!("Hello, {}!", self.name).into())
    }
}

/// Work for a while.
#[derive(Deserialize, JsonSchema)]
pub struct SlowCompute {
    /// How long.
    #[schemars(range(min = 0, max = 600))]
    seconds: f64,
    /// What it is called.
    label: String,
}
crate::register!(SlowCompute);

impl Tool for SlowCompute {
    const NAME: &'static str = "slow_compute";
    const TASK: Task = Task::Offer;
    type Pack = Conformance;
    type Output = Contents;

    async fn call(self, _: &Conformance, _: Call) -> Result<Contents, ToolError> {
        sleep(Duration::try_from_secs_f64(self.seconds).map_err(ToolError::input)?).await;
        Ok(format!("{} took {} seconds", self.label, self.seconds).into())
    }
}

/// Fail after a while, as tools do.
#[derive(Deserialize, JsonSchema)]
pub struct FailingJob;
crate::register!(FailingJob);

impl Tool for FailingJob {
    const NAME: &'static str = "failing_job";
    const TASK: Task = Task::Require;
    type Pack = Conformance;
    type Output = Contents;

    async fn call(self, _: &Conformance, _: Call) -> Result<Contents, ToolError> {
        sleep(LONG).await;
        Err(ToolError::conflict("the job failed"))
    }
}

/// Fail by a fault of the server's own.
#[derive(Deserialize, JsonSchema)]
pub struct ProtocolErrorJob;
crate::register!(ProtocolErrorJob);

impl Tool for ProtocolErrorJob {
    const NAME: &'static str = "protocol_error_job";
    const TASK: Task = Task::Require;
    type Pack = Conformance;
    type Output = Contents;

    async fn call(self, _: &Conformance, _: Call) -> Result<Contents, ToolError> {
        Err(ToolError::internal("the job broke"))
    }
}

/// Ask the user before a file would be deleted; none is.
#[derive(Deserialize, JsonSchema)]
pub struct ConfirmDelete {
    /// The file.
    filename: String,
}
crate::register!(ConfirmDelete);

impl Tool for ConfirmDelete {
    const NAME: &'static str = "confirm_delete";
    const TASK: Task = Task::Require;
    type Pack = Conformance;
    type Output = Contents;

    async fn call(self, _: &Conformance, cx: Call) -> Result<Contents, ToolError> {
        let asked = format!("Delete {}?", self.filename);
        let sure: Sure = cx.elicit("confirm", asked).await?.accepted()?;
        Ok(format!("{}: {}", self.filename, if sure.confirm { "deleted" } else { "kept" }).into())
    }
}

/// Ask the user two things at once.
#[derive(Deserialize, JsonSchema)]
pub struct MultiInput;
crate::register!(MultiInput);

impl Tool for MultiInput {
    const NAME: &'static str = "multi_input";
    const TASK: Task = Task::Require;
    type Pack = Conformance;
    type Output = Contents;

    async fn call(self, _: &Conformance, cx: Call) -> Result<Contents, ToolError> {
        let named = cx.elicit::<Named>("name", "What is your name?");
        let sure = cx.elicit::<Sure>("confirm", "Shall it be done?");
        let (named, sure) = try_join!(named, sure)?;
        Ok(format!("{} said {}.", named.accepted()?.name, sure.accepted()?.confirm).into())
    }
}

/// Ask the user, and then work for a while.
#[derive(Deserialize, JsonSchema)]
pub struct AskThenWork;
crate::register!(AskThenWork);

impl Tool for AskThenWork {
    const NAME: &'static str = "test_tool_with_task";
    const TASK: Task = Task::OnCommit;
    type Pack = Conformance;
    type Output = Contents;

    async fn call(self, _: &Conformance, cx: Call) -> Result<Contents, ToolError> {
        let Named { name } = cx.elicit("user_name", "What is your name?").await?.accepted()?;
        let _act = cx.commit().await?;
        sleep(LONG).await;
        Ok(format!("Hello, {name}!").into())
    }
}
