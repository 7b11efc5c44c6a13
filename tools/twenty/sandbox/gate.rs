//! What stands before the endpoints: delay, faults, the limit of requests.

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use sha2::{Digest as _, Sha256};

use super::settings::SandboxSettings;

/// Keys whose requests are counted at one time; with more, those are forgotten whose minute is over.
const KEYS_MAX: usize = 1_024;
const WINDOW: Duration = Duration::from_secs(60);

/// Why a request is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// As the settings want it.
    Unavailable,
    /// The key has made its requests for this minute; the next may come after so many seconds.
    Limited {
        /// Seconds.
        retry_after: u64,
    },
}

/// Delay, faults and limit of one workspace.
#[derive(Debug)]
pub struct Gate {
    latency: Duration,
    failing: AtomicU32,
    per_minute: Option<u32>,
    windows: Mutex<HashMap<[u8; 32], Window>>,
    answered: AtomicU64,
}

#[derive(Debug)]
struct Window {
    began: Instant,
    requests: u32,
}

impl Gate {
    /// The gate of some settings.
    pub fn new(settings: &SandboxSettings) -> Gate {
        Gate {
            latency: Duration::from_millis(settings.latency_ms),
            failing: AtomicU32::new(settings.fail_next),
            per_minute: settings.rate_limit,
            windows: Mutex::new(HashMap::new()),
            answered: AtomicU64::new(0),
        }
    }

    /// How long every answer waits.
    pub fn latency(&self) -> Duration {
        self.latency
    }

    /// Counts a request that was made with this key, and says whether it may pass.
    ///
    /// # Errors
    /// When it may not.
    pub fn pass(&self, key: &str, now: Instant) -> Result<(), Stop> {
        self.answered.fetch_add(1, Ordering::Relaxed);
        let fewer = |left: u32| left.checked_sub(1);
        if self.failing.fetch_update(Ordering::AcqRel, Ordering::Acquire, fewer).is_ok() {
            return Err(Stop::Unavailable);
        }
        let Some(most) = self.per_minute else { return Ok(()) };
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= KEYS_MAX {
            windows.retain(|_, window| now.duration_since(window.began) < WINDOW);
        }
        let key: [u8; 32] = Sha256::digest(key.as_bytes()).into();
        if windows.len() >= KEYS_MAX && !windows.contains_key(&key) {
            return Err(Stop::Limited { retry_after: WINDOW.as_secs() });
        }
        let window = windows.entry(key).or_insert(Window { began: now, requests: 0 });
        let age = now.duration_since(window.began);
        if age >= WINDOW {
            *window = Window { began: now, requests: 0 };
        }
        if window.requests >= most {
            return Err(Stop::Limited { retry_after: WINDOW.saturating_sub(age).as_secs().max(1) });
        }
        window.requests += 1;
        Ok(())
    }

    /// Requests so far.
    pub fn answered(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_limited_for_its_own_minute() {
        let gate = Gate::new(&SandboxSettings { rate_limit: Some(2), ..SandboxSettings::default() });
        let now = Instant::now();
        assert_eq!([gate.pass("a", now), gate.pass("a", now), gate.pass("b", now)], [Ok(()); 3]);
        let later = now + Duration::from_secs(45);
        assert_eq!(gate.pass("a", later), Err(Stop::Limited { retry_after: 15 }));
        assert_eq!(gate.pass("a", now + WINDOW), Ok(()));
        assert_eq!(gate.answered(), 5);
    }

    #[test]
    fn the_next_requests_fail_and_then_no_more() {
        let gate = Gate::new(&SandboxSettings { fail_next: 2, ..SandboxSettings::default() });
        let now = Instant::now();
        let answers = [gate.pass("a", now), gate.pass("a", now), gate.pass("a", now)];
        assert_eq!(answers, [Err(Stop::Unavailable), Err(Stop::Unavailable), Ok(())]);
    }
}
