//! That answers lead to an effect once.

use super::NoAnswer;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// The most states that are remembered at once; each is, until it is too old to open.
const MOST: usize = 100_000;

/// The states that led to an effect, in this process.
#[derive(Default)]
pub(super) struct Spent(Mutex<HashMap<String, u64>>);

impl Spent {
    /// Uses the state with this nonce, which opens until then (seconds since 1970); `now` likewise.
    pub(super) fn spend(&self, nonce: &str, until: u64, now: u64) -> Result<(), NoAnswer> {
        let mut spent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if spent.contains_key(nonce) {
            return Err(NoAnswer::Used);
        }
        if spent.len() >= MOST {
            spent.retain(|_, until| *until > now);
        }
        if spent.len() >= MOST {
            return Err(NoAnswer::Busy);
        }
        spent.insert(nonce.to_owned(), until);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_used_once_and_memory_is_bounded() {
        let spent = Spent::default();
        assert_eq!(spent.spend("a", 100, 0), Ok(()));
        assert_eq!(spent.spend("a", 100, 0), Err(NoAnswer::Used));
        for at in 1..MOST {
            assert_eq!(spent.spend(&at.to_string(), 100, 0), Ok(()));
        }
        assert_eq!(spent.spend("b", 200, 99), Err(NoAnswer::Busy), "none is too old yet");
        assert_eq!(spent.spend("b", 200, 100), Ok(()), "those that open no more are forgotten");
        assert_eq!(spent.spend("b", 200, 100), Err(NoAnswer::Used));
    }
}
