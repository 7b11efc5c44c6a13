//! One line for each call that has ended, however it ended.

use crate::seam::{Common, ErrorKind};
use std::{sync::Arc, time::Instant};

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// With a result.
    Done,
    /// With an error of the tool.
    Error(ErrorKind),
    /// The caller took it back.
    Cancelled,
    /// The caller's connection ended first.
    Left,
    /// It took too long.
    TimedOut,
    /// A fault of ours in the tool's code.
    Panicked,
}

impl Outcome {
    /// The outcome's name in the log.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Error(kind) => kind.name(),
            Self::Cancelled => "cancelled",
            Self::Left => "left",
            Self::TimedOut => "timed_out",
            Self::Panicked => "panicked",
        }
    }
}

/// A call under way; logs its end, or that the caller left when it is dropped before.
pub struct Finished {
    tool: String,
    common: Arc<Common>,
    since: Instant,
    outcome: Outcome,
}

impl Finished {
    /// The call of this tool begins now.
    #[must_use]
    pub fn begin(tool: &str, common: Arc<Common>) -> Self {
        Self { tool: tool.to_owned(), common, since: Instant::now(), outcome: Outcome::Left }
    }

    /// The call ended so.
    pub const fn end(&mut self, outcome: Outcome) {
        self.outcome = outcome;
    }
}

impl Drop for Finished {
    fn drop(&mut self) {
        let ms = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (trace, call) = (&self.common.trace, self.common.trace.call_id());
        let (tool, outcome, upstream) = (&self.tool, self.outcome.name(), self.common.upstream_requests());
        let principal = &self.common.principal;
        match self.outcome {
            Outcome::Panicked | Outcome::Error(ErrorKind::Internal) => {
                tracing::error!(%call, %trace, %tool, %principal, outcome, ms, upstream, "call");
            }
            Outcome::TimedOut | Outcome::Error(ErrorKind::Upstream) => {
                tracing::warn!(%call, %trace, %tool, %principal, outcome, ms, upstream, "call");
            }
            _ => tracing::info!(%call, %trace, %tool, %principal, outcome, ms, upstream, "call"),
        }
    }
}
