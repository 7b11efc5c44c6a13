//! `twenty-mcp tools`, `resources`, `prompts` and `providers`: what is served and what is compiled in.

use super::{
    Failure, note, say,
    settings::{Settings, misfit},
};
use crate::{
    config::Flags,
    registry::{Registry, ServedTool},
    seam::{AuthProviderEntry, CallerKeys, Principal},
    server::{self, Door},
    telemetry::{audit::Audit, logs},
};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::sync::Arc;

/// The tools that are served.
#[derive(Subcommand)]
pub(super) enum Tools {
    /// List the tools that this configuration serves.
    List {
        #[command(flatten)]
        served: Served,
        /// Ask the services behind the packs for the tools that come and go, too
        #[arg(long)]
        live: bool,
    },
}

/// The resources that are served.
#[derive(Subcommand)]
pub(super) enum Resources {
    /// List the resources that this configuration serves.
    List(Served),
}

/// The prompts that are served.
#[derive(Subcommand)]
pub(super) enum Prompts {
    /// List the prompts that this configuration serves.
    List(Served),
}

/// Under which configuration to list, and how.
#[derive(Args)]
pub(super) struct Served {
    #[command(flatten)]
    settings: Settings,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The auth providers that are compiled in.
#[derive(Subcommand)]
pub(super) enum Providers {
    /// List the auth providers that are compiled in.
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

impl Served {
    /// The registry of this configuration.
    fn registry(&self) -> Result<Arc<Registry>, Failure> {
        let mut loaded = self.settings.load(false, Flags::default())?;
        server::assemble(&mut loaded.config, Door::Stdio, self.settings.sandbox, &Audit::default())
            .map(|house| house.registry)
            .map_err(|error| misfit(&loaded, &error))
    }
}

impl Tools {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let Self::List { served, live } = self;
        let _logs = live.then(|| logs::start(false));
        let registry = served.registry()?;
        let row = |tool: &Arc<ServedTool>| {
            let mut row = json!({
                "name": tool.name(),
                "effect": tool.effect().name(),
                "scope": tool.scope(),
                "file": tool.origin().file(),
                "description": tool.definition().get("description"),
            });
            if let Some(row) = row.as_object_mut().filter(|_| tool.is_live()) {
                row.insert("live".into(), true.into());
            }
            row
        };
        let rows: Vec<Value> = if live {
            registry.view(&Principal::Local, &CallerKeys::default()).await.tools().map(row).collect()
        } else {
            for file in registry.live() {
                note(format_args!("{file} lists tools that come and go: see them with `--live`"));
            }
            registry.tools().iter().map(row).collect()
        };
        let columns = ["name", "effect", "scope", "live", "file", "description"];
        let columns: Vec<&str> = columns.into_iter().filter(|column| live || *column != "live").collect();
        print(&rows, &columns, served.json)
    }
}

impl Resources {
    pub(super) fn run(self) -> Result<(), Failure> {
        let Self::List(list) = self;
        let registry = list.registry()?;
        let rows = registry.resources().iter().map(|resource| {
            json!({
                "uri": resource.entry().uri,
                "file": resource.entry().origin.file(),
                "description": resource.definition().get("description"),
            })
        });
        print(&rows.collect::<Vec<_>>(), &["uri", "file", "description"], list.json)
    }
}

impl Prompts {
    pub(super) fn run(self) -> Result<(), Failure> {
        let Self::List(list) = self;
        let registry = list.registry()?;
        let rows = registry.prompts().iter().map(|prompt| {
            json!({
                "name": prompt.name(),
                "file": prompt.entry().origin.file(),
                "description": prompt.definition().get("description"),
            })
        });
        print(&rows.collect::<Vec<_>>(), &["name", "file", "description"], list.json)
    }
}

impl Providers {
    pub(super) fn run(self) -> Result<(), Failure> {
        let Self::List { json: as_json } = self;
        let rows = AuthProviderEntry::all()
            .into_iter()
            .map(|entry| json!({ "name": entry.origin.key(), "file": entry.origin.file() }));
        print(&rows.collect::<Vec<_>>(), &["name", "file"], as_json)
    }
}

/// Prints rows, as columns or as JSON.
pub(super) fn print(rows: &[Value], columns: &[&str], as_json: bool) -> Result<(), Failure> {
    if as_json {
        let text = serde_json::to_string_pretty(rows).map_err(|error| Failure::Running(error.to_string()))?;
        return say(text);
    }
    let cell = |row: &Value, column: &str| {
        let text = match row.get(column) {
            Some(Value::Bool(true)) => column,
            value => value.and_then(Value::as_str).unwrap_or_default(),
        };
        text.lines().next().unwrap_or_default().to_owned()
    };
    let width = |column: &str| rows.iter().map(|row| cell(row, column).chars().count()).max().unwrap_or(0);
    let line = |row: &Value| {
        let cells =
            columns.iter().map(|column| format!("{:width$}", cell(row, column), width = width(column)));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    say(rows.iter().map(line).collect::<Vec<_>>().join("\n"))
}
