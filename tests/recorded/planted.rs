//! A server that sends what its revision does not allow fails the test that has started it, and no test starts one beside
//! the recording.

use crate::{
    clients::installed,
    support::{
        canary::CANARY,
        inside::Served,
        piped::{Piped, answers},
        recording::schemas,
    },
};
use poem::{Response, endpoint::make};
use serde_json::{Value, json};
use std::{collections::BTreeMap, fs, path::Path, process::Command, time::Duration};
use twenty_mcp::{mcp::SessionLimits, registry::Registry};

/// The list of tools that has none, as no revision allows.
const FAULT: &str = r#"{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete"}}"#;

fn asked() -> Value {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": { "_meta": meta } })
}

/// A server over pipes that answers the first line with the fault.
fn faulty() -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("read line; echo '{FAULT}'; exec cat")]);
    command
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "it fails, as it must: another test runs it"]
async fn over_http() {
    let registry = Registry::of(&[], Vec::new(), &BTreeMap::new(), Duration::from_secs(30)).unwrap();
    let faulty = |_| make(|_| async { Response::builder().content_type("application/json").body(FAULT) });
    let server = Served::start(registry, SessionLimits::default(), faulty).await;
    let asks = reqwest::Client::new().post(&server.url).body(asked().to_string());
    assert_eq!(asks.send().await.unwrap().text().await.unwrap(), FAULT);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "it fails, as it must: another test runs it"]
async fn a_key() {
    let registry = Registry::of(&[], Vec::new(), &BTreeMap::new(), Duration::from_secs(30)).unwrap();
    let telling = |_| make(|_| async { Response::builder().body(format!("Bearer {CANARY}-key")) });
    let server = Served::start(registry, SessionLimits::default(), telling).await;
    assert_eq!(reqwest::get(&server.url).await.unwrap().status(), 200);
}

#[test]
#[ignore = "it fails, as it must: another test runs it"]
fn over_pipes() {
    let mut piped = Piped::of(faulty(), tempfile::tempdir().unwrap());
    piped.send(asked().to_string());
    assert_eq!(piped.line(), FAULT);
}

#[test]
#[ignore = "it fails, as it must: another test runs it"]
fn at_once() {
    answers(&mut faulty(), &format!("{}\n", asked()));
}

#[test]
fn a_fault_fails_its_test() {
    if installed(schemas::FOLDER).is_none() {
        return;
    }
    let wrong = "1 faults in what the server sent:\n2026-07-28 result of tools/list";
    let shown = "an answer shows a key";
    for (test, told) in [("over_http", wrong), ("over_pipes", wrong), ("at_once", wrong), ("a_key", shown)] {
        let mut run = Command::new(std::env::current_exe().unwrap());
        let output =
            run.args(["--ignored", "--exact", &format!("recorded::planted::{test}")]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(!output.status.success() && said.contains("0 passed; 1 failed"), "{test}: {said}");
        assert!(said.contains(told), "{test}: {said}");
    }
}

/// Words that start a server, and of which one must be in the same file outside of support/: there it is recorded, or must
/// not start.
const STARTS: [(&str, &[&str]); 5] = [
    ("\"start\"", &["Recording::of(", "code() != Some(2)"]),
    ("Recording::of(", &[".judged("]),
    ("Recording::listener(", &[".judged("]),
    ("Door::new(", &[]),
    ("PipeLimits", &[]),
];

#[test]
fn no_test_starts_a_server_beside_the_recording() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let (mut folders, mut faults, mut read) = (vec![tests.clone()], Vec::new(), 0);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.extend((path != tests.join("support")).then_some(path));
                continue;
            }
            let is_rust = path.extension().is_some_and(|kind| kind == "rs");
            if !is_rust || path.ends_with("recorded/planted.rs") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            read += 1;
            for (start, beside) in STARTS {
                let starts = text.lines().any(|line| line.contains(start) && !line.contains("assert"));
                if starts && !beside.iter().any(|word| text.contains(word)) {
                    faults.push(format!("{}: {start} without any of {beside:?}", path.display()));
                }
            }
        }
    }
    assert!(read > 100, "{read}");
    assert!(faults.is_empty(), "start it as support/ does:\n{}", faults.join("\n"));
}
