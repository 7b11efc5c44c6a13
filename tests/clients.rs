//! Real MCP clients against the binary, over HTTP and stdio, on the sandbox: those from npm and PyPI, and rmcp's.
//! `tests/run` installs them and tells where; without them each test says that it is skipped, and fails where CI is set.
//! docs/clients.md says what each of them does here.

mod bridge;
mod matrix;
mod rmcp;

use crate::support::{recording::stdio::Piped, running::Running};
use std::{
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

/// Where an installation is; none, with the reason printed, where it was not installed.
pub fn installed(variable: &str) -> Option<PathBuf> {
    let found = std::env::var_os(variable).map(PathBuf::from);
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "{variable} is not set: run ./tests/run");
        println!("skipped: {variable} is not set; ./tests/run installs the clients");
    }
    found
}

/// Runs a command to its good end.
pub fn passes(mut command: Command) {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}\n{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A command that runs a script with npm's packages at hand, as long as the folder lives: Node resolves packages from the
/// script's own place.
pub fn script(script: &str) -> Option<(Command, tempfile::TempDir)> {
    let modules = installed("TWENTY_MCP_TEST_NODE_MODULES")?;
    let folder = tempfile::tempdir_in(modules.parent().unwrap()).unwrap();
    for file in ["round.mjs", "browse.mjs", script] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(file);
        std::fs::copy(from, folder.path().join(file)).unwrap();
    }
    let mut command = Command::new(modules.join(".bin/node"));
    command.arg(folder.path().join(script));
    Some((command, folder))
}

fn node(name: &str, arguments: &[&str]) {
    let Some((mut command, _folder)) = script(name) else { return };
    command.args(arguments);
    passes(command);
}

pub fn python(script: &str, arguments: &[&str]) {
    let Some(python) = installed("TWENTY_MCP_TEST_PYTHON") else { return };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(script);
    let mut command = Command::new(python);
    command.arg("-B").arg(script).args(arguments);
    passes(command);
}

fn over_http(run: impl Fn(&[&str])) {
    let server = Running::start(&["--sandbox"]);
    run(&["http", &server.mcp()]);
}

fn over_stdio(run: impl Fn(&[&str])) {
    piped(&["--sandbox"], run);
}

/// Runs a client that starts a server with these settings for itself.
fn piped(settings: &[&str], run: impl Fn(&[&str])) {
    let piped = Piped::new();
    run(&[&["stdio"], &piped.words(settings)[..]].concat());
    assert!(!piped.sent().is_empty());
}

#[test]
fn typescript_1() {
    over_http(|way| node("typescript1.mjs", way));
    over_stdio(|way| node("typescript1.mjs", way));
}

#[test]
fn typescript_2_pinned_to_the_stateless_revision() {
    over_http(|way| node("typescript2.mjs", &[&["2026-07-28"], way].concat()));
    over_stdio(|way| node("typescript2.mjs", &[&["2026-07-28"], way].concat()));
}

#[test]
fn typescript_2_choosing_by_itself() {
    over_http(|way| node("typescript2.mjs", &[&["auto"], way].concat()));
    over_stdio(|way| node("typescript2.mjs", &[&["auto"], way].concat()));
}

#[test]
fn typescript_2_with_sessions() {
    over_http(|way| node("typescript2.mjs", &[&["legacy"], way].concat()));
    over_stdio(|way| node("typescript2.mjs", &[&["legacy"], way].concat()));
}

#[test]
fn python_mcp() {
    over_http(|way| python("python_mcp.py", way));
    over_stdio(|way| python("python_mcp.py", way));
}

#[test]
fn python_fastmcp() {
    over_http(|way| python("python_fastmcp.py", way));
    over_stdio(|way| python("python_fastmcp.py", way));
}

#[test]
fn typescript_clients_are_asked() {
    for mode in ["1", "2026-07-28", "legacy"] {
        over_http(|way| node("asking.mjs", &[&[mode], way].concat()));
        over_stdio(|way| node("asking.mjs", &[&[mode], way].concat()));
    }
}

