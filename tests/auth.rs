//! Sign-in with static tokens, through the binary: off, optional, required.

use crate::support::running::{BINARY, Running, refused};
use serde_json::json;
use std::{path::PathBuf, process::Command};

struct Token {
    token: String,
    hash: String,
}

fn mint() -> Token {
    let output = Command::new(BINARY).args(["tokens", "new"]).output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let value = |name: &str| {
        text.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned()).unwrap()
    };
    Token { token: value("token:"), hash: value("hash:") }
}

fn server(mode: &str, entries: &str) -> (Running, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let file: PathBuf = folder.path().join("c.yaml");
    let yaml = format!("auth:\n  mode: {mode}\n  providers:\n    static-tokens:\n      tokens:\n{entries}");
    std::fs::write(&file, yaml).unwrap();
    (Running::start(&["--config", file.to_str().unwrap()]), folder)
}

/// The status of an `initialize` with these headers, and the challenge that came with it.
async fn initialize(server: &Running, headers: &[(&str, &str)]) -> (u16, String, String) {
    let mut request = reqwest::Client::new()
        .post(server.mcp())
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = json!({
        "jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": {
            "protocolVersion": "2025-11-25", "capabilities": {},
            "clientInfo": { "name": "raw", "version": "1" },
        },
    });
    let answer = request.body(body.to_string()).send().await.unwrap();
    let header = |name: &str| {
        answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    };
    let (challenge, session) = (header("www-authenticate"), header("mcp-session-id"));
    (answer.status().as_u16(), challenge, session)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_mode_lets_in_whom_it_says() {
    let (good, old) = (mint(), mint());
    let entries = format!(
        "        ci: {{ hash: \"{}\", scopes: [\"twenty:read\"] }}\n        old: {{ hash: \"{}\", scopes: [], expires: \"2020-01-01T00:00:00Z\" }}\n",
        good.hash, old.hash
    );
    let bearer = |token: &str| format!("Bearer {token}");
    let (fine, expired, forged) = (bearer(&good.token), bearer(&old.token), bearer(&mint().token));
    for (mode, none, bad) in [("off", 200, 200), ("optional", 200, 401), ("required", 401, 401)] {
        let (server, _folder) = server(mode, &entries);
        assert_eq!(initialize(&server, &[]).await.0, none, "{mode} without a token");
        assert_eq!(initialize(&server, &[("authorization", &fine)]).await.0, 200, "{mode} with a good token");
        for value in
            [expired.as_str(), forged.as_str(), "Bearer x y", "Basic YTpi", "Bearer eyJhbGciOiJub25lIn0.e30."]
        {
            assert_eq!(initialize(&server, &[("authorization", value)]).await.0, bad, "{mode} with {value}");
        }
        let health = reqwest::get(format!("{}/health", server.url)).await.unwrap().text().await.unwrap();
        assert_eq!(health.contains("\"authEnabled\":true"), mode != "off", "{health}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_tells_what_is_wrong_and_comes_first() {
    let good = mint();
    let (server, _folder) =
        server("required", &format!("        ci: {{ hash: \"{}\", scopes: [] }}\n", good.hash));
    let (_, challenge, _) = initialize(&server, &[]).await;
    assert!(challenge.starts_with("Bearer ") && !challenge.contains("error="), "{challenge}");
    let (_, challenge, _) = initialize(&server, &[("authorization", "Bearer tmcp_wrong")]).await;
    assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
    let plain =
        reqwest::Client::new().post(server.mcp()).header("content-type", "text/plain").body("{").send();
    assert_eq!(plain.await.unwrap().status().as_u16(), 401, "before any complaint about the body");
    let query = reqwest::Client::new().post(format!("{}?access_token={}", server.mcp(), good.token)).send();
    assert_eq!(query.await.unwrap().status().as_u16(), 401, "no token is taken from a query string");
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_18_a_session_is_its_principals_alone() {
    let (one, other) = (mint(), mint());
    let entries = format!(
        "        one: {{ hash: \"{}\", scopes: [] }}\n        other: {{ hash: \"{}\", scopes: [] }}\n",
        one.hash, other.hash
    );
    let (server, _folder) = server("required", &entries);
    let (_, _, session) = initialize(&server, &[("authorization", &format!("Bearer {}", one.token))]).await;
    assert!(!session.is_empty());
    for (token, status) in [(&one.token, 200), (&other.token, 404)] {
        let answer = reqwest::Client::new()
            .post(server.mcp())
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .header("authorization", format!("Bearer {token}"))
            .header("mcp-session-id", &session)
            .header("mcp-protocol-version", "2025-11-25")
            .body(json!({ "jsonrpc": "2.0", "id": 2, "method": "ping" }).to_string())
            .send();
        assert_eq!(answer.await.unwrap().status().as_u16(), status);
    }
}

#[test]
fn sign_in_without_a_usable_provider_does_not_start() {
    for yaml in [
        "auth: { mode: required }\n",
        "auth: { mode: required, providers: { static-tokens: { tokens: {} } } }\n",
        "auth: { mode: optional, providers: { clark: {} } }\n",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("c.yaml");
        std::fs::write(&file, yaml).unwrap();
        refused(&["--config", file.to_str().unwrap()]);
    }
}
