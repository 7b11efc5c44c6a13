//! The time, as new and changed records have it.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// A clock that never gives the same millisecond twice, so that newest-first is always one order.
#[derive(Debug, Default)]
pub struct Clock {
    last: AtomicI64,
}

impl Clock {
    /// Milliseconds since 1970: now, or just after the last answer.
    pub fn now(&self) -> i64 {
        let now = Timestamp::now().as_millisecond();
        let next = |last: i64| Some(now.max(last.saturating_add(1)));
        let last = self.last.fetch_update(Ordering::AcqRel, Ordering::Acquire, next).unwrap_or(now);
        now.max(last.saturating_add(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_never_stands_still() {
        let clock = Clock::default();
        let times: Vec<i64> = (0..50).map(|_| clock.now()).collect();
        assert!(times.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
