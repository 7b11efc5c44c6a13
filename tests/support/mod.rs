//! What the tests share.

pub mod crm;
pub mod running;
pub mod workspace;
