//! One call, as a plug-in sees it.

use super::{
    BoxFuture, CallerKeys, Capabilities, Change, Changes, Credential, Credentials, Deadline, LogLevel,
    Principal, Question, ToolError, Trace, ask::Asked, choice::Chosen,
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU16, AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// How a call reaches its caller; one implementation for each way in.
pub trait Caller: Send + Sync {
    /// Asks, and gives an answer that [`Question::accepts`]. `name` tells a call's questions apart.
    ///
    /// # Errors
    /// Nobody can be asked here, or nobody answers.
    fn ask<'a>(&'a self, name: &'a str, question: Question) -> BoxFuture<'a, Result<Value, ToolError>> {
        let _ = (name, question);
        Box::pin(async { Err(ToolError::denied("there is nobody here who could be asked")) })
    }

    /// The last moment before effects: the call must not be given up or replayed from here on.
    fn commit(&self) -> BoxFuture<'_, Result<(), ToolError>> {
        Box::pin(async { Ok(()) })
    }

    /// Tells the caller something on the way; lost where nobody listens.
    fn notify<'a>(&'a self, method: &'static str, params: Value) -> BoxFuture<'a, ()>;

    /// The time that a call has beside its tool's own, where its caller does not wait for it.
    fn grants(&self) -> Duration {
        Duration::ZERO
    }

    /// Closes the connection that the call came on, where the caller can come back for the rest after this time; the
    /// call goes on. Elsewhere nothing happens.
    fn hang_up(&self, back_in: Duration) {
        let _ = back_in;
    }

    /// Why the call was given up in the middle, where its caller's side did that.
    fn halt(&self) -> Option<Halt> {
        None
    }
}

/// Why a caller's side gives up a call in the middle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Halt {
    /// To wait for answers: the call comes again with them.
    Asking,
    /// What the caller answered cannot be used.
    Refused,
}

/// A caller who hears nothing on the way: the command line, tests.
pub struct Silent;

impl Caller for Silent {
    fn notify<'a>(&'a self, _: &'static str, _: Value) -> BoxFuture<'a, ()> {
        Box::pin(async {})
    }
}

/// What a caller hears of a call's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The least grave messages that it wants.
    pub least: LogLevel,
    /// Who speaks: the tool's name.
    pub logger: String,
}

/// What both phases of a call share.
pub struct Common {
    /// Who calls.
    pub principal: Principal,
    /// What the caller's client calls itself; anything may stand there.
    pub app: Option<String>,
    /// What the caller's client can do.
    pub capabilities: Capabilities,
    /// When the call must have ended.
    pub deadline: Deadline,
    /// What the user is asked before the call may have an effect; none where nobody need be asked.
    pub approval: Option<String>,
    /// Ends the call early: the caller left, or the server stops.
    pub cancelled: CancellationToken,
    /// The token to report progress under, where the caller asked for it.
    pub progress: Option<Value>,
    /// What the caller hears of the call's log; none where it asked for nothing.
    pub log: Option<Heard>,
    /// Where the call tells what it changed for everybody; none where nobody listens.
    pub changes: Option<Changes>,
    /// The trace that the call belongs to.
    pub trace: Trace,
    /// The way back to the caller.
    pub caller: Arc<dyn Caller>,
    /// Whose credential the call uses.
    pub credentials: Arc<dyn Credentials>,
    pub(super) asked: Asked,
    pub(super) made: Chosen,
    keys: CallerKeys,
    committed: AtomicBool,
    outdated: AtomicBool,
    upstream_requests: AtomicU32,
    upstream_status: AtomicU16,
}

impl Common {
    /// A call that has done nothing yet, with `timeout` left to live.
    #[must_use]
    pub fn new(
        principal: Principal,
        timeout: Duration,
        caller: Arc<dyn Caller>,
        credentials: Arc<dyn Credentials>,
    ) -> Self {
        Self::within(timeout, principal, caller, credentials, CancellationToken::new(), Trace::new(None))
    }

