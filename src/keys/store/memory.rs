//! A store in memory, for tests: it can fail, count, and let somebody else be quicker.

use crate::seam::{BoxFuture, KeyOwner, Shelf, StoreError, StoredKey};
use std::{
    collections::BTreeMap,
    ops::Bound,
    sync::{Mutex, MutexGuard},
};

/// Records by owner.
pub type Rows = BTreeMap<KeyOwner, StoredKey>;

/// What somebody else does just before a change.
type Between = Box<dyn FnOnce(&mut Rows) + Send>;

/// A store in memory.
#[derive(Default)]
pub struct Memory {
    rows: Mutex<Rows>,
    between: Mutex<Vec<Between>>,
    failing: Mutex<bool>,
    reads: Mutex<usize>,
}

impl Memory {
    /// The records.
    pub fn rows(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap()
    }

    /// Lets somebody else do this just before the next change.
    pub fn before_the_next_change(&self, between: impl FnOnce(&mut Rows) + Send + 'static) {
        self.between.lock().unwrap().insert(0, Box::new(between));
    }

    /// Whether every operation fails from now on.
    pub fn fail(&self, failing: bool) {
        *self.failing.lock().unwrap() = failing;
    }

    /// How many records were read so far.
    pub fn reads(&self) -> usize {
        *self.reads.lock().unwrap()
    }

    fn check(&self) -> Result<(), StoreError> {
        let failing = *self.failing.lock().unwrap();
        if failing { Err(StoreError::Unavailable { retry_after: 7 }) } else { Ok(()) }
    }
}

impl Shelf for Memory {
    fn get<'a>(&'a self, owner: &'a KeyOwner) -> BoxFuture<'a, Result<Option<StoredKey>, StoreError>> {
        Box::pin(async {
            *self.reads.lock().unwrap() += 1;
            self.check()?;
            // As a real store: others run meanwhile.
            tokio::task::yield_now().await;
            Ok(self.rows().get(owner).cloned())
        })
    }

    fn replace<'a>(
        &'a self,
        owner: &'a KeyOwner,
        expected: Option<&'a StoredKey>,
        new: Option<&'a StoredKey>,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(async move {
            self.check()?;
            if let Some(new) = new {
                super::written(new)?;
            }
            tokio::task::yield_now().await;
            if let Some(between) = self.between.lock().unwrap().pop() {
                between(&mut self.rows());
            }
            let mut rows = self.rows();
            if rows.get(owner) != expected {
                return Ok(false);
            }
            match new {
                Some(new) => drop(rows.insert(owner.clone(), new.clone())),
                None => drop(rows.remove(owner)),
            }
            Ok(true)
        })
    }

    fn list<'a>(
        &'a self,
        after: Option<&'a KeyOwner>,
        most: usize,
    ) -> BoxFuture<'a, Result<Vec<KeyOwner>, StoreError>> {
        Box::pin(async move {
            self.check()?;
            let from = after.map_or(Bound::Unbounded, Bound::Excluded);
            let rows = self.rows();
            Ok(rows
                .range::<KeyOwner, _>((from, Bound::Unbounded))
                .take(most)
                .map(|(owner, _)| owner.clone())
                .collect())
        })
    }
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn it_is_a_store() {
        super::super::contract::holds(std::sync::Arc::new(super::Memory::default())).await;
    }
}
