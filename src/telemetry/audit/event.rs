//! The events, as the log and the file show them.

use crate::{
    seam::{Effect, ErrorKind, Principal},
    telemetry::{Source, call::Outcome},
};
use serde_json::{Map, Value, json};

/// A call that has ended.
pub struct Called<'a> {
    /// Who called.
    pub principal: &'a Principal,
    /// Where the call came from.
    pub source: &'a Source,
    /// The tool; none where there is no such tool.
    pub tool: Option<(&'a str, Effect)>,
    /// How it ended.
    pub outcome: Outcome,
    /// Milliseconds that it took.
    pub ms: u64,
    /// Requests that went upstream on its behalf.
    pub upstream: u32,
    /// The status of the last answer from there.
    pub upstream_status: Option<u16>,
}

impl Called<'_> {
    pub(super) fn log(&self) {
        let Self { source, principal, ms, upstream, upstream_status, .. } = self;
        let (tool, effect) = self.tool.map(|(tool, effect)| (tool, effect.name())).unzip();
        let outcome = self.outcome.name();
        // What is made inside is made only where the line is told.
        macro_rules! line {
            ($level:expr) => {
                tracing::event!(
                    target: "audit", $level,
                    call = %source.trace.call_id(), trace = %source.trace, tool, effect, %principal,
                    client = source.address(), outcome, ms, upstream, upstream_status, "call"
                )
            };
        }
        match self.outcome {
            Outcome::Panicked | Outcome::Error(ErrorKind::Internal) => line!(tracing::Level::ERROR),
            Outcome::TimedOut | Outcome::Error(ErrorKind::Upstream) => line!(tracing::Level::WARN),
            _ => line!(tracing::Level::INFO),
        }
    }

    pub(super) fn tell(&self, line: &mut Map<String, Value>) {
        if let Some((tool, effect)) = self.tool {
            line.insert("tool".into(), json!(tool));
            line.insert("effect".into(), json!(effect.name()));
        }
        line.insert("outcome".into(), json!(self.outcome.name()));
        line.insert("ms".into(), json!(self.ms));
        line.insert("upstream_requests".into(), json!(self.upstream));
        line.insert("upstream_status".into(), json!(self.upstream_status));
        line.insert("call".into(), json!(self.source.trace.call_id()));
    }
}

/// A decision on a caller's sign-in.
pub struct SignIn<'a> {
    /// Who was let in; none where nobody was.
    pub principal: Option<&'a Principal>,
    /// Where the request came from.
    pub source: &'a Source,
    /// `accepted`, or the code of the refusal, as in `invalid_token`.
    pub outcome: &'static str,
    /// Why it was refused, as in `expired`.
    pub reason: Option<&'static str>,
}

impl SignIn<'_> {
    pub(super) fn log(&self) {
        let Self { principal, source, outcome, reason } = self;
        tracing::info!(
            target: "audit",
            trace = %source.trace, principal = principal.map(ToString::to_string), client = source.address(),
            outcome, reason, "sign-in"
        );
    }

    pub(super) fn tell(&self, line: &mut Map<String, Value>) {
        line.insert("outcome".into(), json!(self.outcome));
        if let Some(reason) = self.reason {
            line.insert("reason".into(), json!(reason));
        }
    }
}

/// What became of a user's stored key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyChange {
    /// It was stored, or would have been.
    Stored,
    /// It was deleted, or would have been.
    Deleted,
}

impl KeyChange {
    const fn name(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Deleted => "deleted",
        }
    }
}

/// A user's own key was stored or deleted, or was not.
pub struct KeyChanged<'a> {
    /// What was wanted.
    pub change: KeyChange,
    /// Whose key it is.
    pub principal: &'a Principal,
    /// Where the request came from.
    pub source: &'a Source,
    /// The pack that the key is for.
    pub provider: &'a str,
    /// Why it was not done, as in `key_refused`; none where it was.
    pub reason: Option<&'static str>,
}

impl KeyChanged<'_> {
    const fn outcome(&self) -> &'static str {
        if self.reason.is_some() { "refused" } else { self.change.name() }
    }

    pub(super) fn log(&self) {
        let (trace, client, principal) = (&self.source.trace, self.source.address(), self.principal);
        let (change, outcome, reason, pack) =
            (self.change.name(), self.outcome(), self.reason, self.provider);
        tracing::info!(target: "audit", %trace, %principal, client, pack, change, outcome, reason, "key");
    }

    pub(super) fn tell(&self, line: &mut Map<String, Value>) {
        line.insert("pack".into(), json!(self.provider));
        line.insert("change".into(), json!(self.change.name()));
        line.insert("outcome".into(), json!(self.outcome()));
        if let Some(reason) = self.reason {
            line.insert("reason".into(), json!(reason));
        }
    }
}

/// An address that may not ask.
pub struct TurnedAway<'a> {
    /// Where the request came from.
    pub source: &'a Source,
    /// Why, in words.
    pub reason: &'a str,
}

impl TurnedAway<'_> {
    pub(super) fn log(&self) {
        let (trace, client, reason) = (&self.source.trace, self.source.address(), self.reason);
        tracing::info!(target: "audit", %trace, client, outcome = "refused", reason, "address");
    }

    pub(super) fn tell(&self, line: &mut Map<String, Value>) {
        line.insert("outcome".into(), json!("refused"));
        line.insert("reason".into(), json!(self.reason));
    }
}
