//! A thing that is fetched when it is needed, kept while it is good, and asked for by one at a time.

use super::Fault;
use crate::seam::{AuthError, BoxFuture};
use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use tokio::{sync::Mutex, time::Instant};

/// How often a thing is fetched.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// How old it may be before it is fetched anew, while the old one goes on.
    pub fresh: Duration,
    /// How old it may be at most, where it cannot be fetched anew.
    pub stale: Duration,
    /// The least time between two fetches.
    pub floor: Duration,
    /// The least time between two fetches where the old one still does.
    pub patience: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            fresh: Duration::from_secs(300),
            stale: Duration::from_secs(24 * 3600),
            floor: Duration::from_secs(1),
            patience: Duration::from_secs(15),
        }
    }
}

type Fetch<T> = Box<dyn Fn() -> BoxFuture<'static, Result<T, Fault>> + Send + Sync>;

/// A fetched thing. One that is not quite fresh is used while a new one comes; when none comes, the old one goes on.
pub struct Kept<T>(Arc<Inner<T>>);

struct Inner<T> {
    fetch: Fetch<T>,
    pace: Pace,
    last: RwLock<Last<T>>,
    turn: Arc<Mutex<()>>,
}

/// How fetching went the last time.
struct Last<T> {
    good: Option<(Arc<T>, Instant)>,
    /// When the last fetch began, and what was wrong with it.
    tried: Option<(Instant, Option<Fault>)>,
}

impl<T> Clone for Kept<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Send + Sync + 'static> Kept<T> {
    /// A thing that this fetches; nothing is fetched yet.
    pub fn new(
        pace: Pace,
        fetch: impl Fn() -> BoxFuture<'static, Result<T, Fault>> + Send + Sync + 'static,
    ) -> Self {
        let last = RwLock::new(Last { good: None, tried: None });
        Self(Arc::new(Inner { fetch: Box::new(fetch), pace, last, turn: Arc::default() }))
    }

    /// The thing, if it suits; else the newest one that there is, fetched after this was asked. None where that does
    /// not suit either.
    ///
    /// # Errors
    /// There is none that suits, and none can be had.
    pub async fn get(&self, suits: impl Fn(&T) -> bool) -> Result<Option<Arc<T>>, AuthError> {
        let asked = Instant::now();
        if let Some(thing) = self.at_hand(&suits) {
            return Ok(Some(thing));
        }
        let turn = Arc::clone(&self.0.turn).lock_owned().await;
        // What came while this waited may do.
        if let Some(thing) = self.at_hand(&suits) {
            return Ok(Some(thing));
        }
        // On a task of its own: a caller that leaves does not end what others wait for.
        let inner = Arc::clone(&self.0);
        let waited = tokio::spawn(async move {
            inner.fetch_after(asked).await;
            drop(turn);
        });
        if waited.await.is_err() {
            return Err(AuthError::UNAVAILABLE);
        }
        let last = self.0.last.read().unwrap_or_else(PoisonError::into_inner);
        match (&last.tried, &last.good) {
            (Some((_, Some(fault))), None) => Err(fault.clone().into()),
            // It was fetched once: what is wrong now is not the configuration.
            (Some((_, Some(_))), Some(_)) => Err(AuthError::UNAVAILABLE),
            (_, good) => Ok(good.as_ref().map(|(thing, _)| thing).filter(|thing| suits(thing)).cloned()),
        }
    }

    /// The thing that there is, if it suits and is not too old; one that is not quite fresh is fetched anew meanwhile.
    fn at_hand(&self, suits: &impl Fn(&T) -> bool) -> Option<Arc<T>> {
        let (thing, since) = self.0.good()?;
        if since.elapsed() >= self.0.pace.stale || !suits(&thing) {
            return None;
        }
        if since.elapsed() >= self.0.pace.fresh {
            self.refresh();
        }
        Some(thing)
    }

    /// Begins to fetch, unless somebody does or just did.
    fn refresh(&self) {
        let Ok(turn) = Arc::clone(&self.0.turn).try_lock_owned() else { return };
        if self.0.tried().is_some_and(|tried| tried.elapsed() < self.0.pace.patience) {
            return;
        }
        let inner = Arc::clone(&self.0);
        tokio::spawn(async move {
            inner.fetch_now().await;
            drop(turn);
        });
    }
}

impl<T> Inner<T> {
    fn good(&self) -> Option<(Arc<T>, Instant)> {
        self.last.read().unwrap_or_else(PoisonError::into_inner).good.clone()
    }

