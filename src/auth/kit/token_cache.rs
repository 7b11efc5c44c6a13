//! Tokens that were judged to be good, for a while.

use crate::seam::BearerToken;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    mem,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// What is known of good tokens, by their SHA-256: the tokens themselves are not kept. No entry outlives its token, or
/// the cache's own time.
pub struct TokenCache<V> {
    most: usize,
    longest: Duration,
    ages: Mutex<Ages<V>>,
}

/// Two generations: when the young one is full, the old one is dropped and the young one is old.
struct Ages<V> {
    young: HashMap<[u8; 32], Entry<V>>,
    old: HashMap<[u8; 32], Entry<V>>,
}

struct Entry<V> {
    value: V,
    until: Timestamp,
}

impl<V: Clone> TokenCache<V> {
    /// A cache of at most `most` tokens, each for `longest` at most.
    #[must_use]
    pub fn new(most: usize, longest: Duration) -> Self {
        let ages = Ages { young: HashMap::new(), old: HashMap::new() };
        Self { most: (most / 2).max(1), longest, ages: Mutex::new(ages) }
    }

    /// What is known of a token, unless its time is over.
    #[must_use]
    pub fn get(&self, token: &BearerToken, now: Timestamp) -> Option<V> {
        let key = hash(token);
        let ages = self.ages.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = ages.young.get(&key).or_else(|| ages.old.get(&key))?;
        (now < entry.until).then(|| entry.value.clone())
    }

    /// Remembers a token that is good until `expires`.
    pub fn put(&self, token: &BearerToken, value: V, expires: Timestamp, now: Timestamp) {
        let longest = SignedDuration::try_from(self.longest).ok().and_then(|span| now.checked_add(span).ok());
        let until = longest.map_or(expires, |longest| longest.min(expires));
        if until <= now {
            return;
        }
        let mut ages = self.ages.lock().unwrap_or_else(PoisonError::into_inner);
        if ages.young.len() >= self.most {
            ages.old = mem::take(&mut ages.young);
        }
        ages.young.insert(hash(token), Entry { value, until });
    }
}

/// What stands for a token where it is remembered.
pub(super) fn hash(token: &BearerToken) -> [u8; 32] {
    Sha256::digest(token.expose()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(n: usize) -> BearerToken {
        BearerToken::parse(&format!("t{n}")).unwrap()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn rule_12_an_entry_ends_with_its_token_or_with_the_caches_time() {
        let cache = TokenCache::new(10, Duration::from_secs(60));
        cache.put(&token(1), "ann", at(1030), at(1000));
        cache.put(&token(2), "ben", at(9000), at(1000));
        cache.put(&token(3), "over", at(1000), at(1000));
        assert_eq!(cache.get(&token(1), at(1029)), Some("ann"));
        assert_eq!(cache.get(&token(1), at(1030)), None);
        assert_eq!(cache.get(&token(2), at(1059)), Some("ben"));
        assert_eq!(cache.get(&token(2), at(1060)), None);
        assert_eq!(cache.get(&token(3), at(999)), None);
        assert_eq!(cache.get(&token(4), at(1000)), None);
    }

    #[test]
    fn rule_12_it_never_holds_more_than_it_may() {
        let cache = TokenCache::new(100, Duration::from_secs(60));
        for n in 0..1000 {
            cache.put(&token(n), n, at(1030), at(1000));
            let ages = cache.ages.lock().unwrap();
            assert!(ages.young.len() + ages.old.len() <= 100);
        }
        assert_eq!(cache.get(&token(999), at(1000)), Some(999));
        assert_eq!(cache.get(&token(0), at(1000)), None);
    }
}
