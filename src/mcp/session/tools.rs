//! `tools/list` and `tools/call`.

use super::{handler::Handler, waiting::Back};
use crate::{
    mcp::{
        answer,
        caller::Asker,
        pages::{PAGE, page},
        tasks::LIVES,
    },
    registry::{Answer, Refused, ServedTool},
    seam::{Task, ToolError},
};
use rmcp::{ErrorData, RoleServer, model::ErrorCode, service::RequestContext};
use serde_json::{Map, Value, json};
use std::{borrow::Cow, sync::Arc, time::Duration};

/// The shortest that a task is kept.
const LEAST: Duration = Duration::from_secs(1);

impl Handler {
    /// The tools that the caller may call.
    pub(super) async fn list(
        &self,
        params: &Map<String, Value>,
        cx: &RequestContext<RoleServer>,
    ) -> Result<Value, ErrorData> {
        let Asker { principal, keys, .. } = self.asker(cx);
        let view = self.registry.view(&principal, &keys).await;
        let may: Vec<&Arc<ServedTool>> =
            view.tools().filter(|tool| tool.lacking(&principal).is_none()).collect();
        let cursor = params.get("cursor").and_then(Value::as_str);
        let (tools, next) = page(&may, |tool| tool.name(), cursor, PAGE)
            .map_err(|none| ErrorData::invalid_params(none.to_string(), None))?;
        let tasks = self.has_tasks(cx);
        let mut result = Map::new();
        result.insert("tools".into(), tools.iter().map(|tool| shown(tool, tasks)).collect());
        result.extend(next.map(|next| ("nextCursor".to_owned(), json!(next))));
        Ok(Value::Object(result))
    }

    /// A tool's answer, or the task as which the call goes on.
    pub(super) async fn call(
        &self,
        mut params: Map<String, Value>,
        cx: RequestContext<RoleServer>,
    ) -> Result<Value, ErrorData> {
        let name = params.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        let arguments = match params.remove("arguments") {
            Some(Value::Object(arguments)) => arguments,
            _ => Map::new(),
        };
        if self.has_tasks(&cx) {
            let Asker { principal, keys, .. } = self.asker(&cx);
            let tool = self.registry.tool_for(&name, &principal, &keys).await;
            let wanted = params.remove("task").filter(|wanted| !wanted.is_null());
            // A tool that is not there is refused as in any call.
            match (tool.map(|tool| tool.task()), wanted) {
                (Some(Task::Never), Some(_)) => {
                    return Err(unfit("cannot be called as a task: leave `task` out"));
                }
                (Some(Task::Require), None) => return Err(unfit("must be called as a task: add `task`")),
                (Some(_), Some(wanted)) => return self.begin((name, arguments), lives(&wanted)?, cx),
                (_, None) | (None, Some(_)) => {}
            }
        }
        let back = self.back(&cx);
        answered(self.registry.call(self.incoming(name, arguments, cx)).await, &back)
    }
}

/// What a call is answered with.
///
/// # Errors
/// No tool got to see it, or its caller must go to a page first.
pub(super) fn answered(answer: Result<Answer, Refused>, back: &Back) -> Result<Value, ErrorData> {
    match answer {
        Ok(answer) => {
            match answer.error.as_ref().and_then(ToolError::connect).and_then(|page| back.connect(page)) {
                Some(error) => Err(error),
                None => Ok(answer::called(answer).into()),
            }
        }
        Err(refused @ Refused::Unknown { .. }) => Err(ErrorData::invalid_params(refused.to_string(), None)),
        Err(refused @ Refused::Closing) => Err(ErrorData::internal_error(refused.to_string(), None)),
    }
}

/// A tool as it is listed, with the way in which its calls become tasks where there are tasks (MCP 2025-11-25,
/// `ToolExecution`).
fn shown(tool: &ServedTool, tasks: bool) -> Value {
    let mut shown = tool.definition().clone();
    let support = match tool.task() {
        Task::Never => None,
        Task::Offer | Task::OnCommit => Some("optional"),
        Task::Require => Some("required"),
    };
    if let (Some(support), Some(shown)) = (support.filter(|_| tasks), shown.as_object_mut()) {
        shown.insert("execution".into(), json!({ "taskSupport": support }));
    }
    shown
}

/// A call that is not made as its tool wants (MCP 2025-11-25, Tasks, Tool-Level Negotiation).
fn unfit(message: &'static str) -> ErrorData {
    ErrorData::new(ErrorCode::METHOD_NOT_FOUND, Cow::from(format!("this tool {message}")), None)
}

/// How long a task lives of which its client wants this.
///
/// # Errors
/// It is no object, or its `ttl` is no number of milliseconds.
fn lives(wanted: &Value) -> Result<Duration, ErrorData> {
    let wrong = |message: &'static str| ErrorData::invalid_params(message, None);
    let wanted = wanted.as_object().ok_or_else(|| wrong("`task` must be an object"))?;
    let Some(ttl) = wanted.get("ttl").filter(|ttl| !ttl.is_null()) else { return Ok(LIVES) };
    let ttl = ttl.as_f64().filter(|ttl| *ttl >= 0.0 && ttl.fract() == 0.0);
    let ttl = ttl.ok_or_else(|| wrong("`task.ttl` must be a whole number of milliseconds"))?;
    Ok(Duration::try_from_secs_f64(ttl / 1000.0).map_or(LIVES, |ttl| ttl.clamp(LEAST, LIVES)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_lives_as_long_as_its_client_wants_within_bounds() {
        let of = |ttl: Value| lives(&json!({ "ttl": ttl }));
        for (ttl, kept) in [
            (Value::Null, LIVES),
            (json!(60_000), Duration::from_mins(1)),
            (json!(60_000.0), Duration::from_mins(1)),
            (json!(0), LEAST),
            (json!(u64::MAX), LIVES),
            (json!(1e300), LIVES),
        ] {
            assert_eq!(of(ttl.clone()).unwrap(), kept, "{ttl}");
        }
        assert_eq!(lives(&json!({})).unwrap(), LIVES);
        for bad in [json!(-1), json!("60000"), json!(0.5), json!([]), json!(true)] {
            assert_eq!(of(bad.clone()).unwrap_err().code, ErrorCode::INVALID_PARAMS, "{bad}");
        }
        assert!(lives(&json!(60_000)).is_err());
    }
}
