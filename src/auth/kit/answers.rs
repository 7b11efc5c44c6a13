//! Answers of a service, one for each thing that is asked of it: asked for once for all who wait, and kept for a while.

use crate::seam::AuthError;
use std::{
    collections::HashMap,
    hash::Hash,
    mem,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{sync::Mutex as Turn, time::Instant};

/// Answers by what was asked, never more than a number of them. One whose time is over goes on for the spare time while
/// its service is away.
pub struct Answers<K, V> {
    most: usize,
    spare: Duration,
    ages: Mutex<Ages<K, V>>,
}

/// Two generations: when the young one is full, the old one is dropped and the young one is old.
struct Ages<K, V> {
    young: HashMap<K, Cell<V>>,
    old: HashMap<K, Cell<V>>,
}

type Cell<V> = Arc<Turn<Told<V>>>;

/// What was told last: an answer, and why there was none.
struct Told<V> {
    answer: Option<Good<V>>,
    failed: Option<(Instant, AuthError)>,
}

struct Good<V> {
    value: V,
    until: Instant,
    /// Until when it goes on where no new one can be had.
    spare: Instant,
}

impl<K: Eq + Hash + Clone, V: Clone> Answers<K, V> {
    /// The least time between two questions of one kind while an old answer goes on.
    const PATIENCE: Duration = Duration::from_secs(10);

    /// At most `most` answers; `spare` is how long one goes on after its time, where no new one can be had.
    #[must_use]
    pub fn new(most: usize, spare: Duration) -> Self {
        let ages = Ages { young: HashMap::new(), old: HashMap::new() };
        Self { most: (most / 2).max(1), spare, ages: Mutex::new(ages) }
    }

    /// The answer that there is, or else the one that `ask` gets, and for how long that one is good.
    ///
    /// # Errors
    /// There is none, and `ask` gets none. Those who waited meanwhile are told the same.
    pub async fn get<F>(&self, key: &K, ask: impl FnOnce() -> F) -> Result<V, AuthError>
    where
        F: Future<Output = Result<(V, Duration), AuthError>>,
    {
        let came = Instant::now();
        let cell = self.cell(key);
        let mut told = cell.lock().await;
        if let Some(good) = told.answer.as_ref().filter(|good| Instant::now() < good.until) {
            return Ok(good.value.clone());
        }
        if let Some((_, error)) = told.failed.as_ref().filter(|(failed, _)| *failed > came) {
            return Err(error.clone());
        }
        let asked = Instant::now();
        match ask().await {
            Ok((value, time)) => {
                let until = asked + time;
                told.answer = Some(Good { value: value.clone(), until, spare: until + self.spare });
                told.failed = None;
                Ok(value)
            }
            Err(error) => {
                let now = Instant::now();
                told.failed = Some((now, error.clone()));
                let away = matches!(error, AuthError::Unavailable { .. });
                match told.answer.as_mut().filter(|good| away && now < good.spare) {
                    Some(good) => {
                        good.until = (now + Self::PATIENCE).min(good.spare);
                        Ok(good.value.clone())
                    }
                    None => Err(error),
                }
            }
        }
    }

    fn cell(&self, key: &K) -> Cell<V> {
        let mut ages = self.ages.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cell) = ages.young.get(key) {
            return Arc::clone(cell);
        }
        if ages.young.len() >= self.most {
            ages.old = mem::take(&mut ages.young);
        }
        let cell =
            ages.old.remove(key).unwrap_or_else(|| Arc::new(Turn::new(Told { answer: None, failed: None })));
        ages.young.insert(key.clone(), Arc::clone(&cell));
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const MINUTE: Duration = Duration::from_secs(60);

    /// A service that answers how often it was asked, for a minute, or is away.
    #[derive(Default)]
    struct Service {
        asked: AtomicUsize,
        away: std::sync::atomic::AtomicBool,
    }

    impl Service {
        async fn ask(&self) -> Result<(usize, Duration), AuthError> {
            let n = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
            tokio::time::sleep(Duration::from_millis(100)).await;
            if self.away.load(Ordering::SeqCst) { Err(AuthError::UNAVAILABLE) } else { Ok((n, MINUTE)) }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn all_who_wait_are_told_by_one_question() {
        let (answers, service) = (Answers::new(10, Duration::ZERO), Service::default());
        let all = || futures_util::future::join_all((0..100).map(|_| answers.get(&1, || service.ask())));
        assert!(all().await.iter().all(|one| *one == Ok(1)));
        tokio::time::sleep(MINUTE).await;
        service.away.store(true, Ordering::SeqCst);
        assert!(all().await.iter().all(|one| *one == Err(AuthError::UNAVAILABLE)));
        assert_eq!(service.asked.load(Ordering::SeqCst), 2, "failures are shared too");
        service.away.store(false, Ordering::SeqCst);
        assert_eq!(answers.get(&1, || service.ask()).await, Ok(3), "and not kept");
    }

    #[tokio::test(start_paused = true)]
    async fn who_leaves_leaves_the_question_to_the_next() {
        let (answers, service) = (Answers::new(10, Duration::ZERO), Service::default());
        let left = tokio::time::timeout(Duration::from_millis(10), answers.get(&1, || service.ask())).await;
        assert!(left.is_err());
        assert_eq!(answers.get(&1, || service.ask()).await, Ok(2));
    }

    #[tokio::test(start_paused = true)]
    async fn an_old_answer_goes_on_for_its_spare_time_while_nobody_answers() {
        let (answers, service) = (Answers::new(10, 60 * MINUTE), Service::default());
        assert_eq!(answers.get(&1, || service.ask()).await, Ok(1));
        service.away.store(true, Ordering::SeqCst);
        for _ in 0..59 {
            tokio::time::sleep(MINUTE).await;
            for _ in 0..10 {
                assert_eq!(answers.get(&1, || service.ask()).await, Ok(1));
            }
        }
        assert!(service.asked.load(Ordering::SeqCst) <= 61);
        tokio::time::sleep(3 * MINUTE).await;
        assert_eq!(answers.get(&1, || service.ask()).await, Err(AuthError::UNAVAILABLE));
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_ends_an_old_answer() {
        let answers = Answers::new(10, MINUTE);
        assert_eq!(answers.get(&1, || async { Ok((1, MINUTE)) }).await, Ok(1));
        tokio::time::sleep(MINUTE).await;
        let refused = answers.get(&1, || async { Err(AuthError::Misconfigured("x".into())) }).await;
        assert_eq!(refused, Err(AuthError::Misconfigured("x".into())));
    }

    #[tokio::test(start_paused = true)]
    async fn it_never_holds_more_than_it_may() {
        let answers = Answers::new(100, Duration::ZERO);
        for n in 0..1000 {
            assert_eq!(answers.get(&n, || async { Ok((n, MINUTE)) }).await, Ok(n));
            let ages = answers.ages.lock().unwrap();
            assert!(ages.young.len() + ages.old.len() <= 100);
        }
        assert_eq!(answers.get(&999, || async { Ok((7, MINUTE)) }).await, Ok(999));
        assert_eq!(answers.get(&0, || async { Ok((7, MINUTE)) }).await, Ok(7));
    }
}
