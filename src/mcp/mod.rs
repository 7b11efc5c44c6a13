//! The Model Context Protocol, over Streamable HTTP and stdio.
//!
//! | module | what it holds |
//! |---|---|
//! | `door` | every message read strictly; those over HTTP led to their revision |
//! | `stdio` | those over standard input and output, line by line |
//! | `stateless` | the revision in which every request stands alone, 2026-07-28 |
//! | `session` | the revisions with sessions, by `rmcp`, which no other module names |
//! | `answer`, `changes`, `completing`, `pages`, `identity` | what is told the same way in every revision |
//! | `asking` | how callers without a session are asked: by replay |
//! | `tasks` | calls that go on after their answer |
//! | `replica` | which of several servers this one is |
//! | `caller`, `seats` | who asks, and how much one caller may hold at once |

mod answer;
mod asking;
mod caller;
mod changes;
mod completing;
mod door;
mod identity;
mod limits;
mod pages;
mod replica;
mod revisions;
mod seats;
mod session;
mod stateless;
mod stdio;
mod tasks;

pub use asking::Asking;
pub use door::{Door, OwnKeys, Plain, Unfit, Unread, read_body};
pub use identity::SERVER_NAME;
pub use limits::{PipeLimits, SessionLimits};
pub use session::Waiting;
pub use stdio::{StdioError, lines, stdio};
