//! AES-256-GCM for what is given out and taken back: handles and state that nobody else can read, change or make.

mod key;
mod keyring;

pub use keyring::{Keyring, WeakSecret};

use crate::seam::Sealer;

/// A sealer whose key lives and dies with it. It stands here since the seam knows no cryptography.
///
/// # Panics
/// The operating system has no random bits to give.
impl Default for Sealer {
    fn default() -> Self {
        Self::new(Keyring::random())
    }
}
