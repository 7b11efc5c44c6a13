//! `twenty-mcp tokens`: access tokens for the `static-tokens` provider.

use super::{Failure, note, say};
use crate::auth::kit;
use clap::Subcommand;

/// Access tokens for the `static-tokens` provider.
#[derive(Subcommand)]
pub(super) enum Tokens {
    /// Print a new token and the hash that goes into the configuration.
    New,
}

impl Tokens {
    pub(super) fn run(self) -> Result<(), Failure> {
        let Self::New = self;
        let (token, hash) = kit::mint();
        say(format_args!("token: {}\nhash:  {hash}", token.expose()))?;
        note("The token is shown once: hand it to its user. The hash goes into the configuration:");
        note(format_args!(
            "  auth: {{ mode: required, providers: {{ static-tokens: {{ tokens: {{ NAME: {{ hash: \"{hash}\" }} }} }} }} }}"
        ));
        Ok(())
    }
}
