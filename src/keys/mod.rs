//! Which upstream key a caller's calls use, and the keys that users leave with the server.
//!
//! | what | file |
//! |---|---|
//! | the keys above all stored keys, from the secrets of the configuration | `masters` |
//! | one key sealed for its owner | `envelope`; `legacy` reads the TypeScript server's |
//! | a stored record opened and sealed anew | `record` |
//! | where records are kept, behind [`KeyStore`](crate::seam::KeyStore) | `stores`, and `store` for what they share |
//! | opened, stored, deleted; what was opened a moment ago | `vault`, `cache` |
//! | what the operator does to all of them | `upkeep` |
//! | whose key a call uses | `whose` |
//! | links to the page on which a user stores a key | `links` |

mod cache;
mod envelope;
mod error;
mod legacy;
mod links;
mod masters;
mod record;
pub mod store;
pub mod stores;
mod upkeep;
mod vault;
mod whose;

pub use envelope::{OwnKey, TooLong};
pub use error::VaultError;
pub use links::{DeadLink, Handle, Links, service};
pub use masters::{MasterId, Masters, NoMaster};
pub use record::SealedWith;
pub use upkeep::{Done, Seen, Upkeep};
pub use vault::Vault;
pub use whose::Whose;
