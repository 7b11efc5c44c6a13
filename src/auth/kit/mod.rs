//! What auth providers are made with.

mod expiry;
mod opaque;

pub use expiry::Expiry;
pub use opaque::{BadTokenHash, PREFIX, TokenHash, mint};
