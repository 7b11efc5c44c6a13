//! Where the last list for one credential is kept, and when it is asked for anew: by one for all.

use super::listed::Listed;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::Notify,
    time::{Instant, timeout},
};

/// How long is waited for the first list: callers who come before it see none of its tools, and are told later.
const FIRST: Duration = Duration::from_secs(5);
/// How soon a list is asked for again that could not be had; twice as late each time.
const AGAIN: Duration = Duration::from_secs(2);

/// What came of the last list.
pub(super) enum Came {
    /// It is the one that was there.
    Same,
    /// It is the first one, and nobody has seen that it was missing.
    First,
    /// It is another one than callers have seen.
    Other,
}

/// The list for one credential.
pub(super) struct Shelf {
    kept: Mutex<Kept>,
    settled: Notify,
}

struct Kept {
    list: Option<Arc<Listed>>,
    /// What callers see as long as there is no list.
    none: Arc<Listed>,
    seen: bool,
    asking: bool,
    /// It was outdated while it was asked for.
    outdated: bool,
    due: Instant,
    used: Instant,
    failures: u32,
}

impl Shelf {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        let kept = Kept {
            list: None,
            none: Arc::default(),
            seen: false,
            asking: false,
            outdated: false,
            due: now,
            used: now,
            failures: 0,
        };
        Self { kept: Mutex::new(kept), settled: Notify::new() }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the list is to be asked for now, by whoever asks this: nobody else does meanwhile.
    pub(super) fn begins(&self) -> bool {
        let mut kept = self.kept();
        let begins = !kept.asking && kept.due <= Instant::now();
        kept.asking |= begins;
        begins
    }

    /// The list is outdated: it is due now, or as soon as it has been asked for.
    pub(super) fn outdate(&self) {
        let mut kept = self.kept();
        kept.due = Instant::now();
        kept.outdated = kept.asking;
    }

    /// When it is due.
    pub(super) fn due(&self) -> Instant {
        self.kept().due
    }

    /// When a caller last saw it.
    pub(super) fn used(&self) -> Instant {
        self.kept().used
    }

    /// The list as callers see it; the first one is waited for a little.
    pub(super) async fn list(&self) -> Arc<Listed> {
        // Whoever waits no longer sees what is there.
        let _ = timeout(FIRST, self.first()).await;
        let mut kept = self.kept();
        (kept.seen, kept.used) = (true, Instant::now());
        kept.list.as_ref().unwrap_or(&kept.none).clone()
    }

    /// Waits until the list has come, or until it is not asked for.
    async fn first(&self) {
        loop {
            let settled = self.settled.notified();
            if self.is_there() {
                return;
            }
            settled.await;
        }
    }

    fn is_there(&self) -> bool {
        let kept = self.kept();
        kept.list.is_some() || !kept.asking
    }

    /// Waits until the list is not asked for.
    pub(super) async fn settle(&self) {
        loop {
            let settled = self.settled.notified();
            if !self.kept().asking {
                return;
            }
            settled.await;
        }
    }

    /// It has been asked for, and is to be again after `every`.
    pub(super) fn take(&self, list: Listed, every: Duration) -> Came {
        let mut kept = self.kept();
        let same = kept.list.as_ref().is_some_and(|before| before.is_like(&list));
        let came = match (same, kept.seen) {
            (true, _) => Came::Same,
            (false, true) => Came::Other,
            (false, false) => Came::First,
        };
        if !same {
            kept.list = Some(Arc::new(list));
        }
        kept.failures = 0;
        kept.end(every);
        drop(kept);
        self.settled.notify_waiters();
        came
    }

    /// It could not be had; how often in a row.
    pub(super) fn fail(&self, every: Duration) -> u32 {
        let mut kept = self.kept();
        let after = AGAIN.saturating_mul(1 << kept.failures.min(16));
        kept.failures = kept.failures.saturating_add(1);
        kept.end(after.min(every));
        let failures = kept.failures;
        drop(kept);
        self.settled.notify_waiters();
        failures
    }
}

impl Kept {
    fn end(&mut self, after: Duration) {
        let outdated = std::mem::take(&mut self.outdated);
        self.asking = false;
        self.due = Instant::now() + if outdated { Duration::ZERO } else { after };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY: Duration = Duration::from_mins(10);

    #[tokio::test(start_paused = true)]
    async fn one_asks_for_all_and_again_when_it_is_due() {
        let shelf = Shelf::new();
        assert!(shelf.begins() && !shelf.begins());
        assert!(matches!(shelf.take(Listed::default(), EVERY), Came::First));
        assert!(!shelf.begins());
        tokio::time::advance(EVERY).await;
        assert!(shelf.begins());
        assert!(matches!(shelf.take(Listed::default(), EVERY), Came::Same));
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_list_is_waited_for_a_little() {
        let shelf = Arc::new(Shelf::new());
        assert!(shelf.begins());
        let begun = Instant::now();
        shelf.list().await;
        assert_eq!(begun.elapsed(), FIRST, "it was asked for and did not come");
        let waiting = tokio::spawn({
            let shelf = shelf.clone();
            async move { shelf.list().await }
        });
        tokio::task::yield_now().await;
        let begun = Instant::now();
        assert!(matches!(shelf.take(Listed::default(), EVERY), Came::Other), "one was told of none");
        waiting.await.unwrap();
        shelf.list().await;
        assert_eq!(begun.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn what_fails_is_asked_for_later_and_later() {
        let shelf = Shelf::new();
        for (failures, after) in [(1, 2), (2, 4), (3, 8), (4, 10), (5, 10)] {
            assert!(shelf.begins());
            assert_eq!(shelf.fail(Duration::from_secs(10)), failures);
            tokio::time::advance(Duration::from_millis(after * 1000 - 1)).await;
            assert!(!shelf.begins(), "{failures}");
            tokio::time::advance(Duration::from_millis(1)).await;
        }
        shelf.list().await;
        assert!(shelf.begins());
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_outdated_while_it_is_asked_for_is_asked_for_again() {
        let shelf = Shelf::new();
        assert!(shelf.begins());
        shelf.outdate();
        assert!(!shelf.begins());
        shelf.take(Listed::default(), EVERY);
        assert!(shelf.begins());
        shelf.take(Listed::default(), EVERY);
        assert!(!shelf.begins());
        shelf.outdate();
        assert!(shelf.begins());
    }
}
