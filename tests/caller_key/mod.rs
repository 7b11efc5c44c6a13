//! A caller's own Twenty key, by header and by query: it is what the workspace gets, and nobody else ever sees it.

mod apart;
mod refused;
mod told;
mod used;

use crate::support::{running::Running, upstream::Upstream};
use serde_json::{Value, json};
use std::{fs, process::Command, sync::Arc};
use twenty_mcp::auth::kit;

const HEADER: &str = "X-Twenty-Api-Key";
const META: &str = "io.modelcontextprotocol/";

/// A server on a workspace that remembers with which keys it was asked.
struct House {
    server: Running,
    upstream: Arc<Upstream>,
    folder: tempfile::TempDir,
    /// A token that signs in, where callers may.
    token: String,
}

/// The two generations of the protocol.
#[derive(Clone, Copy, Debug)]
enum Way {
    Stateless,
    Session,
}

const WAYS: [Way; 2] = [Way::Stateless, Way::Session];

/// What came back: the status, and the answer's JSON.
#[derive(Debug)]
struct Told {
    status: u16,
    allow: Option<String>,
    session: Option<String>,
    body: Value,
}

impl Told {
    /// The text of a tool's result.
    fn text(&self) -> &str {
        self.body["result"]["content"][0]["text"].as_str().unwrap_or_else(|| panic!("{self:?}"))
    }

    fn done(&self) -> &Value {
        assert_eq!((self.status, &self.body["result"]["isError"]), (200, &json!(false)), "{self:?}");
        &self.body["result"]["structuredContent"]
    }
}

impl House {
    /// A server with this sign-in, with the operator's key or without.
    async fn start(auth: Value, operators: Option<&str>) -> Self {
        Self::prepared(auth, json!({}), operators, |_, _| {}).await
    }

    /// The same, with more settings of the pack, and a last word on the command.
    async fn prepared(
        mut auth: Value,
        twenty: Value,
        operators: Option<&str>,
        prepare: impl FnOnce(&mut Command, &std::path::Path),
    ) -> Self {
        let upstream = Upstream::start(json!({ "people": 20 })).await;
        let (folder, (token, hash)) = (tempfile::tempdir().unwrap(), kit::mint());
        auth["providers"] = json!({ "static-tokens": { "tokens": { "ann": { "hash": hash } } } });
        let server = json!({
            "data_dir": folder.path().join("data"), "allowed_origins": ["https://app.example"],
            "audit": { "file": folder.path().join("audit") },
        });
        let settings = json!({ "server": server, "auth": auth, "tools": { "twenty": twenty, "hello": {} } });
        let file = folder.path().join("c.yaml");
        fs::write(&file, settings.to_string()).unwrap();
        let server = Running::start_with(&["--config", file.to_str().unwrap()], |command| {
            command.env("TWENTY_BASE_URL", &upstream.url);
            operators.map(|key| command.env("TWENTY_API_KEY", key));
            prepare(command, folder.path());
        });
        Self { server, upstream, folder, token: token.expose().to_owned() }
    }

    /// Sends a message to `/mcp` with this query.
    async fn post(&self, query: &str, headers: &[(&str, &str)], message: &Value) -> Told {
        let mut request = reqwest::Client::new()
            .post(format!("{}{query}", self.server.mcp()))
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        told(request.body(message.to_string())).await
    }

    /// Calls a tool as a client of this generation does that sends the same query and headers with each request.
    async fn call(
        &self,
        way: Way,
        query: &str,
        headers: &[(&str, &str)],
        tool: &str,
        arguments: Value,
    ) -> Told {
        let params = json!({ "name": tool, "arguments": arguments });
        match way {
            Way::Stateless => self.stateless(query, headers, tool, params).await,
            Way::Session => {
                let opened = self.open(query, headers).await;
                let Some(session) = &opened.session else { return opened };
                self.in_session(session, query, headers, "tools/call", params).await
            }
        }
    }

    /// The tools that a client without a session is told.
    async fn listed(&self, headers: &[(&str, &str)]) -> Told {
        let params = json!({ "_meta": meta() });
        let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": params });
        let own = [("mcp-protocol-version", "2026-07-28"), ("mcp-method", "tools/list")];
        self.post("", &[headers, &own].concat(), &message).await
    }

    async fn stateless(&self, query: &str, headers: &[(&str, &str)], tool: &str, mut params: Value) -> Told {
        params["_meta"] = meta();
        let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
        let own = [("mcp-protocol-version", "2026-07-28"), ("mcp-method", "tools/call"), ("mcp-name", tool)];
        self.post(query, &[headers, &own].concat(), &message).await
    }

    /// Opens a session.
    async fn open(&self, query: &str, headers: &[(&str, &str)]) -> Told {
        let client = json!({ "name": "raw", "version": "1" });
        let params = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client });
        let begin = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params });
        let opened = self.post(query, headers, &begin).await;
        if let Some(session) = &opened.session {
            let begun = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
            let own = [("mcp-session-id", session.as_str()), ("mcp-protocol-version", "2025-11-25")];
            assert_eq!(self.post(query, &[headers, &own].concat(), &begun).await.status, 202);
        }
        opened
    }

    async fn in_session(
        &self,
        session: &str,
        query: &str,
        headers: &[(&str, &str)],
        method: &str,
        params: Value,
    ) -> Told {
        let message = json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params });
        let own = [("mcp-session-id", session), ("mcp-protocol-version", "2025-11-25")];
        self.post(query, &[headers, &own].concat(), &message).await
    }

    /// The keys with which the workspace was asked since this was asked last.
    fn keys(&self) -> Vec<String> {
        let mut keys: Vec<_> = std::mem::take(&mut *self.upstream.keys.lock().unwrap());
        keys.dedup();
        keys.into_iter().map(|key| key.unwrap_or_default()).collect()
    }
}

/// The `_meta` of a request that stands alone.
fn meta() -> Value {
    json!({
        format!("{META}protocolVersion"): "2026-07-28",
        format!("{META}clientCapabilities"): { "elicitation": {} },
        format!("{META}clientInfo"): { "name": "raw", "version": "1" },
    })
}

async fn told(request: reqwest::RequestBuilder) -> Told {
    let answer = request.send().await.unwrap();
    let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let (status, allow, session) = (answer.status().as_u16(), header("allow"), header("mcp-session-id"));
    let text = answer.text().await.unwrap();
    // An answer is JSON, or the last event of a stream that holds some.
    let data = text.lines().rev().find_map(|line| line.strip_prefix("data: {"));
    let json = data.map_or(text.clone(), |rest| format!("{{{rest}"));
    Told { status, allow, session, body: serde_json::from_str(&json).unwrap_or(Value::String(text)) }
}
