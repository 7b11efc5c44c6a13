//! Places that are bounded: in number, and for each caller.

use super::caller::Asker;
use crate::seam::{Issuer, Principal, Subject};
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// How many may be taken at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// By all callers together.
    pub(super) most: usize,
    /// By one of them.
    pub(super) of_one: usize,
}

/// Whom a seat counts for: a signed-in caller, or else an address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Who {
    User(Issuer, Subject),
    Address(Option<IpAddr>),
}

impl From<&Asker> for Who {
    fn from(asker: &Asker) -> Self {
        match &asker.principal {
            Principal::User(user) => Self::User(user.issuer.clone(), user.subject.clone()),
            Principal::Local | Principal::Anonymous => Self::Address(asker.source.client),
        }
    }
}

/// The seats of one kind; clones are one.
#[derive(Clone)]
pub(super) struct Seats {
    bounds: Bounds,
    taken: Arc<Mutex<HashMap<Who, usize>>>,
}

impl Seats {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self { bounds, taken: Arc::default() }
    }

    /// A seat, where there is one for this caller; it is free again when it is dropped.
    pub(super) fn take(&self, asker: &Asker) -> Option<Seat> {
        let who = Who::from(asker);
        let mut taken = self.taken();
        let all: usize = taken.values().sum();
        let own = taken.get(&who).copied().unwrap_or_default();
        if all >= self.bounds.most || own >= self.bounds.of_one {
            return None;
        }
        taken.insert(who.clone(), own + 1);
        Some(Seat { who, seats: self.clone() })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<Who, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A seat that is taken.
pub(super) struct Seat {
    who: Who,
    seats: Seats,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken();
        match taken.get_mut(&self.who) {
            Some(own) if *own > 1 => *own -= 1,
            _ => {
                taken.remove(&self.who);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::Source;
    use http::Extensions;

    fn from(address: &str) -> Asker {
        let mut extensions = Extensions::new();
        extensions.insert(Source { client: Some(address.parse().unwrap()), ..Source::default() });
        Asker::of(&extensions)
    }

    #[test]
    fn seats_are_bounded_for_one_and_for_all_and_free_again_when_left() {
        let seats = Seats::new(Bounds { most: 3, of_one: 2 });
        let (ann, ben) = (from("10.0.0.1"), from("10.0.0.2"));
        let (one, two) = (seats.take(&ann), seats.take(&ann));
        assert!(one.is_some() && two.is_some() && seats.take(&ann).is_none());
        let three = seats.take(&ben);
        assert!(three.is_some() && seats.take(&ben).is_none());
        drop(one);
        assert!(seats.take(&ann).is_some());
        drop((two, three));
        assert!(seats.taken().is_empty());
    }
}
