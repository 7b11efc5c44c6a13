//! One call from arguments to answer: time, cancellation, faults, log.

use super::{Registry, ServedTool, approval, arguments, attempt::attempt, home::Home};
use crate::{
    seam::{
        Call, Caller, CallerKeys, Capabilities, Common, Content, Credentials, Effect, Heard, LogLevel,
        MissingScope, Principal, ToolError, Trace,
    },
    telemetry::{
        Source,
        audit::{Audit, Called},
        call::{Finished, Outcome},
    },
};
use futures_util::FutureExt;
use serde_json::{Map, Value};
use std::{
    any::Any, future::poll_fn, net::IpAddr, panic::AssertUnwindSafe, pin::pin, sync::Arc, task::Poll,
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// A call as a way in hands it over.
#[derive(Clone)]
pub struct Incoming {
    /// What is called: a tool's or prompt's name as clients know it, a resource's address; a method that is asked of
    /// nothing.
    pub name: String,
    /// What the caller gave.
    pub arguments: Map<String, Value>,
    /// Who calls.
    pub principal: Principal,
    /// The keys that the caller sent.
    pub keys: CallerKeys,
    /// What the caller's client calls itself.
    pub app: Option<String>,
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
    /// The failure, if it is one.
    pub error: Option<ToolError>,
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

/// What a caller gets instead of a resource, a prompt, a list or proposals.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Unanswered {
    /// There is nothing of that name, it does not fit, or it failed.
    #[error(transparent)]
    Failed(#[from] ToolError),
    /// The server is about to stop.
    #[error("the server is stopping; connect again in a moment")]
    Closing,
}

/// What a plug-in other than a tool is asked for.
pub(super) struct Task<'a> {
    /// What the log calls it: never a caller's own text.
    pub(super) name: &'a str,
    pub(super) home: &'a Home,
    pub(super) timeout: Duration,
}

/// What a call is, for its time, its credentials and the log.
struct Work<'a> {
    name: &'a str,
    effect: Effect,
    timeout: Duration,
    credentials: Arc<dyn Credentials>,
    pack: &'a Arc<dyn Any + Send + Sync>,
    /// What its caller may not do.
    missing: Option<MissingScope>,
    /// What the user is asked before an effect.
    approval: Option<String>,
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
        let Some(tool) = self.tool_for(&incoming.name, &incoming.principal, &incoming.keys).await else {
            let view = self.view(&incoming.principal, &incoming.keys).await;
            let may = view.tools().filter(|tool| tool.lacking(&incoming.principal).is_none());
            let names: Vec<&str> = may.map(|tool| tool.name()).collect();
            refused(&self.audit, &incoming, Outcome::NoTool);
            let near = arguments::nearest(&incoming.name, &names).map(str::to_owned);
            return Err(Refused::Unknown { name: arguments::shown(&incoming.name), near });
        };
        Ok(self.answer(&tool, incoming).await)
    }

    /// Lets a plug-in other than a tool do what it is asked for.
    pub(super) async fn perform<T, F: Future<Output = Result<T, ToolError>>>(
        &self,
        task: Task<'_>,
        incoming: Incoming,
        work: impl FnOnce(Call) -> F,
    ) -> Result<T, Unanswered> {
        if self.closing.is_cancelled() {
            refused(&self.audit, &incoming, Outcome::Closing);
            return Err(Unanswered::Closing);
        }
        let _running = self.running.token();
        let Task { name, home, timeout } = task;
        let credentials = home.credentials.clone();
        let missing = home.lacking(&incoming.principal);
        let pack = &home.pack;
        let task = Work { name, effect: Effect::Read, timeout, credentials, pack, missing, approval: None };
        Ok(self.work(task, incoming, work).await?)
    }

    async fn answer(&self, tool: &ServedTool, mut incoming: Incoming) -> Answer {
        let arguments = tool.complete(std::mem::take(&mut incoming.arguments));
        let approval = match &arguments {
            Ok(arguments) if tool.is_approved() => {
                let arguments = Value::Object(arguments.clone());
                Some(approval::question(tool.name(), tool.effect(), &arguments))
            }
            _ => None,
        };
        let task = Work {
            name: tool.name(),
            effect: tool.effect(),
            timeout: tool.timeout(),
            credentials: tool.credentials(),
            pack: tool.pack(),
            missing: tool.lacking(&incoming.principal),
            approval,
        };
        let work = async |call| {
            let faulty = |faults| ToolError::input(faults).hint("correct the arguments and call again");
            attempt(tool, arguments.map_err(faulty)?, call).await
        };
        self.work(task, incoming, work).await.unwrap_or_else(|error| {
            let content = vec![Content::text(format!("{}: {}", tool.name(), error.whole()))];
            Answer { content, structured: None, meta: Map::new(), error: Some(error) }
        })
    }

    /// Does the work of one call, and tells of its end.
    async fn work<T, F: Future<Output = Result<T, ToolError>>>(
        &self,
        Work { name, effect, timeout, credentials, pack, missing, approval }: Work<'_>,
        incoming: Incoming,
        work: impl FnOnce(Call) -> F,
    ) -> Result<T, ToolError> {
        let keys = self.is_live().then(|| incoming.keys.clone());
        let Incoming { principal, caller, cancelled, trace, .. } = incoming;
        let common = Common::within(timeout, principal, caller, credentials, cancelled, trace);
        let mut common = common.with_keys(incoming.keys);
        common.app = incoming.app;
        common.capabilities = incoming.capabilities;
        common.progress = incoming.progress;
        common.log = incoming.log.map(|least| Heard { least, logger: name.to_owned() });
        common.changes = Some(self.changes.clone());
        common.approval = approval;
        common.deadline.put_off(common.caller.grants());
        let common = Arc::new(common);
        let mut finished = Finished::begin(&self.audit, (name, effect), &common, incoming.client);
        let (outcome, result) = match missing {
            Some(missing) => (Outcome::InsufficientScope, Err(denied(&missing))),
            None => within(work(Call::new(common.clone())), &common, timeout).await,
        };
        finished.end(outcome);
        if let Some(keys) = keys.filter(|_| common.is_outdated()) {
            self.renew(pack, &common.principal, &keys).await;
        }
        result
    }

    /// Tells of a call for something that there is not.
    pub(super) fn unknown<T>(&self, incoming: &Incoming, error: ToolError) -> Result<T, Unanswered> {
        refused(&self.audit, incoming, Outcome::NoTool);
        Err(error.into())
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

/// A call that its caller may not make. The guard of HTTP has told most of them already, by the status.
fn denied(lacking: &MissingScope) -> ToolError {
    let message = format_args!("needs the scope {}, which the access token does not have", lacking.scope);
    ToolError::denied(message).hint("sign in again and ask for that scope")
}

/// Lets a plug-in work for a call: within its time, until its caller takes it back, and whatever breaks inside.
pub(super) async fn within<T>(
    work: impl Future<Output = Result<T, ToolError>>,
    common: &Common,
    timeout: Duration,
) -> (Outcome, Result<T, ToolError>) {
    let mut work = pin!(AssertUnwindSafe(work).catch_unwind());
    // What is done at once needs neither a clock nor an ear for its caller.
    let at_once = match common.cancelled.is_cancelled() {
        false => poll_fn(|cx| Poll::Ready(work.as_mut().poll(cx))).await,
        true => Poll::Pending,
    };
    let result = match at_once {
        Poll::Ready(result) => result,
        Poll::Pending => tokio::select! {
            biased;
            () = common.cancelled.cancelled() => {
                return (Outcome::Cancelled, Err(ToolError::limited("the call was cancelled")));
            }
            result = work => result,
            () = common.deadline.passed() => {
                let error = ToolError::limited(format_args!("took longer than {timeout:?}"))
                    .late()
                    .hint("ask for less, or let the operator raise the tool's `timeout`");
                let error = if common.has_committed() {
                    error.hint("the change may have been made all the same: look before you repeat it")
                } else {
                    error
                };
                return (Outcome::TimedOut, Err(error));
            }
        },
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seam::{Access, ErrorKind, Issuer, Scope, Silent, Subject, Tool, ToolEntry, User};
    use std::collections::BTreeMap;

    /// Erase everything.
    #[derive(serde::Deserialize, schemars::JsonSchema)]
    struct Erase {}

    impl Tool for Erase {
        const NAME: &'static str = "erase";
        const EFFECT: Effect = Effect::Destroy;
        type Pack = ();
        type Output = String;

        async fn call(self, (): &(), _: Call) -> Result<String, ToolError> {
            Ok("erased".into())
        }
    }

    static ERASE: ToolEntry = ToolEntry::of::<Erase>("twenty_mcp::tools::erase", 1);

    async fn called(principal: Principal) -> Answer {
        let (alone, timeout) = (BTreeMap::new(), Duration::from_secs(60));
        let registry = Registry::of(&[&ERASE], Vec::new(), &alone, timeout).unwrap();
        let incoming = Incoming {
            name: "erase".into(),
            arguments: Map::new(),
            principal,
            keys: CallerKeys::default(),
            app: None,
            capabilities: Capabilities::default(),
            caller: Arc::new(Silent),
            cancelled: CancellationToken::new(),
            progress: None,
            log: None,
            trace: Trace::new(None),
            client: None,
        };
        registry.call(incoming).await.unwrap()
    }

    fn user(access: Access) -> Principal {
        Principal::User(User {
            issuer: Issuer::new("i"),
            subject: Subject::new("s"),
            client: None,
            scopes: [Scope::new("openid"), access.scope("tools")].into(),
        })
    }

    #[tokio::test]
    async fn a_call_that_no_guard_stopped_is_judged_here() {
        for access in [Access::Read, Access::Write] {
            let answer = called(user(access)).await;
            assert_eq!(answer.error.map(|error| error.kind()), Some(ErrorKind::Denied));
            assert_eq!(answer.structured, None);
            let told = serde_json::to_string(&answer.content).unwrap();
            assert!(told.contains("erase: needs the scope tools:admin"), "{told}");
        }
        for principal in [user(Access::Admin), Principal::Local, Principal::Anonymous] {
            assert!(called(principal).await.error.is_none());
        }
    }
}