#[test]
fn python_clients_are_asked() {
    for client in ["mcp", "fastmcp"] {
        over_http(|way| python("asking.py", &[&[client], way].concat()));
        over_stdio(|way| python("asking.py", &[&[client], way].concat()));
    }
}

#[test]
fn typescript_1_lets_calls_go_on_as_tasks() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("c.yaml");
    std::fs::write(&file, "tools: { hello: { enabled: false }, conformance: {} }\n").unwrap();
    let settings = ["--config", file.to_str().unwrap()];
    let server = Running::start(&settings);
    node("session_tasks.mjs", &["http", &server.mcp()]);
    piped(&settings, |way| node("session_tasks.mjs", way));
}

/// The tool that a client takes back.
const LONG: &str = "create_records";

/// A folder with `c.yaml`, a configuration under which making thousands of records takes long, and the file of its audit.
fn long() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let audit = folder.path().join("audit.jsonl");
    let sandbox = "{ plan_above: 10000, base_url: sandbox, sandbox: { people: 5, latency_ms: 200 } }";
    let yaml = format!("server: {{ audit: {{ file: {audit:?} }} }}\ntools: {{ twenty: {sandbox} }}\n");
    std::fs::write(folder.path().join("c.yaml"), yaml).unwrap();
    (folder, audit)
}

/// Waits until the audit says that a long call was given up.
fn is_let_go(audit: &Path) {
    let begun = Instant::now();
    let given_up = |line: &str| {
        let event: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
        event["tool"] == LONG && (event["outcome"] == "cancelled" || event["outcome"] == "left")
    };
    while !std::fs::read_to_string(audit).is_ok_and(|text| text.lines().any(given_up)) {
        assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", std::fs::read_to_string(audit));
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Runs a client that takes a long call back, over HTTP and over stdio.
fn long_calls(run: impl Fn(&[&str])) {
    for http in [true, false] {
        let (folder, audit) = long();
        let config = folder.path().join("c.yaml");
        let settings = ["--config", config.to_str().unwrap()];
        if http {
            let server = Running::start(&settings);
            run(&["http", &server.mcp()]);
            is_let_go(&audit);
        } else {
            piped(&settings, &run);
            is_let_go(&audit);
        }
    }
}

#[test]
fn typescript_clients_hear_of_progress_and_take_calls_back() {
    for mode in ["1", "2026-07-28", "auto", "legacy"] {
        long_calls(|way| node("on_the_way.mjs", &[&[mode], way].concat()));
    }
}

#[test]
fn python_clients_hear_of_progress_and_take_calls_back() {
    for client in ["mcp", "fastmcp"] {
        long_calls(|way| python("on_the_way.py", &[&[client], way].concat()));
    }
}

#[test]
fn the_inspector_lists_tools_strictly_and_calls_one() {
    let Some(modules) = installed("TWENTY_MCP_TEST_NODE_MODULES") else { return };
    let server = Running::start(&["--sandbox"]);
    let inspector = |arguments: &[&str]| {
        let mut command = Command::new(modules.join(".bin/node"));
        command.arg(modules.join(".bin/mcp-inspector")).arg("--cli").args(arguments);
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{command:?}\n{text}\n{}", String::from_utf8_lossy(&output.stderr));
        text
    };
    let url = server.mcp();
    let piped = Piped::new();
    let command = piped.words(&["--sandbox"]);
    for target in [&[url.as_str(), "--transport", "http"][..], &command] {
        let listed = inspector(&[target, &["--method", "tools/list", "--strict"]].concat());
        assert!(listed.contains("create_contact"), "{listed}");
        let call = ["--method", "tools/call", "--tool-name", "create_contact"];
        let arguments = ["--tool-arg", "firstName=Katherine", "lastName=Inspected"];
        inspector(&[target, &call, &arguments].concat());
        if target.len() == 3 {
            let search =
                ["--method", "tools/call", "--tool-name", "search_contacts", "--tool-arg", "query=Inspected"];
            let found = inspector(&[target, &search].concat());
            assert!(found.contains("Katherine"), "{found}");
        }
    }
    assert!(!piped.sent().is_empty());
}
