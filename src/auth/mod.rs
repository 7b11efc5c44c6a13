//! Who calls: the guard in front of what needs a caller, and the kit that providers are made with.

mod bearer;
mod challenge;
mod discovery;
mod guard;
pub mod kit;
mod pages;
mod placeholder;
mod scopes;

pub use discovery::{RESOURCE_DOCUMENT, SERVER_DOCUMENT};
pub use guard::{Guard, Guarded};