    /// The same in a trace, ended early by a token.
    pub(crate) fn within(
        timeout: Duration,
        principal: Principal,
        caller: Arc<dyn Caller>,
        credentials: Arc<dyn Credentials>,
        cancelled: CancellationToken,
        trace: Trace,
    ) -> Self {
        Self {
            principal,
            app: None,
            capabilities: Capabilities::default(),
            deadline: Deadline::within(timeout),
            approval: None,
            cancelled,
            progress: None,
            log: None,
            changes: None,
            trace,
            caller,
            credentials,
            asked: Asked::default(),
            made: Chosen::default(),
            keys: CallerKeys::default(),
            committed: AtomicBool::new(false),
            outdated: AtomicBool::new(false),
            upstream_requests: AtomicU32::new(0),
            upstream_status: AtomicU16::new(0),
        }
    }

    /// The same call, with which its caller sent these keys.
    #[must_use]
    pub fn with_keys(self, keys: CallerKeys) -> Self {
        Self { keys, ..self }
    }

    /// The key and address that this call's requests use, and whose they are.
    ///
    /// # Errors
    /// Tells the way to connect a key where this caller has none and may not use the operator's.
    pub async fn credential(&self) -> Result<Credential, ToolError> {
        self.credentials.of(&self.principal, &self.keys).await.map_err(|error| {
            // What has begun to have effects is not sent back to its beginning.
            let may_connect = error.is_unconnected() && !self.has_committed();
            let way =
                may_connect.then(|| self.credentials.connect(&self.principal, self.app.as_deref())).flatten();
            match way {
                Some(connect) => error.connected_by(connect),
                None => error,
            }
        })
    }

    /// Reports that `done` of `total` (any unit, growing) is done.
    pub async fn progress(&self, done: f64, total: Option<f64>, message: &str) {
        if let Some(token) = &self.progress {
            let mut params = json!({ "progressToken": token, "progress": done, "message": message });
            if let (Some(total), Some(params)) = (total, params.as_object_mut()) {
                params.insert("total".into(), json!(total));
            }
            self.caller.notify("notifications/progress", params).await;
        }
    }

    /// Tells the caller a message of the call's log, where it wants messages of this level. Never secrets, never what
    /// concerns somebody else.
    pub async fn log(&self, level: LogLevel, message: impl Into<Value> + Send) {
        if let Some(heard) = self.log.as_ref().filter(|heard| level >= heard.least) {
            let params = json!({ "level": level.name(), "logger": heard.logger, "data": message.into() });
            self.caller.notify("notifications/message", params).await;
        }
    }

    /// Closes the connection that the call came on, and goes on: a long wait holds no connection open. A client with a
    /// session over HTTP (since MCP 2025-11-25) comes back in `back_in`, and hears what it missed and the answer. Callers
    /// without a session, and those over stdio, stay: nothing happens.
    pub fn hang_up(&self, back_in: Duration) {
        self.caller.hang_up(back_in);
    }

    /// Tells every client that something which it may have kept is no longer so.
    pub fn changed(&self, change: Change) {
        if let Some(changes) = &self.changes {
            changes.tell(change);
        }
    }

    /// Says that the tools which the pack lists for this call's credential may be others now
    /// ([`LiveTools`](super::LiveTools)): they are asked for anew once the call has ended.
    pub fn outdate(&self) {
        self.outdated.store(true, Ordering::Relaxed);
    }

    /// Whether that was said.
    #[must_use]
    pub fn is_outdated(&self) -> bool {
        self.outdated.load(Ordering::Relaxed)
    }

    /// What the user chose in this call so far, by the keys of the choices (see [`ToolError::or_choose`]).
    #[must_use]
    pub fn chosen(&self) -> BTreeMap<String, String> {
        self.made.all()
    }

    /// The time that is left.
    #[must_use]
    pub fn left(&self) -> Duration {
        self.deadline.left()
    }

    /// Notes that a request went upstream; the log tells how many a call made.
    pub fn count_upstream_request(&self) {
        self.upstream_requests.fetch_add(1, Ordering::Relaxed);
    }

    /// How many requests went upstream so far.
    #[must_use]
    pub fn upstream_requests(&self) -> u32 {
        self.upstream_requests.load(Ordering::Relaxed)
    }

