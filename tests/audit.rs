//! Who did what, in the file that the operator names: every call, sign-in and address turned away; nothing of what was
//! asked or answered, and no token.

use crate::support::{
    piped::answers_of,
    running::{Running, refused},
};
use serde_json::{Value, json};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};
use twenty_mcp::auth::kit;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// Calls a tool; the status and the text of the answer.
async fn call(server: &Running, headers: &[(&str, &str)], tool: &str, arguments: Value) -> (u16, String) {
    let body = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {
            "name": tool, "arguments": arguments,
            "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": {},
                "io.modelcontextprotocol/clientInfo": { "name": "raw", "version": "1" },
            },
        },
    });
    let mut request = reqwest::Client::new()
        .post(format!("{}?note=LEAK-query", server.mcp()))
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", "tools/call")
        .header("mcp-name", tool)
        .header("traceparent", format!("00-{TRACE}-00f067aa0ba902b7-01"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.body(body.to_string()).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

fn stop(server: &mut Running) {
    server.terminate();
    assert!(server.child.wait().unwrap().success());
}

/// The events of a file; nothing in it may be a secret or a content.
fn events(file: &Path) -> Vec<Value> {
    let text = fs::read_to_string(file).unwrap();
    assert!(!text.contains("LEAK") && !text.contains("tmcp_"), "{text}");
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect()
}

fn mode(file: &Path) -> u32 {
    fs::metadata(file).unwrap().permissions().mode() & 0o777
}

fn config(folder: &Path, rest: &str) -> (PathBuf, PathBuf) {
    let (yaml, file) = (folder.join("c.yaml"), folder.join("audit.jsonl"));
    let server = format!(
        "server: {{ audit: {{ file: \"{}\" }}, ip: {{ enabled: true, allow: [203.0.113.0/24], trusted_proxies: [127.0.0.1] }} }}\n",
        file.display()
    );
    fs::write(&yaml, server + rest).unwrap();
    (yaml, file)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_sign_in_and_refused_address_is_one_event_without_secrets_or_contents() {
    let (folder, (token, hash)) = (tempfile::tempdir().unwrap(), kit::mint());
    let (yaml, file) = config(
        folder.path(),
        &format!(
            "auth: {{ mode: required, operator_key: fallback, providers: {{ static-tokens: {{ tokens: {{ ci: {{ hash: \"{hash}\" }} }} }} }} }}\n\
             tools: {{ twenty: {{ base_url: sandbox }} }}\n"
        ),
    );
    fs::write(&file, "{\"event\":\"earlier\"}\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let mut server = Running::start(&["--config", yaml.to_str().unwrap()]);
    let bearer = format!("Bearer {}", token.expose());
    let from = ("x-forwarded-for", "203.0.113.9");
    let signed_in = [from, ("authorization", bearer.as_str())];
    let made =
        call(&server, &signed_in, "create_contact", json!({ "firstName": "LEAK-Ada", "lastName": "LEAK-B" }))
            .await;
    assert!(made.1.contains("LEAK-Ada"), "{made:?}");
    call(&server, &signed_in, "search_contacts", json!({ "LEAK-argument": "LEAK-value" })).await;
    call(&server, &signed_in, "LEAK-tool", json!({})).await;
    let (status, told) = call(&server, &[from], "hello", json!({})).await;
    assert!(status == 401 && told.contains(TRACE), "{told}");
    for (said, words) in [
        ("Bearer test-token-123", "Authentication failed - mock token not accepted"),
        ("Bearer tmcp_LEAK-forged", "the access token is not valid"),
    ] {
        let (status, told) = call(&server, &[from, ("authorization", said)], "hello", json!({})).await;
        assert_eq!(status, 401);
        let told: Value = serde_json::from_str(&told).unwrap();
        assert_eq!((&told["error"], &told["error_description"]), (&json!("invalid_token"), &json!(words)));
        assert_eq!(told["trace_id"], TRACE);
    }
    let outside = [("x-forwarded-for", "LEAK-spoof, 198.51.100.7"), ("authorization", bearer.as_str())];
    assert_eq!(call(&server, &outside, "hello", json!({})).await.0, 403);
    stop(&mut server);

    assert_eq!(mode(&file), 0o600);
    let events = events(&file);
    assert_eq!(events[0], json!({ "event": "earlier" }), "events are added at the end");
    let told: Vec<[&Value; 4]> = events[1..]
        .iter()
        .map(|event| [&event["event"], &event["outcome"], &event["tool"], &event["client"]])
        .collect();
    let (here, none) = ("203.0.113.9", Value::Null);
    let accepted = [json!("sign_in"), json!("accepted"), none.clone(), json!(here)];
    let wanted = [
        accepted.clone(),
        [json!("call"), json!("done"), json!("create_contact"), json!(here)],
        accepted.clone(),
        [json!("call"), json!("input"), json!("search_contacts"), json!(here)],
        accepted,
        [json!("call"), json!("no_tool"), none.clone(), json!(here)],
        [json!("sign_in"), json!("unauthorized"), none.clone(), json!(here)],
        [json!("sign_in"), json!("invalid_token"), none.clone(), json!(here)],
        [json!("sign_in"), json!("invalid_token"), none.clone(), json!(here)],
        [json!("address"), json!("refused"), none, json!("198.51.100.7")],
    ];
    assert_eq!(json!(told), json!(wanted));
    let reasons: Vec<&Value> =
        events.iter().filter(|event| event["event"] == "sign_in").map(|event| &event["reason"]).collect();
    assert_eq!(json!(reasons), json!([null, null, null, "no_token", "placeholder", "not_valid"]));
    for event in &events[1..] {
        assert_eq!(event["trace"], TRACE, "{event}");
        assert!(event["time"].as_str().unwrap().ends_with('Z'), "{event}");
        if event["event"] == "call" {
            assert_eq!((&event["issuer"], &event["subject"]), (&json!("static-tokens"), &json!("ci")));
            assert!(event["ms"].is_u64() && event["call"].as_str().unwrap().len() == 16, "{event}");
        }
    }
    let made = &events[2];
    assert_eq!((&made["effect"], &made["upstream_status"]), (&json!("create"), &json!(200)), "{made}");
    assert!(made["upstream_requests"].as_u64().unwrap() > 0, "{made}");
}

#[tokio::test(flavor = "multi_thread")]
async fn at_shutdown_nothing_that_happened_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let (yaml, file) = config(folder.path(), "");
    let mut server = Running::start(&["--config", yaml.to_str().unwrap()]);
    let from = [("x-forwarded-for", "203.0.113.9")];
    let calls = (0..60).map(|_| call(&server, &from, "hello", json!({ "name": "LEAK" })));
    futures_util::future::join_all(calls).await;
    stop(&mut server);
    let events = events(&file);
    let done = events.iter().filter(|event| event["outcome"] == "done" && event["principal"] == "anonymous");
    assert_eq!(done.count(), 60);
    assert_eq!(mode(&file), 0o600);
}

#[test]
fn over_stdio_the_person_at_this_machine_is_told_of_too() {
    let folder = tempfile::tempdir().unwrap();
    let (yaml, file) = config(folder.path(), "");
    let lines = [
        json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "protocolVersion": "2025-11-25", "capabilities": {},
            "clientInfo": { "name": "raw", "version": "1" },
        } }),
        json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }),
        json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {
            "name": "hello", "arguments": { "name": "LEAK" },
        } }),
    ];
    let asked: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let (output, sent) = answers_of(&["--config", yaml.to_str().unwrap()], &asked);
    assert!(output.status.success() && sent.len() == 2, "{sent:?}");
    let events = events(&file);
    assert_eq!(events.len(), 1, "{events:?}");
    let told = (&events[0]["principal"], &events[0]["tool"], &events[0]["outcome"], &events[0]["client"]);
    assert_eq!(told, (&json!("local"), &json!("hello"), &json!("done"), &Value::Null));
}

#[test]
fn a_file_that_cannot_be_written_is_a_fault_of_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let yaml = folder.path().join("c.yaml");
    fs::write(&yaml, "server:\n  audit: { file: /nowhere/at/all.jsonl }\n").unwrap();
    let output = refused(&["--config", yaml.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("server.audit.file") && said.contains("cannot be opened"), "{said}");
}
