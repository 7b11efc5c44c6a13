//! Identical reads under way at once: one is sent, and all who asked get its answer.

use super::{client::Api, errors::ApiError};
use crate::seam::CredentialId;
use serde_json::Value;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::OnceCell;

/// What makes two reads the same.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Read {
    pub(super) credential: CredentialId,
    pub(super) api: Api,
    pub(super) body: String,
}

type Answer = Arc<OnceCell<Arc<Value>>>;

/// One who waits for an answer. Who leaves last, or with the answer, takes it away: whoever asks then asks anew.
struct Joined<'a> {
    coalescer: &'a Coalescer,
    read: Read,
    answer: Answer,
}

impl Drop for Joined<'_> {
    fn drop(&mut self) {
        let mut running = self.coalescer.lock();
        // Two hold it then: the map and this one.
        let over = self.answer.initialized() || Arc::strong_count(&self.answer) <= 2;
        if over && running.get(&self.read).is_some_and(|there| Arc::ptr_eq(there, &self.answer)) {
            running.remove(&self.read);
        }
    }
}

/// A write under way.
pub(super) struct Writing<'a> {
    coalescer: &'a Coalescer,
    credential: CredentialId,
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.coalescer.part(self.credential);
    }
}

/// The reads under way.
#[derive(Default)]
pub(super) struct Coalescer {
    running: Mutex<HashMap<Read, Answer>>,
}

impl Coalescer {
    /// The answer to a read: that of an identical one under way, else of `send`. Where the one that was sent fails or is
    /// given up, the next who waits sends its own, so that nobody inherits another's deadline or error.
    pub(super) async fn join<F: Future<Output = Result<Value, ApiError>>>(
        &self,
        read: Read,
        send: impl FnOnce() -> F,
    ) -> Result<Value, ApiError> {
        let answer = self.lock().entry(read.clone()).or_default().clone();
        let joined = Joined { coalescer: self, read, answer };
        let got = joined.answer.get_or_try_init(|| async { send().await.map(Arc::new) }).await.cloned();
        drop(joined);
        got.map(|value| Arc::try_unwrap(value).unwrap_or_else(|shared| (*shared).clone()))
    }

    /// A write with this credential begins; until the guard is dropped, and from then on, no read is given an answer
    /// from before.
    pub(super) fn write(&self, credential: CredentialId) -> Writing<'_> {
        self.part(credential);
        Writing { coalescer: self, credential }
    }

    fn part(&self, credential: CredentialId) {
        self.lock().retain(|read, _| read.credential != credential);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Read, Answer>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seam::{Credential, ToolError, Upstream, Whose};
    use serde_json::json;
    use std::sync::atomic::{AtomicU32, Ordering};
    use tokio::sync::Notify;

    fn read(body: &str) -> Read {
        let credential = Credential { upstream: Upstream::Sandbox, key: None, whose: Whose::Operator }.id();
        Read { credential, api: Api::Core, body: body.to_owned() }
    }

    #[tokio::test]
    async fn one_is_sent_and_all_get_its_answer() {
        let (coalescer, sent, go) = (Coalescer::default(), AtomicU32::new(0), Notify::new());
        let ask = |body: &'static str| {
            coalescer.join(read(body), || async {
                let nth = sent.fetch_add(1, Ordering::SeqCst);
                go.notified().await;
                Ok(json!(nth))
            })
        };
        let release = async {
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
            go.notify_waiters();
        };
        let (a, b, other, ()) = tokio::join!(ask("a"), ask("a"), ask("b"), release);
        assert_eq!((a.unwrap(), b.unwrap(), other.unwrap()), (json!(0), json!(0), json!(1)));
        assert!(coalescer.lock().is_empty(), "nothing is kept");
    }

    #[tokio::test]
    async fn a_failure_is_not_shared_and_a_write_parts_reads() {
        let coalescer = Coalescer::default();
        let failed =
            coalescer.join(read("a"), || async { Err(ApiError::Refused(ToolError::upstream("down"))) }).await;
        assert!(failed.is_err());
        let mut given_up =
            Box::pin(coalescer.join(read("b"), std::future::pending::<Result<Value, ApiError>>));
        assert!(futures_util::poll!(&mut given_up).is_pending());
        drop(given_up);
        assert!(coalescer.lock().is_empty(), "nothing is kept of what failed or was given up");
        let early = coalescer.join(read("a"), || async {
            tokio::task::yield_now().await;
            Ok(json!("before"))
        });
        let late = async {
            drop(coalescer.write(read("a").credential));
            coalescer.join(read("a"), || async { Ok(json!("after")) }).await
        };
        let (early, late) = tokio::join!(early, late);
        assert_eq!((early.unwrap(), late.unwrap()), (json!("before"), json!("after")));
    }
}
