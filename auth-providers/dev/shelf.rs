//! What is kept for a while: bounded in number and in time.

use indexmap::IndexMap;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// By what a thing is found: the hash of the text that stands for it outside, which is not kept.
pub type Key = [u8; 32];

/// The key of a text.
#[must_use]
pub fn key(text: &str) -> Key {
    Sha256::digest(text).into()
}

/// Things by their key, each until its time is over. Where there is no room, what is over goes first, then the oldest.
pub struct Shelf<V> {
    most: usize,
    things: IndexMap<Key, Thing<V>>,
}

struct Thing<V> {
    value: V,
    until: Timestamp,
}

impl<V> Shelf<V> {
    /// Room for `most` things.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { most, things: IndexMap::new() }
    }

    /// Keeps a thing.
    pub fn put(&mut self, key: Key, value: V, until: Timestamp, now: Timestamp) {
        if self.things.len() >= self.most {
            self.things.retain(|_, thing| now < thing.until);
        }
        if self.things.len() >= self.most {
            self.things.shift_remove_index(0);
        }
        self.things.insert(key, Thing { value, until });
    }

    /// A thing whose time is not over.
    #[must_use]
    pub fn get(&self, key: &Key, now: Timestamp) -> Option<&V> {
        self.things.get(key).filter(|thing| now < thing.until).map(|thing| &thing.value)
    }

    /// A thing that is still there, and whether its time is over.
    pub fn look(&mut self, key: &Key, now: Timestamp) -> Option<(&mut V, bool)> {
        self.things.get_mut(key).map(|thing| (&mut thing.value, now >= thing.until))
    }

    /// Takes a thing away; tells what it was where its time is not over.
    pub fn take(&mut self, key: &Key, now: Timestamp) -> Option<V> {
        self.things.shift_remove(key).filter(|thing| now < thing.until).map(|thing| thing.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_thing_is_there_until_its_time_is_over_and_taken_once() {
        let mut shelf = Shelf::new(10);
        shelf.put(key("a"), 1, at(10), at(0));
        assert_eq!(shelf.get(&key("a"), at(9)), Some(&1));
        assert_eq!(shelf.get(&key("a"), at(10)), None);
        assert_eq!(shelf.look(&key("a"), at(10)), Some((&mut 1, true)));
        assert_eq!(shelf.get(&key("b"), at(0)), None);
        assert_eq!(shelf.take(&key("a"), at(9)), Some(1));
        assert_eq!(shelf.take(&key("a"), at(9)), None);
    }

    #[test]
    fn what_is_over_makes_room_before_the_oldest_does() {
        let mut shelf = Shelf::new(2);
        shelf.put(key("old"), 1, at(100), at(0));
        shelf.put(key("over"), 2, at(5), at(0));
        shelf.put(key("new"), 3, at(100), at(6));
        assert_eq!((shelf.get(&key("old"), at(6)), shelf.get(&key("over"), at(0))), (Some(&1), None));
        shelf.put(key("newer"), 4, at(100), at(6));
        assert_eq!((shelf.get(&key("old"), at(6)), shelf.get(&key("new"), at(6))), (None, Some(&3)));
    }
}
