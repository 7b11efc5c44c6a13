//! A tool run, and run again when its user has said which of several things an argument means.

use super::{Answer, ServedTool, render};
use crate::seam::{Call, TASKS, Task, ToolError, ToolOutput};
use serde_json::{Map, Value, json};

/// The most choices of one call.
const MOST: usize = 5;

pub(super) async fn attempt(
    tool: &ServedTool,
    arguments: Map<String, Value>,
    call: Call,
) -> Result<Answer, ToolError> {
    if tool.task() == Task::Require && !call.capabilities.tasks {
        let needed = json!({ "extensions": { TASKS: {} } });
        let message = "the client must be able to come back for the result of a task, and cannot";
        return Err(ToolError::requires(needed, message));
    }
    if !call.capabilities.form {
        return render::answer(tool, once(tool, arguments, call).await?);
    }
    let mut result = once(tool, arguments.clone(), call.again()).await;
    for number in 1..=MOST {
        let Err(error) = &result else { break };
        let Some(choice) = error.choice().filter(|_| !call.has_committed()) else { break };
        // Who does not choose is told what there was to choose from.
        if !call.choose(number, choice).await {
            break;
        }
        result = once(tool, arguments.clone(), call.again()).await;
    }
    render::answer(tool, result?)
}

async fn once(tool: &ServedTool, arguments: Map<String, Value>, call: Call) -> Result<ToolOutput, ToolError> {
    tool.run(arguments, call).await
}
