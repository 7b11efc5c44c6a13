//! A server with sign-in, and what it answers to whom at `/mcp`.

use super::running::Running;
use serde_json::json;

/// A server with this configuration.
pub fn configured(yaml: &str) -> (Running, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("c.yaml");
    std::fs::write(&file, yaml).unwrap();
    (Running::start(&["--config", file.to_str().unwrap()]), folder)
}

pub struct Answer {
    pub status: u16,
    pub challenge: Option<String>,
    pub retry_after: Option<String>,
    pub body: String,
}

/// Calls the tool `hello` with this token.
pub async fn call(server: &Running, token: &str) -> Answer {
    call_with(server, &[("authorization", format!("Bearer {token}").as_bytes())]).await
}

/// Calls the tool `hello` with these headers.
pub async fn call_with(server: &Running, headers: &[(&str, &[u8])]) -> Answer {
    call_at(server, "/mcp", headers).await
}

/// Calls the tool `hello` at this path with these headers.
pub async fn call_at(server: &Running, path: &str, headers: &[(&str, &[u8])]) -> Answer {
    let mut request = reqwest::Client::new()
        .post(format!("{}{path}", server.url))
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", "tools/call")
        .header("mcp-name", "hello");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
        "name": "hello", "arguments": { "name": "Ann" },
        "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": { "name": "raw", "version": "1" },
        },
    }});
    let answer = request.body(body.to_string()).send().await.unwrap();
    let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let (challenge, retry_after) = (header("www-authenticate"), header("retry-after"));
    let status = answer.status().as_u16();
    Answer { status, challenge, retry_after, body: answer.text().await.unwrap() }
}
