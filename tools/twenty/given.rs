//! A value that was given, null among them, told apart from one that was left out: `None` is left out, `Some(None)` is
//! null.

use serde::{Deserialize, Deserializer};

/// Reads a value that is there.
///
/// # Errors
/// It is of another type.
#[allow(clippy::option_option)]
pub fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}