    fn tried(&self) -> Option<Instant> {
        let last = self.last.read().unwrap_or_else(PoisonError::into_inner);
        last.tried.as_ref().map(|(tried, _)| *tried)
    }

    /// Fetches, unless that was begun since `asked`; not before the floor is over.
    async fn fetch_after(&self, asked: Instant) {
        if let Some(tried) = self.tried() {
            if tried >= asked {
                return;
            }
            tokio::time::sleep_until(tried + self.pace.floor).await;
        }
        self.fetch_now().await;
    }

    async fn fetch_now(&self) {
        let begun = Instant::now();
        let fetched = (self.fetch)().await;
        if let Err(fault) = &fetched {
            tracing::warn!(%fault, "what sign-in needs could not be fetched");
        }
        let mut last = self.last.write().unwrap_or_else(PoisonError::into_inner);
        match fetched {
            Ok(thing) => {
                last.good = Some((Arc::new(thing), begun));
                last.tried = Some((begun, None));
            }
            Err(fault) => last.tried = Some((begun, Some(fault))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    /// Counts its fetches, each of which takes a while, and tells the count as the thing.
    struct Source {
        kept: Kept<usize>,
        fetched: Arc<AtomicUsize>,
        down: Arc<AtomicBool>,
    }

    fn source() -> Source {
        let (fetched, down) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let (count, fails) = (Arc::clone(&fetched), Arc::clone(&down));
        let kept = Kept::new(Pace::default(), move || {
            let n = count.fetch_add(1, Ordering::SeqCst) + 1;
            let fails = fails.load(Ordering::SeqCst);
            Box::pin(async move {
                tokio::time::sleep(Duration::from_millis(100)).await;
                if fails { Err(Fault::Wrong("down".into())) } else { Ok(n) }
            })
        });
        Source { kept, fetched, down }
    }

    impl Source {
        async fn at_least(&self, n: usize) -> Result<Option<usize>, AuthError> {
            Ok(self.kept.get(|have| *have >= n).await?.map(|have| *have))
        }

        fn fetched(&self) -> usize {
            self.fetched.load(Ordering::SeqCst)
        }
    }

    async fn pass(seconds: u64) {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn many_that_ask_at_once_are_one_fetch() {
        let source = source();
        let all = futures_util::future::join_all((0..100).map(|_| source.at_least(1))).await;
        assert!(all.iter().all(|one| *one == Ok(Some(1))));
        assert_eq!(source.fetched(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn what_does_not_suit_is_fetched_anew_no_oftener_than_the_floor_allows() {
        let source = source();
        assert_eq!(source.at_least(1).await, Ok(Some(1)));
        let begun = Instant::now();
        let all = futures_util::future::join_all((0..100).map(|_| source.at_least(2))).await;
        assert!(all.iter().all(|one| *one == Ok(Some(2))));
        assert_eq!(source.fetched(), 2);
        for _ in 0..4 {
            assert_eq!(source.at_least(99).await, Ok(None));
        }
        assert_eq!(source.fetched(), 6);
        assert!(begun.elapsed() >= Duration::from_secs(4));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_old_goes_on_while_a_new_one_comes_or_none_does() {
        let source = source();
        assert_eq!(source.at_least(1).await, Ok(Some(1)));
        pass(301).await;
        assert_eq!(source.at_least(1).await, Ok(Some(1)), "at once");
        pass(1).await;
        assert_eq!((source.at_least(1).await, source.fetched()), (Ok(Some(2)), 2));
        source.down.store(true, Ordering::SeqCst);
        for _ in 0..1000 {
            pass(60).await;
            assert_eq!(source.at_least(1).await, Ok(Some(2)));
        }
        assert_eq!(source.at_least(3).await, Err(AuthError::UNAVAILABLE));
        pass(24 * 3600).await;
        assert_eq!(source.at_least(1).await, Err(AuthError::UNAVAILABLE), "too old");
        source.down.store(false, Ordering::SeqCst);
        assert!(source.at_least(1).await.unwrap().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn who_leaves_does_not_end_the_fetch() {
        let source = source();
        let left = tokio::time::timeout(Duration::from_millis(10), source.at_least(1)).await;
        assert!(left.is_err());
        assert_eq!((source.at_least(1).await, source.fetched()), (Ok(Some(1)), 1));
    }

    #[tokio::test(start_paused = true)]
    async fn what_never_came_tells_why() {
        let source = source();
        source.down.store(true, Ordering::SeqCst);
        assert_eq!(source.at_least(1).await, Err(AuthError::Misconfigured("down".into())));
    }
}
