//! What `start` prints is what clients take: each section as its client documents it, with the configuration in use.

use crate::support::{
    piped::answers,
    running::{Running, command},
};
use serde_json::{Value, json};
use std::{
    fs,
    process::{Command, Stdio},
};

/// The lines below a title, without their indentation.
fn section(greeting: &str, title: &str) -> String {
    let lines = greeting.lines().skip_while(|line| !line.starts_with(title)).skip(1);
    lines.take_while(|line| !line.is_empty()).map(|line| line.strip_prefix("  ").unwrap()).collect()
}

/// All that a server prints, and its base URL; it is stopped then.
fn greeting(arguments: &[&str], config: Option<&str>) -> (String, String, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    if let Some(text) = config {
        fs::write(folder.path().join("config.yaml"), text).unwrap();
    }
    let server = Running::start_with(arguments, |command| {
        command.current_dir(folder.path()).env("HOME", folder.path());
    });
    let text = server.greeting.clone();
    let rest = text.split_once(" tools at ").unwrap().1;
    let url = rest.lines().next().unwrap().to_owned();
    (text, url, folder)
}

#[test]
fn from_an_empty_folder_every_client_finds_its_section() {
    let (text, url, folder) = greeting(&["--sandbox"], None);
    assert!(text.starts_with("twenty-mcp "), "{text}");
    let desktop: Value = serde_json::from_str(&section(&text, "Claude Desktop")).unwrap();
    let server = &desktop["mcpServers"]["twenty"];
    assert_eq!(server["args"], json!(["start", "--stdio", "--sandbox"]));
    assert!(std::path::Path::new(server["command"].as_str().unwrap()).is_absolute());
    assert_eq!(section(&text, "Claude Code"), format!("claude mcp add --transport http twenty {url}"));
    let cursor: Value = serde_json::from_str(&section(&text, "Cursor")).unwrap();
    assert_eq!(cursor, json!({ "mcpServers": { "twenty": { "url": url } } }));
    let code: Value = serde_json::from_str(&section(&text, "VS Code")).unwrap();
    assert_eq!(code, json!({ "servers": { "twenty": { "type": "http", "url": url } } }));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left behind");
}

#[test]
fn the_desktop_client_starts_a_server_with_the_file_that_was_found() {
    let (text, _, _folder) = greeting(&[], Some("tools: { hello: { name: greet } }\n"));
    let desktop: Value = serde_json::from_str(&section(&text, "Claude Desktop")).unwrap();
    let server = &desktop["mcpServers"]["twenty"];
    let arguments = server["args"].as_array().unwrap().iter().map(|argument| argument.as_str().unwrap());
    let mut command = Command::new(server["command"].as_str().unwrap());
    command.args(arguments).current_dir("/").env_clear();
    let initialize = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "raw", "version": "1" },
    } });
    let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    let list = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/list" });
    let asked = format!("{initialize}\n{initialized}\n{list}\n");
    let (output, mut sent) = answers(&mut command, &asked);
    assert!(output.status.success());
    let listed = sent.pop().unwrap();
    assert_eq!(listed.message["result"]["tools"][0]["name"], "greet");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let (mut schema, _folder) = command(&["config", "schema"]);
    let mut child = schema.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.stderr, b"");
}
