//! `/api/keys`: users store, see and delete a key of their own over plain HTTP.

mod refused;
mod stored;
mod twenty;
mod walk;

use crate::support::{
    canary,
    running::{Running, command},
};
use http::Method;
use serde_json::{Value, json};
use std::{collections::BTreeMap, fs::File, path::PathBuf};
use twenty_mcp::auth::kit;
use twenty_mcp::seam::Secret;

const SECRET: &str = "a secret of 32 characters, or so, it is";

/// A server whose users sign in by tokens, and everything that it says.
pub struct Place {
    pub server: Running,
    tokens: BTreeMap<&'static str, Secret>,
    folder: tempfile::TempDir,
    http: reqwest::Client,
}

/// An answer, read whole.
pub struct Answer {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Place {
    /// A server with these settings over the usual ones; `ann` and `ben` may do everything, `reader` may read, `other`
    /// has scopes of something else.
    pub fn start(over: Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut tokens = BTreeMap::new();
        let mut known = serde_json::Map::new();
        for (name, scopes) in
            [("ann", None), ("ben", None), ("reader", Some("twenty:read")), ("other", Some("x"))]
        {
            let (token, hash) = kit::mint();
            let scopes = scopes.map(|scope| json!([scope]));
            let mut entry = json!({ "hash": hash });
            if let Some(scopes) = scopes {
                entry["scopes"] = scopes;
            }
            known.insert(name.to_owned(), entry);
            tokens.insert(name, token);
        }
        let mut settings = json!({
            "server": { "data_dir": folder.path().join("data"), "audit": { "file": folder.path().join("audit") } },
            "auth": {
                "mode": "required", "operator_key": "never",
                "providers": { "static-tokens": { "tokens": known } },
            },
            "keys": { "secrets": [SECRET] },
            "tools": { "twenty": { "base_url": "sandbox" } },
        });
        merge(&mut settings, over);
        let file = folder.path().join("c.yaml");
        std::fs::write(&file, settings.to_string()).unwrap();
        let log = File::create(folder.path().join("log")).unwrap();
        let arguments = ["--config", file.to_str().unwrap(), "--verbose"];
        let server = Running::start_with(&arguments, |command| {
            command.stderr(log);
        });
        Self { server, tokens, folder, http: reqwest::Client::new() }
    }

    /// One whose own Twenty is at this address.
    pub fn at(base_url: &str) -> Self {
        Self::start(json!({ "tools": { "twenty": { "base_url": base_url, "api_key": "CANARY-operators" } } }))
    }

    /// Asks `/api/keys` as a user, with a body of these bytes.
    pub async fn send(&self, who: Option<&str>, method: Method, kind: Option<&str>, body: &str) -> Answer {
        let mut request = self.http.request(method, format!("{}/api/keys", self.server.url));
        if let Some(who) = who {
            request = request.bearer_auth(self.tokens[who].expose());
        }
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        let response = request.body(body.to_owned()).send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        assert_eq!(headers.get("cache-control").unwrap(), "no-store");
        Answer { status, headers, text }
    }

    pub async fn get(&self, who: &str) -> Answer {
        self.send(Some(who), Method::GET, None, "").await
    }

    pub async fn post(&self, who: &str, body: Value) -> Answer {
        self.send(Some(who), Method::POST, Some("application/json"), &body.to_string()).await
    }

    pub async fn delete(&self, who: &str) -> Answer {
        self.send(Some(who), Method::DELETE, None, "").await
    }

    /// Calls a tool; tells the text of its result, and whether it failed.
    pub async fn call(&self, who: &str) -> (String, bool) {
        crate::stored_keys::called(&self.server, &self.tokens[who]).await
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Ends the server, and tells its audit events about keys; whatever it wrote shows no key.
    pub fn end(self) -> Vec<Value> {
        let (folder, audit, log) = (self.folder.path().join("data"), self.file("audit"), self.file("log"));
        // What waits to be written is written when it stops by itself.
        self.server.terminate();
        let mut server = self.server;
        server.child.wait().unwrap();
        let events = std::fs::read_to_string(audit).unwrap();
        let log = std::fs::read_to_string(log).unwrap();
        canary::is_not_among(&[("the audit file", &events), ("the log", &log)]);
        canary::is_in_no_file_of(&folder);
        assert!(log.contains("api/keys") || log.contains("key"), "something was logged: {log}");
        let events = events.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        events.filter(|event| event["event"] == "key").collect()
    }
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

/// A token of the sign-in inside a server.
fn dev_token(server: &Running, issuer: &str) -> String {
    let (mut command, _home) = command(&["tokens", "dev", "--issuer", issuer]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{} {}", server.url, String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
