//! How many sessions there may be, for how long, and how much they keep; what a pipe may carry.

use crate::seam::ByteSize;
use std::time::Duration;

/// Bounds on the sessions of clients that keep one (revisions before 2026-07-28).
#[derive(Clone, Copy, Debug)]
pub struct SessionLimits {
    /// Sessions open at once.
    pub most: usize,
    /// Of one caller.
    pub of_one: usize,
    /// A session is closed in which nothing was said, no request was under way and no connection was open for so long.
    pub idle: Duration,
    /// The bytes that one session keeps for connections to come, beside its newest message and what an open connection is
    /// about to take.
    pub kept: usize,
    /// The bytes that all of them keep together.
    pub kept_by_all: usize,
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self { most: 1000, of_one: 500, idle: Duration::from_mins(5), kept: 4 << 20, kept_by_all: 64 << 20 }
    }
}

/// Bounds on a client at the other end of a pipe.
#[derive(Clone, Copy, Debug)]
pub struct PipeLimits {
    /// The longest line, which is one message.
    pub line: ByteSize,
    /// How long calls under way may take to end when the server stops.
    pub grace: Duration,
}

impl Default for PipeLimits {
    fn default() -> Self {
        Self { line: ByteSize(4 << 20), grace: Duration::from_mins(1) }
    }
}
