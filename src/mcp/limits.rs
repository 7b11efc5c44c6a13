//! How many sessions there may be, and for how long; what a pipe may carry.

use crate::seam::ByteSize;
use std::time::Duration;

/// Bounds on the sessions of clients that keep one (revisions before 2026-07-28).
#[derive(Clone, Copy, Debug)]
pub struct SessionLimits {
    /// Sessions open at once.
    pub most: usize,
    /// A session that says nothing for so long is closed.
    pub idle: Duration,
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self { most: 1000, idle: Duration::from_mins(5) }
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
