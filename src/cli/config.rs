//! `twenty-mcp config`: check it, show it, print its schema.

use super::{
    Failure, note, say,
    settings::{Settings, misfit},
};
use crate::{
    config::{self, Flags, PlugIns},
    server::{self, Door},
    telemetry::audit::Audit,
};
use clap::Subcommand;
use std::path::PathBuf;

/// The configuration: check it, show it, print its schema.
#[derive(Subcommand)]
pub(super) enum Config {
    /// Tell everything that is wrong with a configuration; exit code 2 if anything is.
    Check {
        /// The file [default: where `start` would look]
        file: Option<PathBuf>,
        #[command(flatten)]
        settings: Settings,
    },
    /// Print the effective values and where each came from, secrets masked.
    Show {
        /// The file [default: where `start` would look]
        file: Option<PathBuf>,
        #[command(flatten)]
        settings: Settings,
    },
    /// Print the JSON Schema of the configuration, for editors.
    Schema,
}

impl Config {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Check { file, settings } => {
                let settings = Settings { config: file.or(settings.config), ..settings };
                let mut loaded = settings.load(false, Flags::default())?;
                let data_dir = loaded.config.server.data_dir.clone();
                let house = server::assemble(
                    &mut loaded.config,
                    Door::Http(data_dir.as_deref()),
                    settings.sandbox,
                    &Audit::default(),
                )
                .map_err(|error| misfit(&loaded, &error))?;
                for warning in loaded.warnings.iter().chain(&house.warnings) {
                    note(format_args!("warning: {warning}"));
                }
                say(format_args!("ok: {} tools", house.registry.tools().len()))
            }
            Self::Show { file, settings } => {
                let settings = Settings { config: file.or(settings.config), ..settings };
                say(config::show(&settings.load(false, Flags::default())?).trim_end())
            }
            Self::Schema => say(format_args!("{:#}", config::schema(&PlugIns::registered()))),
        }
    }
}
