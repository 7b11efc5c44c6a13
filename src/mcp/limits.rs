//! How many sessions there may be, and for how long.

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
