//! Which way something is sorted, and where what is not there goes.

use std::cmp::Ordering;

use serde_json::Value as Json;

/// A direction such as `AscNullsFirst`.
#[derive(Clone, Copy, Debug)]
pub struct Direction {
    descending: bool,
    nulls_first: bool,
}

impl Direction {
    /// Upwards, with nothing before everything.
    pub const NULLS_FIRST: Direction = Direction { descending: false, nulls_first: true };
    /// Upwards, with nothing after everything.
    pub const NULLS_LAST: Direction = Direction { descending: false, nulls_first: false };

    /// The direction of that name.
    pub fn new(name: &Json) -> Direction {
        let name = name.as_str().unwrap_or_default();
        Direction { descending: name.starts_with("Desc"), nulls_first: name.ends_with("First") }
    }

    /// The order of two values, of which either may not be there.
    pub fn compare<T>(self, a: Option<T>, b: Option<T>, by: impl Fn(T, T) -> Ordering) -> Ordering {
        match (a, b) {
            (Some(a), Some(b)) if self.descending => by(b, a),
            (Some(a), Some(b)) => by(a, b),
            (a, b) if self.nulls_first => a.is_some().cmp(&b.is_some()),
            (a, b) => b.is_some().cmp(&a.is_some()),
        }
    }
}
