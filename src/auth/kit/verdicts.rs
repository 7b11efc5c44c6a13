//! Verdicts on tokens that somebody else is asked for.

use super::token_cache::{TokenCache, hash};
use crate::seam::{AuthError, BearerToken};
use futures_util::{
    FutureExt as _,
    future::{BoxFuture, Shared},
};
use jiff::Timestamp;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// The most tokens that are asked about at once.
const AT_ONCE: usize = 256;

/// What somebody who is asked says of tokens: asked once for all who wait for the same, and remembered for a while.
pub struct Verdicts<V>(Arc<Inner<V>>);

/// A question under way; clones get the same answer.
type Flight<V> = Shared<BoxFuture<'static, Result<V, AuthError>>>;

struct Inner<V> {
    known: TokenCache<V>,
    under_way: Mutex<HashMap<[u8; 32], Flight<V>>>,
}

impl<V: Clone + Send + Sync + 'static> Verdicts<V> {
    /// Remembers at most `most` good tokens, each for `longest` at most; what is refused is asked for again.
    #[must_use]
    pub fn new(most: usize, longest: Duration) -> Self {
        let known = TokenCache::new(most, longest);
        Self(Arc::new(Inner { known, under_way: Mutex::default() }))
    }

    /// The verdict on a token; `ask` brings it with the moment at which it ends, and is dropped where it is known.
    ///
    /// # Errors
    /// Those of `ask`; or too many tokens are asked about just now.
    pub async fn get<F>(&self, token: &BearerToken, ask: F) -> Result<V, AuthError>
    where
        F: Future<Output = Result<(V, Timestamp), AuthError>> + Send + 'static,
    {
        if let Some(verdict) = self.0.known.get(token, Timestamp::now()) {
            return Ok(verdict);
        }
        self.flight(token, ask)?.await
    }

    fn flight<F>(&self, token: &BearerToken, ask: F) -> Result<Flight<V>, AuthError>
    where
        F: Future<Output = Result<(V, Timestamp), AuthError>> + Send + 'static,
    {
        let key = hash(token);
        let mut under_way = self.0.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = under_way.get(&key) {
            return Ok(flight.clone());
        }
        // One that landed since it was looked for is known by now.
        if let Some(verdict) = self.0.known.get(token, Timestamp::now()) {
            return Ok(async { Ok(verdict) }.boxed().shared());
        }
        if under_way.len() >= AT_ONCE {
            return Err(AuthError::Unavailable { retry_after: 1 });
        }
        let landing = Landing { inner: Arc::clone(&self.0), key };
        let token = token.clone();
        // On a task of its own: a caller that leaves does not end what others wait for.
        let task = tokio::spawn(async move {
            let (verdict, expires) = ask.await?;
            landing.inner.known.put(&token, verdict.clone(), expires, Timestamp::now());
            Ok(verdict)
        });
        let flight = async { task.await.unwrap_or(Err(AuthError::UNAVAILABLE)) }.boxed().shared();
        under_way.insert(key, flight.clone());
        Ok(flight)
    }
}

/// Ends a flight, however it ends.
struct Landing<V> {
    inner: Arc<Inner<V>>,
    key: [u8; 32],
}

impl<V> Drop for Landing<V> {
    fn drop(&mut self) {
        self.inner.under_way.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn token(n: usize) -> BearerToken {
        BearerToken::parse(&format!("t{n}")).unwrap()
    }

    /// Counts how often it is asked; it takes a while.
    #[derive(Clone, Default)]
    struct Source(Arc<AtomicUsize>);

    impl Source {
        async fn ask(self, answer: Result<usize, AuthError>) -> Result<(usize, Timestamp), AuthError> {
            self.0.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(50)).await;
            answer.map(|verdict| (verdict, Timestamp::MAX))
        }

        fn asked(&self) -> usize {
            self.0.load(Ordering::SeqCst)
        }
    }

    #[tokio::test]
    async fn many_that_show_one_token_are_one_question_and_good_ones_are_remembered() {
        let (verdicts, source) = (Verdicts::new(10, Duration::from_secs(60)), Source::default());
        let one = token(1);
        let all = (0..100).map(|_| verdicts.get(&one, source.clone().ask(Ok(7))));
        assert!(futures_util::future::join_all(all).await.iter().all(|one| *one == Ok(7)));
        assert_eq!(verdicts.get(&one, source.clone().ask(Ok(8))).await, Ok(7));
        assert_eq!(source.asked(), 1);
        for _ in 0..2 {
            let refused = verdicts.get(&token(2), source.clone().ask(Err(AuthError::Invalid))).await;
            assert_eq!(refused, Err(AuthError::Invalid));
        }
        assert_eq!(source.asked(), 3);
    }

    #[tokio::test]
    async fn who_leaves_does_not_end_the_question_and_a_panic_does() {
        let (verdicts, source) = (Verdicts::new(10, Duration::from_secs(60)), Source::default());
        let one = token(1);
        let left =
            tokio::time::timeout(Duration::from_millis(5), verdicts.get(&one, source.clone().ask(Ok(7))));
        assert!(left.await.is_err());
        assert_eq!(verdicts.get(&one, source.clone().ask(Ok(8))).await, Ok(7));
        assert_eq!(source.asked(), 1);
        let two = token(2);
        let fell = verdicts.get(&two, async { panic!("a fault of the provider") });
        assert_eq!(fell.await, Err(AuthError::UNAVAILABLE));
        assert_eq!(verdicts.get(&two, source.clone().ask(Ok(9))).await, Ok(9));
    }

    #[tokio::test]
    async fn only_so_many_are_asked_about_at_once() {
        let (verdicts, source) = (Verdicts::new(10, Duration::from_secs(60)), Source::default());
        let tokens: Vec<_> = (0..AT_ONCE + 9).map(token).collect();
        let all = tokens.iter().map(|token| verdicts.get(token, source.clone().ask(Ok(7))));
        let answers = futures_util::future::join_all(all).await;
        let turned_away = AuthError::Unavailable { retry_after: 1 };
        assert_eq!(answers.iter().filter(|answer| **answer == Err(turned_away.clone())).count(), 9);
        assert!(verdicts.0.under_way.lock().unwrap().is_empty());
        assert_eq!(verdicts.get(&tokens[AT_ONCE], source.ask(Ok(7))).await, Ok(7));
    }
}
