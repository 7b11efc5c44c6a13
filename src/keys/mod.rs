//! Which upstream key a caller's calls use.

mod whose;

pub use whose::Whose;
