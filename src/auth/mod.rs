//! Who calls: the guard in front of what needs a caller, and the kit that providers are made with.

mod challenge;
mod guard;
pub mod kit;
mod placeholder;

pub use guard::{Guard, Guarded};
