//! Real MCP clients from npm and PyPI against the binary, over HTTP and stdio, on the sandbox.
//! `tests/run` installs them and tells where; without them each test says that it is skipped, and fails where CI is set.

use crate::support::running::{BINARY, Running};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

const STDIO: [&str; 4] = ["stdio", BINARY, "start", "--stdio"];

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
    run(&[&STDIO[..], &["--sandbox"]].concat());
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
    for target in [&[url.as_str(), "--transport", "http"][..], &[&STDIO[1..], &["--sandbox"]].concat()] {
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
}
