//! The HTTP side: an accept loop, and in front of every route of every listener one guard a file.

mod access;
mod api;
mod assemble;
mod body;
mod connect;
mod discovery;
mod headers;
mod health;
mod host;
mod ip;
mod listen;
mod origin;
mod patient;
mod problem;
mod refusal;
mod routes;
mod shutdown;
mod site;
mod unread;

pub use api::{KeysApi, Provider, Published, SignIn, Tools, docs, document};
pub use assemble::{Door, House, Misfit, assemble, vault};
pub use body::{Bounded, bounded};
pub use connect::Connect;
pub use health::Health;
pub use ip::Doorman;
pub use listen::{serve, serve_telling};
pub use routes::{guarded, responding, routes};
pub use shutdown::on_signal;
pub use site::Site;
