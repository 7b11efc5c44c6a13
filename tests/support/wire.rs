//! MCP as it stands on the wire, in a session and without: the same questions to both generations.

use super::running::Running;
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// The generations of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    /// 2025-11-25: a session.
    Session,
    /// 2026-07-28: every request stands alone.
    Stateless,
}

pub const GENERATIONS: [Generation; 2] = [Generation::Session, Generation::Stateless];

/// A client that sends what it is told.
pub struct Wire {
    url: String,
    generation: Generation,
    session: Option<String>,
    next: AtomicU64,
    /// What the server says that it can do.
    pub capabilities: Value,
}

impl Wire {
    /// A client of this generation.
    pub async fn of(server: &Running, generation: Generation) -> Self {
        let (url, next) = (server.mcp(), AtomicU64::new(1));
        let mut wire = Self { url, generation, session: None, next, capabilities: Value::Null };
        let began = match generation {
            Generation::Session => {
                let hello = json!({
                    "protocolVersion": "2025-11-25", "capabilities": {},
                    "clientInfo": { "name": "raw", "version": "1" },
                });
                let answer = wire.post("initialize", hello).send().await.unwrap();
                let id = answer.headers().get("mcp-session-id").unwrap().to_str().unwrap().to_owned();
                let told = last(&answer.text().await.unwrap());
                wire.session = Some(id);
                let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
                assert_eq!(wire.send(&ready, "").send().await.unwrap().status(), 202);
                told
            }
            Generation::Stateless => wire.ask("server/discover", json!({})).await,
        };
        wire.capabilities = began["result"]["capabilities"].clone();
        wire
    }

    fn post(&self, method: &str, mut params: Value) -> RequestBuilder {
        if self.generation == Generation::Stateless {
            params["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!("2026-07-28");
            params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = json!({});
            params["_meta"]["io.modelcontextprotocol/clientInfo"] = json!({ "name": "raw", "version": "1" });
        }
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }), method)
    }

    fn send(&self, body: &Value, method: &str) -> RequestBuilder {
        let mut request = reqwest::Client::new()
            .post(&self.url)
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream");
        if let Some(session) = &self.session {
            request = request.header("mcp-session-id", session).header("mcp-protocol-version", "2025-11-25");
        }
        if self.generation == Generation::Stateless {
            request = request.header("mcp-protocol-version", "2026-07-28").header("mcp-method", method);
            let named = ["name", "uri"].iter().find_map(|name| body["params"][name].as_str());
            if let (Some(named), "tools/call" | "prompts/get" | "resources/read") = (named, method) {
                request = request.header("mcp-name", named);
            }
        }
        request.body(body.to_string())
    }

    /// The answer to a request: the whole message.
    pub async fn ask(&self, method: &str, params: Value) -> Value {
        last(&self.post(method, params).send().await.unwrap().text().await.unwrap())
    }

    /// The result of a request that must succeed.
    pub async fn done(&self, method: &str, params: Value) -> Value {
        let mut answer = self.ask(method, params.clone()).await;
        assert!(answer.get("error").is_none(), "{:?} {method} {params}: {answer}", self.generation);
        if self.generation == Generation::Stateless {
            assert_eq!(answer["result"]["resultType"], "complete", "{answer}");
        } else {
            assert!(answer["result"].get("resultType").is_none(), "{answer}");
        }
        answer["result"].take()
    }

    /// The error of a request that must fail.
    pub async fn refused(&self, method: &str, params: Value) -> Value {
        let mut answer = self.ask(method, params.clone()).await;
        assert!(answer["error"].is_object(), "{:?} {method} {params}: {answer}", self.generation);
        answer["error"].take()
    }

    /// Every item of a list, page by page, and how many pages there were.
    pub async fn all(&self, method: &str, member: &str) -> (Vec<Value>, usize) {
        let (mut items, mut pages, mut params) = (Vec::new(), 0, json!({}));
        loop {
            let mut page = self.done(method, params).await;
            items.append(page[member].as_array_mut().unwrap());
            pages += 1;
            assert!(pages < 100, "{method} does not end");
            match page["nextCursor"].take() {
                Value::Null => return (items, pages),
                cursor => params = json!({ "cursor": cursor }),
            }
        }
    }
}

/// What a server says of itself, message by message.
pub struct Heard {
    answer: reqwest::Response,
    text: String,
}

impl Heard {
    /// The next message; the test fails where none comes.
    pub async fn next(&mut self) -> Value {
        let next = tokio::time::timeout(Duration::from_secs(20), self.message()).await;
        next.expect("nothing was told")
    }

    async fn message(&mut self) -> Value {
        loop {
            while let Some((line, rest)) = self.text.split_once('\n') {
                let message = line.strip_prefix("data: ").and_then(|data| serde_json::from_str(data).ok());
                self.text = rest.to_owned();
                if let Some(message) = message {
                    return message;
                }
            }
            let chunk = self.answer.chunk().await.unwrap().expect("the stream ended");
            self.text.push_str(str::from_utf8(&chunk).unwrap());
        }
    }
}

impl Wire {
    /// Listens to changes of lists, and of these resources.
    pub async fn listen(&self, uris: &[&str]) -> Heard {
        let answer = match self.generation {
            Generation::Session => {
                for uri in uris {
                    self.done("resources/subscribe", json!({ "uri": uri })).await;
                }
                let listen = reqwest::Client::new().get(&self.url).header("accept", "text/event-stream");
                let listen = listen.header("mcp-protocol-version", "2025-11-25");
                listen.header("mcp-session-id", self.session.as_deref().unwrap()).send().await.unwrap()
            }
            Generation::Stateless => {
                let lists = ["toolsListChanged", "promptsListChanged", "resourcesListChanged"];
                let mut filter: Value = lists.iter().map(|list| ((*list).to_owned(), json!(true))).collect();
                filter["resourceSubscriptions"] = json!(uris);
                self.post("subscriptions/listen", json!({ "notifications": filter })).send().await.unwrap()
            }
        };
        assert_eq!(answer.status(), 200);
        let mut heard = Heard { answer, text: String::new() };
        if self.generation == Generation::Stateless {
            let honoured = heard.next().await;
            assert_eq!(honoured["method"], "notifications/subscriptions/acknowledged");
            assert_eq!(
                honoured["params"]["notifications"]["resourceSubscriptions"],
                json!(uris),
                "{honoured}"
            );
        }
        heard
    }
}

/// The last message of an answer, whether it came as JSON or as events.
fn last(text: &str) -> Value {
    let messages = text.lines().rev().map(|line| line.trim_start_matches("data: "));
    let mut messages = messages.filter_map(|line| serde_json::from_str::<Value>(line).ok());
    messages.find(|message| message.is_object()).unwrap_or_else(|| panic!("no message: {text}"))
}
