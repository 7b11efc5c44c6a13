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
//! | how users enter a key: where it may go, whether it is good, how often | `intake`, `entered`, `addresses`, `turns` |

mod addresses;
mod cache;
mod entered;
mod envelope;
mod error;
mod intake;
mod legacy;
mod links;
mod masters;
mod record;
pub mod store;
pub mod stores;
mod turns;
mod upkeep;
mod vault;
mod whose;

pub use addresses::{Addresses, BadAddress};
pub use entered::{EnterError, Entered};
pub use envelope::{OwnKey, TooLong};
pub use error::VaultError;
pub use intake::Intake;
pub use links::{DeadLink, Handle, Links, service};
pub use masters::{MasterId, Masters, NoMaster};
pub use record::SealedWith;
pub use upkeep::{Done, Seen, Upkeep};
pub use vault::Vault;
pub use whose::Whose;
