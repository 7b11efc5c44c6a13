//! When a call must have ended.

use std::{
    future::poll_fn,
    pin::pin,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};
use tokio::time::{Instant, sleep_until};

/// When a call must have ended. The time in which it waits for its caller's answers does not count.
#[derive(Debug)]
pub struct Deadline {
    first: Instant,
    /// Milliseconds by which it was put off.
    later: AtomicU64,
}

impl Deadline {
    /// So long from now on.
    #[must_use]
    pub fn within(time: Duration) -> Self {
        Self { first: Instant::now() + time, later: AtomicU64::new(0) }
    }

    /// The moment as it stands now.
    #[must_use]
    pub fn at(&self) -> Instant {
        self.first + Duration::from_millis(self.later.load(Ordering::Relaxed))
    }

    /// The time that is left.
    #[must_use]
    pub fn left(&self) -> Duration {
        self.at().saturating_duration_since(Instant::now())
    }

    /// Puts it off.
    pub fn put_off(&self, by: Duration) {
        self.later.fetch_add(millis(by), Ordering::Relaxed);
    }

    /// Stops the clock until what is returned is dropped, for `most` of time.
    pub(super) fn pause(&self, most: Duration) -> Pause<'_> {
        self.put_off(most);
        Pause { deadline: self, most, since: Instant::now() }
    }

    /// Ends when the moment has come, wherever it was put meanwhile by whoever runs in the same task.
    pub async fn passed(&self) {
        let mut timer = pin!(sleep_until(self.at()));
        poll_fn(|cx| {
            let at = self.at();
            if timer.deadline() != at {
                timer.as_mut().reset(at);
            }
            timer.as_mut().poll(cx)
        })
        .await;
    }
}

/// A clock that stands still.
pub(super) struct Pause<'a> {
    deadline: &'a Deadline,
    most: Duration,
    since: Instant,
}

impl Drop for Pause<'_> {
    fn drop(&mut self) {
        let unused = self.most.saturating_sub(self.since.elapsed());
        self.deadline.later.fetch_sub(millis(unused), Ordering::Relaxed);
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn waiting_for_an_answer_costs_no_time() {
        let deadline = Deadline::within(2 * SECOND);
        let since = Instant::now();
        let work = async {
            tokio::time::sleep(SECOND).await;
            let pause = deadline.pause(60 * SECOND);
            tokio::time::sleep(10 * SECOND).await;
            drop(pause);
            std::future::pending::<()>().await;
        };
        tokio::select! {
            biased;
            () = work => unreachable!(),
            () = deadline.passed() => {}
        }
        assert_eq!(since.elapsed().as_secs(), 12);
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_stands_still_no_longer_than_it_may() {
        let deadline = Deadline::within(SECOND);
        let since = Instant::now();
        let _pause = deadline.pause(5 * SECOND);
        deadline.passed().await;
        assert_eq!(since.elapsed().as_secs(), 6);
    }
}
