//! `twenty-mcp tokens`: access tokens.

mod dev;

use super::{Failure, note, say};
use crate::auth::kit;
use clap::Subcommand;

/// Access tokens.
#[derive(Subcommand)]
pub(super) enum Tokens {
    /// Print a new token for the `static-tokens` provider, and the hash that goes into the configuration.
    New,
    /// Print an access token of a server that was started with `--auth dev`, without a browser.
    Dev(dev::Dev),
}

impl Tokens {
    pub(super) async fn run(self) -> Result<(), Failure> {
        match self {
            Self::New => new(),
            Self::Dev(dev) => dev.run().await,
        }
    }
}

fn new() -> Result<(), Failure> {
    let (token, hash) = kit::mint();
    say(format_args!("token: {}\nhash:  {hash}", token.expose()))?;
    note("The token is shown once: hand it to its user. The hash goes into the configuration:");
    note(format_args!(
        "  auth: {{ mode: required, providers: {{ static-tokens: {{ tokens: {{ NAME: {{ hash: \"{hash}\" }} }} }} }} }}"
    ));
    Ok(())
}
