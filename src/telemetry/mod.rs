//! What the server tells its operator: never a secret, a query string or a record's content.

pub mod audit;
pub mod call;
pub mod logs;
mod source;
mod writer;

pub use source::Source;