    /// Notes the HTTP status of an answer from upstream; the log tells the last.
    pub fn note_upstream_status(&self, status: u16) {
        self.upstream_status.store(status, Ordering::Relaxed);
    }

    /// The HTTP status of the last answer from upstream; none where there was none.
    #[must_use]
    pub fn upstream_status(&self) -> Option<u16> {
        Some(self.upstream_status.load(Ordering::Relaxed)).filter(|status| *status != 0)
    }

    /// Whether the call came to its second phase.
    #[must_use]
    pub fn has_committed(&self) -> bool {
        self.committed.load(Ordering::Relaxed)
    }
}

/// A call's first phase: it reads and asks. Not `Clone`: [`Call::commit`] takes it, so that nothing of this phase runs
/// after or beside an effect.
///
/// ```compile_fail
/// # use twenty_mcp::seam::{Call, ToolError};
/// async fn twice(cx: Call) -> Result<(), ToolError> {
///     let act = cx.commit().await?;
///     cx.commit().await?; // the call was moved
///     Ok(())
/// }
/// ```
///
/// ```compile_fail
/// # use twenty_mcp::seam::{Call, ToolError};
/// async fn too_late(cx: Call) -> Result<(), ToolError> {
///     let act = cx.commit().await?;
///     cx.roots("folders").await?; // the call was moved
///     Ok(())
/// }
/// ```
///
/// ```compile_fail
/// # use twenty_mcp::seam::{Call, ToolError};
/// async fn beside(cx: Call) {
///     tokio::join!(cx.roots("folders"), async { cx.commit().await }); // the call is asked and moved
/// }
/// ```
pub struct Call(Arc<Common>);

/// A call's second phase: it writes. A pack's writing functions take `&Act`.
pub struct Act(Arc<Common>);

impl Call {
    /// A call in its first phase.
    #[must_use]
    pub fn new(common: Arc<Common>) -> Self {
        Self(common)
    }

    /// The same call for another run of its tool.
    pub(crate) fn again(&self) -> Self {
        Self(self.0.clone())
    }

    /// Goes over from reading to writing, when the user allows it where the operator wants them to be asked.
    ///
    /// # Errors
    /// The user does not allow it or cannot be asked, or the way in refuses: what the call has relied on so far does
    /// not hold.
    pub async fn commit(self) -> Result<Act, ToolError> {
        if let Some(message) = &self.approval {
            self.approve(message).await?;
        }
        self.0.caller.commit().await?;
        self.0.deadline.put_off(self.0.caller.grants());
        self.0.committed.store(true, Ordering::Relaxed);
        Ok(Act(self.0))
    }
}

impl Deref for Call {
    type Target = Common;

    fn deref(&self) -> &Common {
        &self.0
    }
}

impl Deref for Act {
    type Target = Common;

    fn deref(&self) -> &Common {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seam::NoCredentials;
    use std::sync::Mutex;

    #[derive(Default)]
    struct Notes(Mutex<Vec<(&'static str, Value)>>);

    impl Caller for Notes {
        fn notify<'a>(&'a self, method: &'static str, params: Value) -> BoxFuture<'a, ()> {
            self.0.lock().unwrap().push((method, params));
            Box::pin(async {})
        }
    }

    #[tokio::test]
    async fn a_caller_hears_what_is_grave_enough_and_nothing_unasked() {
        let notes = Arc::new(Notes::default());
        let mut common =
            Common::new(Principal::Local, Duration::from_secs(1), notes.clone(), Arc::new(NoCredentials));
        common.log(LogLevel::Emergency, "unasked").await;
        common.log = Some(Heard { least: LogLevel::Warning, logger: "tool".into() });
        common.log(LogLevel::Notice, "too light").await;
        common.log(LogLevel::Warning, json!({ "row": 7 })).await;
        let told = json!({ "level": "warning", "logger": "tool", "data": { "row": 7 } });
        assert_eq!(*notes.0.lock().unwrap(), [("notifications/message", told)]);
    }
}
