//! rmcp behind our own seams: the handler that both ways in share, sessions over HTTP, and one over a pipe.

mod busy;
mod calling;
mod client;
mod handler;
mod http;
mod peer;
mod pipe;
mod question;
mod rules;

pub(super) use http::Sessions;
pub(super) use pipe::PipeSession;
pub(super) use rules::check;
