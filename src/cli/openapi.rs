//! `twenty-mcp openapi`: the description of the HTTP interface.

use super::{
    Failure, say,
    settings::{Settings, misfit},
};
use crate::{
    config::{self, Flags},
    registry::ServedTool,
    seam::{AuthMode, Scope},
    server::{self, Door, SignIn},
    telemetry::audit::Audit,
};
use clap::Args;
use std::sync::Arc;

/// Print the description of the HTTP interface (OpenAPI 3.1): of the packs that the built-in configuration names, or of
/// what a configuration of your own serves.
#[derive(Args)]
pub(super) struct OpenApi {
    #[command(flatten)]
    settings: Settings,
    /// Print YAML
    #[arg(long)]
    yaml: bool,
}

impl OpenApi {
    pub(super) fn run(self) -> Result<(), Failure> {
        let own = self.settings.config.is_some();
        let settings = Settings { sandbox: self.settings.sandbox || !own, ..self.settings };
        let mut loaded = match own {
            true => settings.load(false, Flags::default())?,
            // What is compiled in, whatever this machine is set to.
            false => settings.read(config::shipped(), Flags::default())?,
        };
        let mode = loaded.config.auth.mode;
        let house = server::assemble(&mut loaded.config, Door::Stdio, settings.sandbox, &Audit::default())
            .map_err(|error| misfit(&loaded, &error))?;
        let scopes = house.registry.scopes().all();
        let sign_in = (!own || mode != AuthMode::Off).then(|| SignIn {
            optional: mode != AuthMode::Required,
            scopes: scopes.iter().map(|scope| Scope::as_str(scope).to_owned()).collect(),
            provider: None,
        });
        let tools = house.registry.tools().iter().filter(|tool| own || tool.pack_key().is_some());
        let tools: Vec<&ServedTool> = tools.map(Arc::as_ref).collect();
        let document = server::document(&tools, sign_in.as_ref());
        match self.yaml {
            true => say(serde_yaml::to_string(&document)
                .map_err(|error| Failure::Running(error.to_string()))?
                .trim_end()),
            false => say(format_args!("{document:#}")),
        }
    }
}
