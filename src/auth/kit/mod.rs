//! What auth providers are made with.
//!
//! | a provider needs | it takes |
//! |---|---|
//! | signed tokens judged | [`Jwts`]: [`Rules`] for what a token says, [`Jwks`] for who signed it, [`Claims`] for whom it names |
//! | its issuer's metadata | [`Discovery`] |
//! | to know who is at a page of this server | [`PageClient`] |
//! | to ask somebody | [`Fetcher`], for a [`WebAddress`]; one of its kind is for addresses that anybody may name |
//! | not to ask twice | [`Kept`] for what it fetches, [`TokenCache`] for what it judged, [`Verdicts`] for what others judge, [`Answers`] for what else they are asked |
//! | pages for people | [`html`] |
//! | tokens of its own | [`mint`], [`random`], [`TokenHash`], [`Expiry`] |

mod address;
mod algorithm;
mod answers;
mod audience;
mod basic;
mod claims;
mod discovery;
mod expiry;
mod fetch;
pub mod html;
mod jwks;
mod jwts;
mod kept;
mod opaque;
mod page_client;
mod rules;
mod scopes;
mod strangers;
mod token_cache;
mod verdicts;

pub use address::{BadAddress, WebAddress};
pub use algorithm::Algorithm;
pub use answers::Answers;
pub use audience::{Audience, AudienceCheck, Audiences};
pub use basic::basic;
pub use claims::Claims;
pub use discovery::{Discovery, Document};
pub use expiry::Expiry;
pub use fetch::{Answer, Fault, Fetcher};
pub use jwks::{Jwks, KeySet};
pub use jwts::{Jwts, claimed, claimed_issuer, is_signed};
pub use kept::{Kept, Pace};
pub use opaque::{BadTokenHash, PREFIX, TokenHash, mint, random};
pub use page_client::{PageClient, PageSettings};
pub use rules::{Rules, TokenType};
pub use scopes::ScopeSettings;
pub use token_cache::TokenCache;
pub use verdicts::Verdicts;
