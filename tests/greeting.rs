//! What `start` prints is what clients take: each section as its client documents it, with the configuration in use.

use crate::support::{recording::stdio::said, running::command};
use serde_json::{Value, json};
use std::{
    fs,
    io::{Read, Write},
    process::{Command, Stdio},
};

/// The lines below a title, without their indentation.
fn section(greeting: &str, title: &str) -> String {
    let lines = greeting.lines().skip_while(|line| !line.starts_with(title)).skip(1);
    lines.take_while(|line| !line.is_empty()).map(|line| line.strip_prefix("  ").unwrap()).collect()
}

/// All that a server prints, and its base URL; it is stopped then.
fn greeting(arguments: &[&str], config: Option<&str>) -> (String, String, tempfile::TempDir) {
    let (mut command, folder) = command(&["start", "--port", "0"]);
    if let Some(text) = config {
        fs::write(folder.path().join("config.yaml"), text).unwrap();
    }
    let mut child = command.args(arguments).stdout(Stdio::piped()).spawn().unwrap();
    let (mut stdout, mut text, mut byte) = (child.stdout.take().unwrap(), Vec::new(), [0]);
    while !text.ends_with(b"\n\n") || !String::from_utf8_lossy(&text).contains("VS Code") {
        assert_eq!(stdout.read(&mut byte).unwrap(), 1, "{}", String::from_utf8_lossy(&text));
        text.extend(byte);
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let text = String::from_utf8(text).unwrap();
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
    let mut child = Command::new(server["command"].as_str().unwrap())
        .args(arguments)
        .current_dir("/")
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let initialize = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "raw", "version": "1" },
    } });
    let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    let list = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/list" });
    let asked = format!("{initialize}\n{initialized}\n{list}\n");
    child.stdin.take().unwrap().write_all(asked.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let listed = said(&asked, str::from_utf8(&output.stdout).unwrap()).pop().unwrap();
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
