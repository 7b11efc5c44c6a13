//! The flags that say which configuration a command works with, and how it is read.

use super::{Failure, colour};
use crate::{
    config::{self, Flags, Found, Inputs, Loaded, PlugIns},
    server::Misfit,
};
use clap::Args;
use std::path::{Path, PathBuf};

/// Which configuration to work with.
#[derive(Args, Clone, Default)]
pub(super) struct Settings {
    /// The configuration file [default: ./config.yaml, else the one in your configuration folder, else the built-in]
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Work on the embedded sandbox: no account, no key
    #[arg(long)]
    pub(super) sandbox: bool,
    /// Which generation of the service the sandbox plays: `current` or `legacy`
    #[arg(long, value_name = "PROFILE")]
    pub(super) sandbox_profile: Option<String>,
}

impl Settings {
    /// The command line by which a client starts this server with these settings, and the `file` that was found, over
    /// standard input and output: there nothing is looked for in the working directory.
    pub(super) fn stdio_command(&self, file: Option<&Path>) -> Vec<String> {
        let shown = |path: PathBuf| path.display().to_string();
        let program = std::env::current_exe().map_or_else(|_| "twenty-mcp".to_owned(), shown);
        let mut command = vec![program, "start".to_owned(), "--stdio".to_owned()];
        if let Some(file) = file {
            let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
            command.extend(["--config".to_owned(), shown(file)]);
        }
        if self.sandbox {
            command.push("--sandbox".to_owned());
        }
        if let Some(profile) = &self.sandbox_profile {
            command.extend(["--sandbox-profile".to_owned(), profile.clone()]);
        }
        command
    }

    /// Reads the configuration; `flags` are those of the command itself.
    pub(super) fn load(&self, stdio: bool, flags: Flags) -> Result<Loaded, Failure> {
        let found = config::find(self.config.as_deref(), stdio)
            .map_err(|error| Failure::Configuration(format!("error: {error}")))?;
        self.read(found, flags)
    }

    /// The same of what was found.
    pub(super) fn read(&self, found: Found, flags: Flags) -> Result<Loaded, Failure> {
        let flags = Flags { sandbox: self.sandbox, sandbox_profile: self.sandbox_profile.clone(), ..flags };
        let inputs = Inputs {
            name: found.name,
            text: found.text,
            base: found.base,
            env: found.env,
            dotenv: found.dotenv,
            flags,
            shipped: found.shipped,
        };
        config::load(&inputs, &PlugIns::registered())
            .map_err(|faults| Failure::Configuration(faults.render(colour())))
    }
}

/// A misfit, shown at its place in the file.
pub(super) fn misfit(loaded: &Loaded, misfit: &Misfit) -> Failure {
    if misfit.path.is_empty() {
        return Failure::Configuration(format!("error: {misfit}"));
    }
    let path: Vec<&str> = misfit.path.iter().map(String::as_str).collect();
    Failure::Configuration(loaded.refuse(&path, misfit.message.clone(), None).render(colour()))
}
