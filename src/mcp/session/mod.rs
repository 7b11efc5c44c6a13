//! rmcp behind our own seams: the handler that both ways in share, the HTTP endpoint, and stdio.

mod handler;
mod http;
mod peer;
mod stdio;

pub use http::Sessions;
pub use stdio::{StdioError, stdio};
