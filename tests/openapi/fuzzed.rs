//! Thousands of requests made of the description, by a program that nobody here wrote: nothing fails, no status and no
//! answer is another than described, and what the description forbids is refused.

use super::Running;
use crate::{clients::installed, support::running::command};
use std::process::Command;

/// What is not held: a text that its schema allows may still name no field of the workspace.
const EXCEPT: &str = "positive_data_acceptance";

/// What the keys are sealed under that users store on the way.
const SECRET: &str = "what the keys of this test are sealed under";

/// Sends requests with these headers; how many.
fn fuzzed(python: &std::path::Path, server: &Running, headers: &[String]) -> u32 {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(python.with_file_name("schemathesis"));
    command.args(["run", &format!("{}/openapi.json", server.url), "--no-color", "--warnings", "off"]);
    command.args(["--phases", "examples,coverage,fuzzing", "--checks", "all", "--exclude-checks", EXCEPT]);
    command.args([
        "--max-examples",
        "5",
        "--generation-deterministic",
        "--continue-on-failure",
        "--no-shrink",
    ]);
    command.args(["--request-timeout", "60"]).args(headers.iter().flat_map(|header| ["-H", header]));
    let output = command.current_dir(folder.path()).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    let made = told.lines().find_map(|line| line.trim().split_once(" generated, ")?.0.parse().ok());
    made.unwrap_or_else(|| panic!("{told}"))
}

#[test]
fn what_is_described_is_what_is_served() {
    let Some(python) = installed("TWENTY_MCP_TEST_PYTHON") else { return };
    let server = Running::start_with(&["--sandbox", "--auth", "dev"], |command| {
        command.env("API_KEY_ENCRYPTION_SECRET", SECRET);
    });
    let (mut tokens, _home) = command(&["tokens", "dev", "--issuer", &server.url]);
    let token = String::from_utf8(tokens.output().unwrap().stdout).unwrap();
    assert!(!token.trim().is_empty());
    let with = fuzzed(&python, &server, &[format!("Authorization: Bearer {}", token.trim())]);
    let without = fuzzed(&python, &server, &[]);
    assert!(with + without >= 2000, "{with} + {without}");
}
