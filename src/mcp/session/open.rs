//! The sessions that are open: bounded in number, for each caller, and in what they keep together.

use super::conversation::{Conversation, Link};
use crate::mcp::{
    SessionLimits,
    caller::{Asker, Owner},
    seats::{Bounds, Seat, Seats},
};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio_util::sync::CancellationToken;

/// The open sessions.
pub(super) struct Open {
    limits: SessionLimits,
    seats: Seats,
    by_id: Mutex<HashMap<String, (Arc<Conversation>, Seat)>>,
    kept: AtomicUsize,
    stop: CancellationToken,
}

impl Open {
    pub(super) fn new(limits: SessionLimits, stop: CancellationToken) -> Arc<Self> {
        let seats = Seats::new(Bounds { most: limits.most, of_one: limits.of_one });
        Arc::new(Self { limits, seats, by_id: Mutex::default(), kept: AtomicUsize::new(0), stop })
    }

    pub(super) const fn limits(&self) -> &SessionLimits {
        &self.limits
    }

    /// A new session of this caller's; none where there is no room for it.
    pub(super) fn begin(self: &Arc<Self>, asker: &Asker) -> Option<(Arc<Conversation>, Link)> {
        let seat = self.seats.take(asker)?;
        let ended = self.stop.child_token();
        let (new, link) = Conversation::new(asker.owner(), Arc::downgrade(self), self.limits.kept, ended);
        self.by_id().insert(new.id().to_owned(), (new.clone(), seat));
        Some((new, link))
    }

    /// The session of this id, for its own caller: to others it does not exist.
    pub(super) fn get(&self, id: &str, owner: &Owner) -> Option<Arc<Conversation>> {
        let by_id = self.by_id();
        by_id.get(id).map(|(known, _)| known).filter(|known| known.is_of(owner)).cloned()
    }

    /// Ends a session.
    pub(super) fn end(&self, conversation: &Conversation) {
        let ended = self.by_id().remove(conversation.id());
        conversation.end();
        drop(ended);
    }

    /// Counts what one session keeps now, and makes room where all keep too much: the one that keeps most lets go first.
    pub(super) fn recount(&self, before: usize, now: usize) {
        self.count(before, now);
        loop {
            let over = self.kept().saturating_sub(self.limits.kept_by_all);
            if over == 0 {
                return;
            }
            let fattest = self.by_id().values().map(|(one, _)| one).max_by_key(|one| one.kept()).cloned();
            let Some(fattest) = fattest else { return };
            let (any, before, now) = fattest.shed(over);
            self.count(before, now);
            if !any {
                return;
            }
        }
    }

    fn count(&self, before: usize, now: usize) {
        if now >= before {
            self.kept.fetch_add(now - before, Ordering::Relaxed);
        } else {
            self.kept.fetch_sub(before - now, Ordering::Relaxed);
        }
    }

    /// How many bytes all of them keep.
    pub(super) fn kept(&self) -> usize {
        self.kept.load(Ordering::Relaxed)
    }

    fn by_id(&self) -> MutexGuard<'_, HashMap<String, (Arc<Conversation>, Seat)>> {
        self.by_id.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mcp::session::event;
    use http::Extensions;
    use rmcp::model::RequestId;

    fn answered(one: &Arc<Conversation>, id: i64, size: usize) {
        let request = RequestId::Number(id);
        drop(one.begin(request.clone()).unwrap());
        one.with(|log| log.answer(&request, &"a".repeat(size)));
    }

    #[tokio::test]
    async fn many_sessions_with_large_answers_that_nobody_fetches_keep_a_bounded_number_of_bytes() {
        let limits = SessionLimits { kept: 1 << 20, kept_by_all: 4 << 20, ..SessionLimits::default() };
        let (open, asker) = (Open::new(limits, CancellationToken::new()), Asker::of(&Extensions::new()));
        let modest = open.begin(&asker).unwrap().0;
        answered(&modest, 1, 10_000);
        let many: Vec<_> = (0..100).map(|_| open.begin(&asker).unwrap()).collect();
        for (one, _) in &many {
            for id in 0..10 {
                answered(one, id, 200_000);
                assert!(one.kept() <= limits.kept && open.kept() <= limits.kept_by_all);
            }
        }
        let all: usize = many.iter().map(|(one, _)| one.kept()).sum();
        assert_eq!(open.kept(), all + modest.kept(), "what is counted is what is kept");
        assert!(open.kept() > limits.kept_by_all / 2, "room is used");
        assert!(modest.kept() > 10_000, "who keeps little loses nothing");
        many.iter().for_each(|(one, _)| open.end(one));
        assert_eq!(open.kept(), modest.kept());
    }

    #[tokio::test]
    async fn one_answer_larger_than_all_may_keep_is_an_error_for_its_client() {
        let limits = SessionLimits { kept: 1000, kept_by_all: 10_000, ..SessionLimits::default() };
        let (open, asker) = (Open::new(limits, CancellationToken::new()), Asker::of(&Extensions::new()));
        let (one, _link) = open.begin(&asker).unwrap();
        let request = RequestId::Number(1);
        let (_, mut reader) = one.begin(request.clone()).unwrap();
        one.with(|log| log.answer(&request, &"a".repeat(9_000)));
        assert!(reader.event().await.unwrap().len() > 9_000, "more than its own room, as it is awaited");
        let request = RequestId::Number(2);
        let (_, mut reader) = one.begin(request.clone()).unwrap();
        one.with(|log| log.answer(&request, &"a".repeat(11_000)));
        let told = event::data(&reader.event().await.unwrap());
        let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
        assert_eq!((&told["id"], &told["error"]["code"]), (&2.into(), &(-32603).into()));
    }
}
