//! The description of the HTTP interface: what is in it, that it is what is served, and that the committed one is fresh.

mod described;
mod fresh;
mod fuzzed;
mod page;

use crate::support::running::{Running, command};
use serde_json::{Value, json};
use std::{fs, path::Path};

/// What `twenty-mcp openapi` prints with these arguments.
fn printed(arguments: &[&str]) -> String {
    let (mut command, _folder) = command(&["openapi"]);
    let output = command.args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A server with these settings.
fn configured(settings: &Value) -> (Running, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("c.yaml");
    fs::write(&file, settings.to_string()).unwrap();
    (Running::start(&["--config", file.to_str().unwrap()]), folder)
}

async fn published(server: &Running) -> Value {
    reqwest::get(format!("{}/openapi.json", server.url)).await.unwrap().json().await.unwrap()
}

/// A schema of a document, with what it refers to.
fn whole(document: &Value, schema: &Value) -> Value {
    let mut whole = schema.clone();
    whole["components"] = document["components"].clone();
    whole
}

/// The operations of tools, by name.
fn tools(document: &Value) -> Vec<(&str, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let tools =
        paths.iter().filter_map(|(path, item)| Some((path.strip_prefix("/api/tools/")?, &item["post"])));
    tools.collect()
}
