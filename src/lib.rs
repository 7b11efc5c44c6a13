//! twenty-mcp: a poem server that loads tool packs and auth providers registered with `inventory`, and dispatches MCP
//! calls through a registry configured from YAML. ARCHITECTURE.md has the picture.
//!
//! A call goes one way: [`server`] → [`auth`] → [`mcp`] → [`registry`] → a tool in [`tools`] → its upstream. Plug-ins are
//! written against [`seam`] alone.
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

pub mod auth;
pub mod cli;
pub mod config;
pub mod keys;
pub mod mcp;
pub mod registry;
pub mod seal;
pub mod seam;
pub mod server;
pub mod telemetry;

/// The tools and packs in `tools/`, one module a file or folder.
pub mod tools {
    include!(concat!(env!("OUT_DIR"), "/tools.rs"));
}

/// The auth providers in `auth-providers/`, one module a file or folder.
pub mod auth_providers {
    include!(concat!(env!("OUT_DIR"), "/auth_providers.rs"));
}
