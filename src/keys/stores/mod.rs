//! The stores that come with the server, a file or folder each.

mod file;
mod postgres;
