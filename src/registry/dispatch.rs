//! One call from arguments to answer: time, cancellation, faults, log.

use super::{Registry, ServedTool, approval, arguments, render};
use crate::{
    seam::{
        Call, Caller, Capabilities, Changes, Common, Content, ErrorKind, Heard, LogLevel, Principal,
        ToolError, Trace,
    },
    telemetry::{
        Source,
        audit::{Audit, Called},
        call::{Finished, Outcome},
    },
};
use futures_util::FutureExt;
use serde_json::{Map, Value};
use std::{net::IpAddr, panic::AssertUnwindSafe, sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// A call as a way in hands it over.
pub struct Incoming {
    /// The tool's name as clients know it.
    pub tool: String,
    /// What the caller gave.
    pub arguments: Map<String, Value>,
    /// Who calls.
    pub principal: Principal,
    /// What the caller's client can do.
    pub capabilities: Capabilities,
    /// The way back to the caller.
    pub caller: Arc<dyn Caller>,
    /// Ends the call when the caller leaves.
    pub cancelled: CancellationToken,
    /// The token to report progress under.
    pub progress: Option<Value>,
    /// The least grave messages of the call's log that the caller wants; none where it wants none.
    pub log: Option<LogLevel>,
    /// The trace that the caller is in.
    pub trace: Trace,
    /// The caller's address; none over stdio, and where nobody can tell.
    pub client: Option<IpAddr>,
}

/// What the caller gets: a result or a tool's error, both for the model to read.
#[derive(Debug)]
pub struct Answer {
    /// For models and people: a text first, or the blocks that the tool made.
    pub content: Vec<Content>,
    /// For programs; absent in errors, and where the tool answers no JSON.
    pub structured: Option<Value>,
    /// `_meta` of the answer.
    pub meta: Map<String, Value>,
    /// The kind of failure, if it is one.
    pub error: Option<ErrorKind>,
    /// What the caller's client cannot do, where that is the failure.
    pub lacking: Option<Lacking>,
}

/// What a client would have to be able to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Lacking {
    /// In words.
    pub message: String,
    /// As the protocol names it (MCP 2026-07-28, `ClientCapabilities`).
    pub capabilities: Value,
}

/// A call that no tool got to see.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// No tool has this name.
    #[error("Unknown tool: {name}{}", .near.as_ref().map(|near| format!(" (did you mean {near}?)")).unwrap_or_default())]
    Unknown {
        /// The name that was asked for.
        name: String,
        /// The name that was probably meant.
        near: Option<String>,
    },
    /// The server is about to stop.
    #[error("the server is stopping; connect again in a moment")]
    Closing,
}

impl Registry {
    /// Makes one call.
    ///
    /// # Errors
    /// No tool has that name, or the server is stopping. What goes wrong in a tool is an [`Answer`].
    pub async fn call(&self, incoming: Incoming) -> Result<Answer, Refused> {
        if self.closing.is_cancelled() {
            refused(&self.audit, &incoming, Outcome::Closing);
            return Err(Refused::Closing);
        }
        let _running = self.running.token();
        let Some(tool) = self.tool(&incoming.tool) else {
            let names: Vec<&str> = self.tools().iter().map(|tool| tool.name()).collect();
            refused(&self.audit, &incoming, Outcome::NoTool);
            let near = arguments::nearest(&incoming.tool, &names).map(str::to_owned);
            return Err(Refused::Unknown { name: arguments::shown(&incoming.tool), near });
        };
        Ok(answer(&self.audit, &self.changes, tool, incoming).await)
    }
}

/// A call that no tool got to see is told of too; its tool's name is the caller's own text, and is not.
fn refused(audit: &Audit, incoming: &Incoming, outcome: Outcome) {
    audit.called(&Called {
        principal: &incoming.principal,
        source: &Source { client: incoming.client, trace: incoming.trace.clone() },
        tool: None,
        outcome,
        ms: 0,
        upstream: 0,
        upstream_status: None,
    });
}

async fn answer(audit: &Audit, changes: &Changes, tool: &ServedTool, incoming: Incoming) -> Answer {
    let mut common = Common::new(incoming.principal, tool.timeout(), incoming.caller, tool.credentials());
    common.capabilities = incoming.capabilities;
    common.cancelled = incoming.cancelled;
    common.progress = incoming.progress;
    common.log = incoming.log.map(|least| Heard { least, logger: tool.name().to_owned() });
    common.changes = Some(changes.clone());
    common.trace = incoming.trace;
    let arguments = tool.complete(incoming.arguments);
    if let (true, Ok(arguments)) = (tool.is_approved(), &arguments) {
        common.approval = Some(approval::question(tool.name(), tool.entry().effect, arguments));
    }
    let common = Arc::new(common);
    let what = (tool.name(), tool.entry().effect);
    let mut finished = Finished::begin(audit.clone(), what, common.clone(), incoming.client);
    let (outcome, result) = match arguments {
        Ok(arguments) => {
            let call = (tool.entry().run)(arguments, tool.pack(), Call::new(common.clone()));
            run(async { render::answer(tool, call.await?) }, &common, tool.timeout()).await
        }
        Err(faults) => {
            let error = ToolError::input(faults).hint("correct the arguments and call again");
            (Outcome::Error(ErrorKind::Input), Err(error))
        }
    };
    finished.end(outcome);
    result.unwrap_or_else(|error| {
        let hint = error.next().map(|hint| format!("\n{hint}")).unwrap_or_default();
        let text = format!("{}: {}{hint}", tool.name(), error.message());
        let lacking = error.required_capabilities().cloned();
        let lacking =
            lacking.map(|capabilities| Lacking { message: error.message().to_owned(), capabilities });
        let content = vec![Content::text(text)];
        Answer { content, structured: None, meta: Map::new(), error: Some(error.kind()), lacking }
    })
}

/// Lets a plug-in work for a call: within its time, until its caller takes it back, and whatever breaks inside.
async fn run<T>(
    work: impl Future<Output = Result<T, ToolError>>,
    common: &Common,
    timeout: Duration,
) -> (Outcome, Result<T, ToolError>) {
    let result = tokio::select! {
        biased;
        () = common.cancelled.cancelled() => {
            return (Outcome::Cancelled, Err(ToolError::limited("the call was cancelled")));
        }
        result = AssertUnwindSafe(work).catch_unwind() => result,
        () = common.deadline.passed() => {
            let error = ToolError::limited(format_args!("took longer than {timeout:?}"))
                .hint("ask for less, or let the operator raise the tool's `timeout`");
            let error = if common.has_committed() {
                error.hint("the change may have been made all the same: look before you repeat it")
            } else {
                error
            };
            return (Outcome::TimedOut, Err(error));
        }
    };
    match result {
        Ok(Ok(output)) => (Outcome::Done, Ok(output)),
        Ok(Err(error)) => (Outcome::Error(error.kind()), Err(error)),
        Err(_) => {
            let error = ToolError::internal("broke off inside; this is a fault of the server")
                .hint(format_args!("quote call {} to the operator", common.trace.call_id()));
            (Outcome::Panicked, Err(error))
        }
    }
}
