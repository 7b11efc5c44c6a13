//! Ids of requests under way: rmcp would never answer the second of two with one id.

use serde_json::value::RawValue;
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

type Key = (String, String);

/// The requests under way, by session and id; clones are one.
#[derive(Clone, Default)]
pub(super) struct Busy(Arc<Mutex<HashSet<Key>>>);

impl Busy {
    /// Notes a request; none where one of its id is under way in its session.
    pub(super) fn begin(&self, session: &str, id: &RawValue) -> Option<UnderWay> {
        let key = (session.to_owned(), id.get().to_owned());
        let mut busy = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        busy.insert(key.clone()).then(|| UnderWay { busy: self.clone(), key })
    }
}

/// A request under way; it is no more when this is dropped.
pub(super) struct UnderWay {
    busy: Busy,
    key: Key,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.busy.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_free_again_when_its_request_is_answered() {
        let busy = Busy::default();
        let id: Box<RawValue> = serde_json::from_str("1").unwrap();
        let one = busy.begin("a", &id);
        assert!(one.is_some() && busy.begin("a", &id).is_none() && busy.begin("b", &id).is_some());
        drop(one);
        assert!(busy.begin("a", &id).is_some());
    }
}
