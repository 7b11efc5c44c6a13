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
    by_id: Arc<Mutex<HashMap<Id, CancellationToken>>>,
    places: Arc<Semaphore>,
    all: CancellationToken,
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
        {
            let mut by_id = self.by_id();
            if by_id.contains_key(&id) {
                return Err(Fault::invalid("a request of this id is under way; ids are used once"));
            }
            by_id.insert(id.clone(), taken_back.clone());
        }
        let named = Named { id, requests: self.clone() };
        let needed = u32::try_from(1 + bytes / OF_ONE).unwrap_or(PLACES).min(PLACES);
        let place = timeout(PATIENCE, self.places.clone().acquire_many_owned(needed)).await;
        let Ok(Ok(place)) = place else {
            return Err(Fault::invalid(
                "too many requests are under way: wait for answers, or take some back",
            ));
        };
        Ok(UnderWay { _named: named, place: Some(place), taken_back })
    }

    /// Takes a request back; one that is not there, or is answered, is not.
    pub(super) fn take_back(&self, id: &Id) {
        if let Some(request) = self.by_id().get(id) {
            request.cancel();
        }
    }

    fn by_id(&self) -> MutexGuard<'_, HashMap<Id, CancellationToken>> {
        self.by_id.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request under way.
pub(in crate::mcp) struct UnderWay {
    _named: Named,
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

    /// Ends it, before its answer is told: with that the client may use the id again. It keeps its place as long as the
    /// answer waits.
    pub(in crate::mcp) fn answered(self) -> Option<OwnedSemaphorePermit> {
        self.place
    }
}

/// An id that is in use until this is dropped.
struct Named {
    id: Id,
    requests: Requests,
}

impl Drop for Named {
    fn drop(&mut self) {
        self.requests.by_id().remove(&self.id);
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
        requests.take_back(&id("1"));
        requests.take_back(&id("3"));
        assert!(one.taken_back().is_cancelled() && !other.taken_back().is_cancelled());
        let place = one.answered();
        assert!(place.is_some() && requests.begin(&raw("1"), 10).await.is_ok(), "the id is free again");
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
