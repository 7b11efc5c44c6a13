//! Keys that were opened a moment ago: for a short time, a bounded number of them, wiped when their time is over.

use super::envelope::OwnKey;
use crate::seam::KeyOwner;
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};
use tokio::{sync::OwnedMutexGuard, time::Instant};

/// How long an opened key is kept: so long may another process's change go unseen.
const LIFE: Duration = Duration::from_secs(30);
/// How long it is remembered that there is none: who has just left a key elsewhere does not wait.
const NONE_LIFE: Duration = Duration::from_secs(2);
/// How many owners are remembered.
const MOST: usize = 1000;

/// What is known of one owner; whoever holds it, reads or writes the owner's record, and others wait.
type Slot = Arc<tokio::sync::Mutex<Known>>;

/// What was found last.
#[derive(Default)]
pub(super) struct Known(Option<(Instant, Option<Arc<OwnKey>>)>);

impl Known {
    /// What was found, if that still holds: a key, or that there is none.
    pub(super) fn get(&self) -> Option<Option<Arc<OwnKey>>> {
        let (until, key) = self.0.as_ref()?;
        (Instant::now() < *until).then(|| key.clone())
    }

    /// Notes what was found.
    pub(super) fn set(&mut self, key: Option<Arc<OwnKey>>) {
        let life = if key.is_some() { LIFE } else { NONE_LIFE };
        self.0 = Some((Instant::now() + life, key));
    }

    /// Forgets what was found.
    pub(super) fn clear(&mut self) {
        self.0 = None;
    }

    fn is_over(&self) -> bool {
        self.0.as_ref().is_none_or(|(until, _)| *until <= Instant::now())
    }
}

#[derive(Default)]
struct Slots {
    by_owner: HashMap<KeyOwner, Slot>,
    swept: bool,
}

/// Opened keys, by owner.
#[derive(Default)]
pub(super) struct Cache(Arc<Mutex<Slots>>);

impl Cache {
    /// What is known of an owner, for one at a time.
    pub(super) async fn of(&self, owner: &KeyOwner) -> OwnedMutexGuard<Known> {
        let slot = {
            let mut slots = lock(&self.0);
            if slots.by_owner.len() >= MOST && !slots.by_owner.contains_key(owner) {
                sweep(&mut slots, true);
            }
            if !std::mem::replace(&mut slots.swept, true) {
                tokio::spawn(wipe(Arc::downgrade(&self.0)));
            }
            Arc::clone(slots.by_owner.entry(owner.clone()).or_default())
        };
        slot.lock_owned().await
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cache(…)")
    }
}

fn lock(slots: &Mutex<Slots>) -> MutexGuard<'_, Slots> {
    slots.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes out whose time is over; where there are too many all the same, also others, but none that is in use: two
/// slots of one owner would let two write at once.
fn sweep(slots: &mut Slots, make_room: bool) {
    slots.by_owner.retain(|_, slot| {
        // Nobody gets at a slot while the map is locked: who holds none now, gets none.
        Arc::strong_count(slot) > 1 || !slot.try_lock().is_ok_and(|known| known.is_over())
    });
    if make_room && slots.by_owner.len() >= MOST {
        slots.by_owner.retain(|_, slot| Arc::strong_count(slot) > 1);
    }
}

/// Wipes keys whose time is over, until there are none left.
async fn wipe(slots: Weak<Mutex<Slots>>) {
    loop {
        tokio::time::sleep(LIFE / 2).await;
        let Some(slots) = slots.upgrade() else { return };
        let mut slots = lock(&slots);
        sweep(&mut slots, false);
        if slots.by_owner.is_empty() {
            slots.swept = false;
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seam::Secret;
    use jiff::Timestamp;

    fn key() -> Arc<OwnKey> {
        Arc::new(OwnKey { key: Secret::new("k"), base_url: None, created_at: Timestamp::UNIX_EPOCH })
    }

    fn owner(number: usize) -> KeyOwner {
        KeyOwner::new("https://id.example", number.to_string(), "crm")
    }

    fn held(cache: &Cache) -> usize {
        lock(&cache.0).by_owner.len()
    }

    #[tokio::test(start_paused = true)]
    async fn a_key_is_known_for_its_time_and_wiped_after_it() {
        let cache = Cache::default();
        let key = key();
        cache.of(&owner(1)).await.set(Some(Arc::clone(&key)));
        cache.of(&owner(2)).await.set(None);
        assert!(cache.of(&owner(1)).await.get().unwrap().is_some());
        assert!(cache.of(&owner(2)).await.get().unwrap().is_none());
        assert!(cache.of(&owner(3)).await.get().is_none());
        tokio::time::advance(NONE_LIFE).await;
        assert!(cache.of(&owner(2)).await.get().is_none());
        assert!(cache.of(&owner(1)).await.get().is_some());
        tokio::time::sleep(LIFE * 2).await;
        assert_eq!((held(&cache), Arc::strong_count(&key)), (0, 1));
        // And again, once there is something to wipe.
        cache.of(&owner(1)).await.set(Some(Arc::clone(&key)));
        tokio::time::sleep(LIFE * 2).await;
        assert_eq!((held(&cache), Arc::strong_count(&key)), (0, 1));
    }

    #[tokio::test]
    async fn one_owner_is_one_at_a_time_and_forgotten_when_told() {
        let cache = Cache::default();
        let mut known = cache.of(&owner(1)).await;
        known.set(Some(key()));
        let ann = owner(1);
        let other = cache.of(&ann);
        tokio::pin!(other);
        assert!(futures_util::poll!(&mut other).is_pending());
        assert!(cache.of(&owner(2)).await.get().is_none());
        known.clear();
        drop(known);
        assert!(other.await.get().is_none());
    }

    #[tokio::test]
    async fn no_more_than_so_many_are_remembered_and_none_in_use_is_dropped() {
        let cache = Cache::default();
        let mut used = cache.of(&owner(0)).await;
        used.set(Some(key()));
        for number in 1..MOST + 50 {
            cache.of(&owner(number)).await.set(Some(key()));
        }
        assert!(held(&cache) <= MOST);
        let first = owner(0);
        let waiting = cache.of(&first);
        tokio::pin!(waiting);
        assert!(futures_util::poll!(&mut waiting).is_pending(), "the same slot");
        assert_eq!(format!("{cache:?}"), "Cache(…)");
    }
}
