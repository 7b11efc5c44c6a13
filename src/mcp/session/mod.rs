//! rmcp behind our own seams: the handler that both ways in share, the HTTP side, and stdio.

mod busy;
mod calling;
mod client;
mod handler;
mod http;
mod peer;
mod question;
mod rules;
mod stdio;

pub(super) use http::Sessions;
pub(super) use rules::check;
pub use stdio::{StdioError, lines, stdio};
