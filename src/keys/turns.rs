//! How often a user may work on their own key: trying keys is asking somebody else's server.

use crate::seam::KeyOwner;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// What one turn costs: the time after which it is free again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Looking.
    Look,
    /// Storing or deleting.
    Change,
}

impl Turn {
    const fn costs(self) -> Duration {
        match self {
            Self::Look => Duration::from_secs(1),
            Self::Change => Duration::from_secs(6),
        }
    }
}

/// What may be spent at once: 60 looks, 10 changes.
const BURST: Duration = Duration::from_secs(60);
/// The most users who are counted; where there are more, those who have spent nothing lately make room.
const MOST: usize = 10_000;

/// For each user the time at which they have spent nothing any more.
#[derive(Default)]
pub(super) struct Turns(Mutex<HashMap<KeyOwner, Instant>>);

impl Turns {
    /// Takes a turn.
    ///
    /// # Errors
    /// There is none left: tells after how long there is.
    pub(super) fn take(&self, owner: &KeyOwner, turn: Turn) -> Result<(), Duration> {
        let now = Instant::now();
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if free.len() >= MOST && !free.contains_key(owner) {
            free.retain(|_, at| *at > now);
            if free.len() >= MOST
                && let Some(next) = free.iter().min_by_key(|(_, at)| **at).map(|(owner, _)| owner.clone())
            {
                free.remove(&next);
            }
        }
        let at = free.entry(owner.clone()).or_insert(now);
        let spent = (*at).max(now) + turn.costs();
        let over = (spent - now).saturating_sub(BURST);
        if !over.is_zero() {
            return Err(over);
        }
        *at = spent;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(number: usize) -> KeyOwner {
        KeyOwner::new("https://id.example", number.to_string(), "crm")
    }

    #[tokio::test(start_paused = true)]
    async fn each_user_has_turns_of_their_own_that_come_back() {
        let turns = Turns::default();
        for _ in 0..10 {
            assert_eq!(turns.take(&owner(1), Turn::Change), Ok(()));
        }
        assert_eq!(turns.take(&owner(1), Turn::Change), Err(Duration::from_secs(6)));
        assert_eq!(turns.take(&owner(1), Turn::Look), Err(Duration::from_secs(1)));
        assert_eq!(turns.take(&owner(2), Turn::Change), Ok(()));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(turns.take(&owner(1), Turn::Look), Ok(()));
        assert_eq!(
            turns.take(&owner(1), Turn::Change),
            Err(Duration::from_secs(6)),
            "a refusal costs nothing"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_than_so_many_users_are_counted() {
        let turns = Turns::default();
        for number in 0..MOST + 10 {
            assert_eq!(turns.take(&owner(number), Turn::Change), Ok(()));
        }
        assert_eq!(turns.0.lock().unwrap().len(), MOST);
        tokio::time::advance(BURST).await;
        assert_eq!(turns.take(&owner(MOST * 2), Turn::Look), Ok(()));
        assert_eq!(turns.0.lock().unwrap().len(), 1);
    }
}
