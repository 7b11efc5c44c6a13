//! rmcp behind our own seams: the handler that both ways in share, sessions over HTTP, and one over a pipe.

mod background;
mod calling;
mod client;
mod conversation;
mod event;
mod handler;
mod http;
mod log;
mod open;
mod own;
mod peer;
mod pipe;
mod question;
mod reader;
mod rules;
mod shed;
mod tasks;
mod tools;
mod waiting;

pub(super) use http::Sessions;
pub(super) use pipe::PipeSession;
pub(super) use rules::check;
pub use waiting::Waiting;
