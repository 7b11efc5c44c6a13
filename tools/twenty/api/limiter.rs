//! A token bucket for each key.

use crate::seam::{CredentialId, ToolError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// The most keys that are counted at once; the one longest unused makes room.
const KEYS: usize = 10_000;

/// How many requests may be made with one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Rate {
    /// Requests a minute in the long run.
    #[schemars(range(min = 1, max = 100_000))]
    pub per_minute: u32,
    /// Requests that may be made at once after a pause.
    #[schemars(range(min = 1, max = 100_000))]
    pub burst: u32,
}

impl Default for Rate {
    /// What Twenty allows a key.
    fn default() -> Self {
        Self { per_minute: 100, burst: 100 }
    }
}

/// Spaces requests out as a rate says.
pub struct Limiter {
    rate: Option<Rate>,
    /// For each key the time at which its bucket is full again.
    full: Mutex<HashMap<CredentialId, Instant>>,
}

impl Limiter {
    /// No rate, no limit.
    #[must_use]
    pub fn new(rate: Option<Rate>) -> Self {
        Self { rate, full: Mutex::default() }
    }

    /// Waits for this key's turn.
    ///
    /// # Errors
    /// The turn comes after the call's deadline: says so at once.
    pub async fn turn(&self, key: CredentialId, deadline: Instant) -> Result<(), ToolError> {
        let Some(rate) = self.rate else { return Ok(()) };
        let at = self.reserve(key, rate, Instant::now(), deadline).map_err(|wait| {
            let seconds = wait.as_secs() + 1;
            ToolError::limited(format_args!(
                "the limit of {} requests a minute is used up; the next is free in {seconds} s",
                rate.per_minute,
            ))
            .hint("wait, or ask for less at once")
            .again_in(seconds)
        })?;
        tokio::time::sleep_until(at).await;
        Ok(())
    }

    /// The moment of the next turn, taken; or how long it would be until then, nothing taken.
    fn reserve(
        &self,
        key: CredentialId,
        rate: Rate,
        now: Instant,
        deadline: Instant,
    ) -> Result<Instant, Duration> {
        let each = Duration::from_mins(1) / rate.per_minute.max(1);
        let mut full = self.full.lock().unwrap_or_else(PoisonError::into_inner);
        if full.len() >= KEYS
            && !full.contains_key(&key)
            && let Some(oldest) = full.iter().min_by_key(|(_, at)| **at).map(|(key, _)| *key)
        {
            full.remove(&oldest);
        }
        let was = full.get(&key).copied().unwrap_or(now).max(now);
        let spent = was + each;
        let turn = spent.checked_sub(each * rate.burst).unwrap_or(now).max(now);
        if turn > deadline {
            return Err(turn - now);
        }
        full.insert(key, spent);
        Ok(turn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seam::{Credential, Upstream, Whose};

    #[test]
    fn a_burst_is_free_and_then_turns_are_spaced() {
        let limiter = Limiter::new(Some(Rate { per_minute: 60, burst: 3 }));
        let key = Credential { upstream: Upstream::Sandbox, key: None, whose: Whose::Operator }.id();
        let (now, rate) = (Instant::now() + Duration::from_hours(1), Rate { per_minute: 60, burst: 3 });
        let far = now + Duration::from_secs(10);
        let turn = |deadline| limiter.reserve(key, rate, now, deadline);
        for _ in 0..3 {
            assert_eq!(turn(far), Ok(now));
        }
        assert_eq!(turn(far), Ok(now + Duration::from_secs(1)));
        assert_eq!(turn(now), Err(Duration::from_secs(2)), "a turn past the deadline is told");
        assert_eq!(turn(far), Ok(now + Duration::from_secs(2)), "and was not taken");
    }
}
