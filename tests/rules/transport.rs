//! What the transport must see to.

use crate::support::{door::configured, piped::answers_of};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn rule_19_a_revision_that_is_not_spoken_is_a_bad_request() {
    let (server, _folder) = configured("tools: { hello: {} }\n");
    for (version, status) in [("1999-01-01", 400), ("x", 400), ("2025-11-25", 200)] {
        let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "raw", "version": "1" },
        }});
        let request = reqwest::Client::new()
            .post(server.mcp())
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", version);
        let answer = request.body(message.to_string()).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{version}");
    }
}

#[test]
fn rule_21_over_stdio_nobody_signs_in() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("c.yaml");
    let yaml = "auth: { mode: required, providers: { oidc: { issuer: \"https://id.example.com\" } } }\n";
    std::fs::write(&file, yaml).unwrap();
    let messages = [
        json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "raw", "version": "1" },
        }}),
        json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }),
        json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {
            "name": "hello", "arguments": { "name": "Ann" },
        }}),
    ];
    let asked: String = messages.iter().map(|message| format!("{message}\n")).collect();
    let (_, answers) = answers_of(&["--config", file.to_str().unwrap()], &asked);
    let called = answers.iter().find(|answer| answer.message["id"] == 2).unwrap();
    assert!(called.message.to_string().contains("Hello, Ann!"), "{called:?}");
}
