//! What stores of keys are made with: a record as bytes, and (for tests) what every store must keep to.

#[cfg(test)]
pub mod contract;
#[cfg(test)]
pub mod memory;
#[cfg(test)]
pub mod other_process;

use crate::seam::{StoreError, StoredKey};

/// The longest record that is kept or read, in bytes.
pub const MOST_BYTES: usize = 32 << 10;

/// A record as it is kept: JSON.
///
/// # Errors
/// It is longer than a store keeps.
pub fn written(stored: &StoredKey) -> Result<Vec<u8>, StoreError> {
    let bytes = serde_json::to_vec(stored).map_err(|error| StoreError::Broken(error.to_string()))?;
    if bytes.len() > MOST_BYTES { Err(StoreError::TooLarge) } else { Ok(bytes) }
}

/// A record that was kept.
///
/// # Errors
/// It is none.
pub fn read(bytes: &[u8]) -> Result<StoredKey, StoreError> {
    if bytes.len() > MOST_BYTES {
        return Err(StoreError::Broken(format!("a stored key has {} bytes", bytes.len())));
    }
    let broken = |error| StoreError::Broken(format!("a stored key cannot be read: {error}"));
    serde_json::from_slice(bytes).map_err(broken)
}
