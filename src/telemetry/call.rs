//! One event for each call that has ended, however it ended.

use super::{
    Source,
    audit::{Audit, Called},
};
use crate::seam::{Common, Effect, ErrorKind, Halt};
use std::{net::IpAddr, time::Instant};

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
    /// With questions: it comes again with the answers.
    Asked,
    /// It took too long.
    TimedOut,
    /// A fault of ours in the tool's code.
    Panicked,
    /// There is no such tool.
    NoTool,
    /// The caller's token does not allow it.
    InsufficientScope,
    /// The server is about to stop.
    Closing,
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
            Self::Asked => "asked",
            Self::TimedOut => "timed_out",
            Self::Panicked => "panicked",
            Self::NoTool => "no_tool",
            Self::InsufficientScope => "insufficient_scope",
            Self::Closing => "closing",
        }
    }
}

/// A call under way; tells its end, or that the caller left when it is dropped before.
pub struct Finished<'a> {
    audit: &'a Audit,
    tool: (&'a str, Effect),
    common: &'a Common,
    client: Option<IpAddr>,
    since: Instant,
    outcome: Outcome,
}

impl<'a> Finished<'a> {
    /// The call of this tool, from this address, begins now.
    #[must_use]
    pub fn begin(
        audit: &'a Audit,
        tool: (&'a str, Effect),
        common: &'a Common,
        client: Option<IpAddr>,
    ) -> Self {
        Self { audit, tool, common, client, since: Instant::now(), outcome: Outcome::Left }
    }

    /// The call ended so.
    pub const fn end(&mut self, outcome: Outcome) {
        self.outcome = outcome;
    }
}

impl Drop for Finished<'_> {
    fn drop(&mut self) {
        if self.outcome == Outcome::Left {
            self.outcome = match self.common.caller.halt() {
                None => Outcome::Left,
                Some(Halt::Asking) => Outcome::Asked,
                Some(Halt::Refused) => Outcome::Error(ErrorKind::Conflict),
            };
        }
        self.audit.called(&Called {
            principal: &self.common.principal,
            source: &Source { client: self.client, trace: self.common.trace.clone() },
            tool: Some(self.tool),
            outcome: self.outcome,
            ms: u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX),
            upstream: self.common.upstream_requests(),
            upstream_status: self.common.upstream_status(),
        });
    }
}
