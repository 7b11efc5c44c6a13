//! Requests under way: of each id one, a bounded number at once, and any of them can be taken back.

use crate::mcp::door::Fault;
use serde_json::{Value, value::RawValue};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

/// How many places there are for requests at once.
const PLACES: u32 = 256;
/// How many bytes of a request take one more place.
const OF_ONE: usize = 64 << 10;
/// How long a request waits for its place.
const PATIENCE: Duration = Duration::from_secs(10);

/// An id, however it is written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::mcp) enum Id {
    Text(String),
    Number(String),
}

impl Id {
    /// The id of a request.
    pub(in crate::mcp) fn of(id: &RawValue) -> Self {
        match serde_json::from_str(id.get()) {
            Ok(text) => Self::Text(text),
            Err(_) => Self::Number(id.get().to_owned()),
        }
    }

    /// The id that a notification speaks of; none where it is none.
    pub(super) fn named(id: &Value) -> Option<Self> {
        match id {
            Value::String(text) => Some(Self::Text(text.clone())),
            Value::Number(number) => Some(Self::Number(number.to_string())),
            _ => None,
        }
    }
}

/// The requests under way; clones are one.
#[derive(Clone)]
pub(super) struct Requests {
    by_id: Arc<Mutex<ById>>,
    places: Arc<Semaphore>,
    all: CancellationToken,
}

#[derive(Default)]
struct ById {
    begun: u64,
    open: HashMap<Id, Open>,
}

/// A request that is neither answered nor taken back.
struct Open {
    /// Tells it from others of its id, before and after.
    number: u64,
    taken_back: CancellationToken,
    /// Whether it is answered in any case.
    lasts: bool,
}

impl Requests {
    /// None; `all` takes back every one that comes.
    pub(super) fn new(all: CancellationToken) -> Self {
        Self { by_id: Arc::default(), places: Arc::new(Semaphore::new(PLACES as usize)), all }
    }

    /// Begins a request of so many bytes, when there is a place for it.
    ///
    /// # Errors
    /// One of its id is under way; too many are, and none of them ends.
    pub(super) async fn begin(&self, id: &RawValue, bytes: usize) -> Result<UnderWay, Fault> {
        let (id, taken_back) = (Id::of(id), self.all.child_token());
        let named = self
            .name(id, taken_back.clone())
            .ok_or_else(|| Fault::invalid("a request of this id is under way; ids are used once"))?;
        let needed = u32::try_from(1 + bytes / OF_ONE).unwrap_or(PLACES).min(PLACES);
        let place = timeout(PATIENCE, self.places.clone().acquire_many_owned(needed)).await;
        let Ok(Ok(place)) = place else {
            return Err(Fault::invalid(
                "too many requests are under way: wait for answers, or take some back",
            ));
        };
        Ok(UnderWay { named, place: Some(place), taken_back })
    }

    /// Takes a request back, whose id is free with that; false where there is none to take back.
    pub(super) fn take_back(&self, id: &Id) -> bool {
        let mut by_id = self.by_id();
        if by_id.open.get(id).is_none_or(|request| request.lasts) {
            return false;
        }
        by_id.open.remove(id).inspect(|request| request.taken_back.cancel()).is_some()
    }

    fn name(&self, id: Id, taken_back: CancellationToken) -> Option<Named> {
        let mut by_id = self.by_id();
        if by_id.open.contains_key(&id) {
            return None;
        }
        by_id.begun += 1;
        let number = by_id.begun;
        by_id.open.insert(id.clone(), Open { number, taken_back, lasts: false });
        Some(Named { id, number, requests: self.clone() })
    }

    fn by_id(&self) -> MutexGuard<'_, ById> {
        self.by_id.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request under way.
pub(in crate::mcp) struct UnderWay {
    named: Named,
    place: Option<OwnedSemaphorePermit>,
    taken_back: CancellationToken,
}

impl UnderWay {
    /// Is cancelled when the request is taken back.
    pub(super) const fn taken_back(&self) -> &CancellationToken {
        &self.taken_back
    }

    /// Leaves its place to others: what it waits for is counted elsewhere.
    pub(super) fn stand_aside(&mut self) {
        self.place = None;
    }

    /// It can no longer be taken back.
    pub(super) fn lasts(&self) {
        let Named { id, requests, .. } = &self.named;
        if let Some(open) = requests.by_id().open.get_mut(id) {
            open.lasts = true;
        }
    }

    /// Ends it, before its answer is told: with that the client may use the id again. One that was taken back is not
    /// answered.
    pub(in crate::mcp) fn answered(self) -> Option<Answered> {
        self.named.end().then_some(Answered { _place: self.place })
    }
}

/// A request whose answer waits to be written; it keeps its place until this is dropped.
pub(in crate::mcp) struct Answered {
    _place: Option<OwnedSemaphorePermit>,
}

/// An id that is in use until this is dropped.
struct Named {
    id: Id,
    number: u64,
    requests: Requests,
}

impl Named {
    /// Frees the id; false where it was free before.
    fn end(&self) -> bool {
        let mut by_id = self.requests.by_id();
        let is_own = by_id.open.get(&self.id).is_some_and(|open| open.number == self.number);
        if is_own {
            by_id.open.remove(&self.id);
        }
        is_own
    }
}

impl Drop for Named {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn raw(id: &str) -> Box<RawValue> {
        serde_json::from_str(id).unwrap()
    }

    fn id(text: &str) -> Id {
        Id::of(&raw(text))
    }

    #[test]
    fn an_id_is_one_however_it_is_written() {
        assert_eq!(id(r#""a""#), id(r#""\u0061""#));
        assert_ne!(id("7"), id(r#""7""#));
        assert_eq!(Id::named(&json!(7)), Some(id("7")));
        assert_eq!(Id::named(&json!("é")), Some(id(r#""\u00e9""#)));
        assert_eq!((Id::named(&json!([])), Id::named(&Value::Null)), (None, None));
    }

    #[tokio::test]
    async fn of_an_id_one_is_under_way_and_can_be_taken_back() {
        let requests = Requests::new(CancellationToken::new());
        let one = requests.begin(&raw("1"), 10).await.unwrap();
        assert!(requests.begin(&raw("1"), 10).await.is_err());
        let other = requests.begin(&raw("2"), 10).await.unwrap();
        other.lasts();
        assert!(requests.take_back(&id("1")) && !requests.take_back(&id("1")));
        assert!(!requests.take_back(&id("2")) && !requests.take_back(&id("3")));
        assert!(one.taken_back().is_cancelled() && !other.taken_back().is_cancelled());
        let again = requests.begin(&raw("1"), 10).await.unwrap();
        assert!(one.answered().is_none(), "it is not answered");
        assert!(requests.begin(&raw("1"), 10).await.is_err(), "the id is the other's");
        let waits = again.answered();
        assert!(waits.is_some() && requests.begin(&raw("1"), 10).await.is_ok(), "the id is free again");
    }

    #[tokio::test(start_paused = true)]
    async fn places_are_bounded_in_number_and_by_size() {
        let requests = Requests::new(CancellationToken::new());
        let large = requests.begin(&raw("0"), usize::MAX).await.unwrap();
        assert!(requests.begin(&raw("1"), 1).await.is_err());
        drop(large);
        let mut all = Vec::new();
        for n in 0..PLACES {
            all.push(requests.begin(&raw(&n.to_string()), 1).await.unwrap());
        }
        assert!(requests.begin(&raw("\"more\""), 1).await.is_err());
        all[7].stand_aside();
        assert!(requests.begin(&raw("\"more\""), 1).await.is_ok());
    }
}
