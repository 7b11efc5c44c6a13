//! What the tests share.

pub mod authorization_server;
pub mod clerk;
pub mod client;
pub mod crm;
pub mod door;
pub mod inside;
pub mod introspector;
pub mod issuer;
pub mod judge;
pub mod piped;
pub mod recording;
pub mod running;
pub mod scratch;
pub mod upstream;
pub mod wire;
pub mod workspace;
