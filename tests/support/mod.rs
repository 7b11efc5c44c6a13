//! What the tests share.

#[path = "../../src/keys/store/contract.rs"]
pub mod contract;
#[path = "../../src/keys/store/other_process.rs"]
pub mod other_process;

pub mod authorization_server;
pub mod canary;
pub mod clerk;
pub mod client;
pub mod crm;
pub mod door;
pub mod inside;
pub mod introspector;
pub mod issuer;
pub mod judge;
pub mod piped;
pub mod postgres;
pub mod recording;
pub mod running;
pub mod scratch;
pub mod upstream;
pub mod wire;
pub mod workspace;
