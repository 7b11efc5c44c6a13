//! The official suite against the binary that users run, and its fixtures: a pack like any other, and there for nobody who
//! does not name it.

use crate::{
    clients::installed,
    support::{
        running::Running,
        wire::{GENERATIONS, Wire},
    },
};
use serde_json::{Value, json};
use std::{fs, path::Path, process::Stdio, time::Duration};
use tokio::{process::Command, sync::Mutex, time::timeout};

/// The commands give the server fractions of a second for some answers: they run one at a time.
static ONE: Mutex<()> = Mutex::const_new(());
/// How often a command runs that found a fault or did not come to its end: on a machine that is busy with other tests an
/// answer may come too late for it.
const RUNS: usize = 4;
/// How long a command may take; half a minute is usual.
const LONGEST: Duration = Duration::from_secs(240);

const STABLE: &str = "conformance-0.1";
const ALPHA: &str = "@modelcontextprotocol/conformance";

fn serving(tools: Value) -> (Running, tempfile::NamedTempFile) {
    let file = tempfile::Builder::new().suffix(".yaml").tempfile().unwrap();
    // The suite cannot read `[::1]` in an address: the recording stands at 127.0.0.1.
    let settings = json!({ "server": { "bind": "127.0.0.2:0" }, "tools": tools });
    fs::write(file.path(), settings.to_string()).unwrap();
    (Running::start(&["--config", file.path().to_str().unwrap()]), file)
}

/// Runs `server` of the suite's package with these options: everything must be checked that was when this was written, and
/// nothing may fail or be warned of, whether the suite scores it or not.
async fn passes(package: &str, options: &[&str], checks: usize) {
    let Some(modules) = installed("TWENTY_MCP_TEST_NODE_MODULES") else { return };
    let _alone = ONE.lock().await;
    let mut told = Vec::new();
    for _ in 0..RUNS {
        match run(&modules, package, options).await {
            Ok(seen) => {
                assert!(seen >= checks, "{package} {options:?}: {seen} checks, and there were {checks}");
                return;
            }
            Err(faults) => told.push(faults),
        }
    }
    panic!("{package} {options:?}:\n{}", told.join("\n\n"));
}

/// One run, with a server of its own: how many checks passed, or what did not.
async fn run(modules: &Path, package: &str, options: &[&str]) -> Result<usize, String> {
    let (server, _file) = serving(json!({ "hello": { "enabled": false }, "conformance": {} }));
    let (folder, out) = (tempfile::tempdir().unwrap(), tempfile::NamedTempFile::new().unwrap());
    let mut suite = Command::new(modules.join(".bin/node"));
    suite.arg(modules.join(package).join("dist/index.js")).args(["server", "--url", &server.mcp(), "-o"]);
    suite.arg(folder.path()).args(options).kill_on_drop(true).stdin(Stdio::null());
    suite.stdout(out.reopen().unwrap()).stderr(out.reopen().unwrap());
    let ended = timeout(LONGEST, suite.spawn().unwrap().wait_with_output()).await;
    let said = || fs::read_to_string(out.path()).unwrap_or_default();
    let Ok(ended) = ended else { return Err(format!("it did not end:\n{}", said())) };
    if !ended.unwrap().status.success() {
        return Err(said());
    }
    let (mut passed, mut faults) = (0, Vec::new());
    for scenario in fs::read_dir(folder.path()).unwrap() {
        let scenario = scenario.unwrap();
        let checks = fs::read(scenario.path().join("checks.json")).unwrap();
        for check in serde_json::from_slice::<Vec<Value>>(&checks).unwrap() {
            match check["status"].as_str() {
                Some("SUCCESS") => passed += 1,
                Some("INFO" | "SKIPPED") => {}
                _ => faults.push(format!("{}: {check}", scenario.file_name().display())),
            }
        }
    }
    if faults.is_empty() { Ok(passed) } else { Err(faults.join("\n")) }
}

#[tokio::test]
async fn the_stable_suite_passes() {
    passes(STABLE, &["--suite", "all"], 47).await;
}

#[tokio::test]
async fn what_2025_11_25_requires_passes() {
    passes(ALPHA, &["--requirements", "2025-11-25"], 84).await;
}

#[tokio::test]
async fn what_2026_07_28_requires_passes() {
    passes(ALPHA, &["--requirements", "2026-07-28"], 196).await;
}

fn values<'a>(list: &'a [Value], member: &str) -> Vec<&'a str> {
    list.iter().map(|one| one[member].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_served_alone_where_nothing_else_is_named() {
    let (server, _file) = serving(json!({ "hello": { "enabled": false }, "conformance": {} }));
    for generation in GENERATIONS {
        let wire = Wire::of(&server, generation).await;
        let (tools, _) = wire.all("tools/list", "tools").await;
        let first = values(&tools, "name")[0];
        assert_eq!(first, "test_simple_text", "the suite calls the first without arguments");
        assert!(!values(&tools, "name").contains(&"hello"));
        let contact = tools.iter().find(|tool| tool["name"] == "json_schema_2020_12_tool").unwrap();
        let schema = &contact["inputSchema"];
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert_eq!(schema["$defs"]["address"]["$anchor"], "addressDef");
        assert_eq!(schema["then"], json!({ "required": ["phone"] }));

        let (resources, _) = wire.all("resources/list", "resources").await;
        let addresses = ["test://static-text", "test://static-binary", "test://watched-resource"];
        assert_eq!(values(&resources, "uri"), addresses);
        let (prompts, _) = wire.all("prompts/list", "prompts").await;
        assert!(values(&prompts, "name").contains(&"test_simple_prompt"));

        let said = wire.done("tools/call", json!({ "name": "test_simple_text" })).await;
        let text = "This is a simple text response for testing.";
        assert_eq!(said["content"], json!([{ "type": "text", "text": text }]));
        let id = json!({ "uri": "test://template/123/data" });
        let read = wire.done("resources/read", id).await;
        let data = r#"{"id":"123","templateTest":true,"data":"Data for ID: 123"}"#;
        assert_eq!(read["contents"][0]["text"], data);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_not_served_where_it_is_not_named() {
    let (server, _file) = serving(json!({}));
    for generation in GENERATIONS {
        let wire = Wire::of(&server, generation).await;
        let (tools, _) = wire.all("tools/list", "tools").await;
        assert_eq!(values(&tools, "name"), ["hello"]);
        assert!(wire.capabilities.get("prompts").is_none(), "{}", wire.capabilities);
        assert!(wire.capabilities.get("resources").is_none(), "{}", wire.capabilities);
    }
}
