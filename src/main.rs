//! `twenty-mcp`: see `twenty-mcp --help`.
#![forbid(unsafe_code)]
#![deny(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    twenty_mcp::cli::run(std::env::args_os()).await
}
