//! The command line: one subcommand a file.
//!
//! Exit codes: 0 done, 1 it failed while it ran, 2 the command line or the configuration is wrong.

mod config;
mod inventory;
mod keys;
mod openapi;
mod settings;
mod start;
mod tokens;
mod welcome;

use clap::{Parser, Subcommand};
use std::{
    ffi::OsString,
    fmt::Display,
    io::{ErrorKind, IsTerminal, Write as _},
    process::ExitCode,
};

/// Why a command ended without doing what it was asked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The configuration is wrong; the text is rendered already.
    #[error("{0}")]
    Configuration(String),
    /// It failed while it ran.
    #[error("error: {0}")]
    Running(String),
}

/// A plug-in MCP server: drop-in tools and auth providers, configured in YAML.
#[derive(Parser)]
#[command(name = "twenty-mcp", version, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve MCP over HTTP, or over standard input and output.
    Start(start::Start),
    /// The tools that are served.
    #[command(subcommand)]
    Tools(inventory::Tools),
    /// The resources that are served.
    #[command(subcommand)]
    Resources(inventory::Resources),
    /// The prompts that are served.
    #[command(subcommand)]
    Prompts(inventory::Prompts),
    /// The auth providers that are compiled in.
    #[command(subcommand)]
    Providers(inventory::Providers),
    /// The configuration: check it, show it, print its schema.
    #[command(subcommand)]
    Config(config::Config),
    /// Print the description of the HTTP interface.
    #[command(name = "openapi")]
    OpenApi(openapi::OpenApi),
    /// The keys that users stored: whose they are, sealing them anew, deleting one; never a key itself.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Access tokens: for the `static-tokens` provider, and of a server that signs in for development.
    #[command(subcommand)]
    Tokens(tokens::Tokens),
}

/// Runs the command line.
pub async fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let code = u8::try_from(error.exit_code()).unwrap_or(2);
            // Nothing is left to tell where even this cannot be printed.
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    let done = match cli.command {
        Command::Start(start) => start.run().await,
        Command::Tools(tools) => tools.run().await,
        Command::Resources(resources) => resources.run(),
        Command::Prompts(prompts) => prompts.run(),
        Command::Providers(providers) => providers.run(),
        Command::Config(config) => config.run(),
        Command::OpenApi(openapi) => openapi.run(),
        Command::Keys(keys) => keys.run().await,
        Command::Tokens(tokens) => tokens.run().await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            note(failure.to_string().trim_end());
            ExitCode::from(match failure {
                Failure::Configuration(_) => 2,
                Failure::Running(_) => 1,
            })
        }
    }
}

/// Prints what a command was asked for. A reader that has seen enough and left, as `head` does, is no failure.
fn say(text: impl Display) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::Running(format!("cannot print: {error}")))
        }
        _ => Ok(()),
    }
}

/// Tells the person at the terminal something beside the answer.
fn note(text: impl Display) {
    // Nothing is left to tell where even this cannot be printed.
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Whether messages on standard error may be coloured.
fn colour() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}
