//! Tools that ask, over every way in: sessions and the stateless revision, over HTTP and over pipes.
#![expect(deprecated, reason = "sampling and roots are on their way out of MCP, and clients still have them")]

mod pipes;
mod raw;
mod refusals;
mod session_tasks;
mod sessions;
mod stateless;
mod tasks;
mod tools;
mod twenty;

use crate::support::inside::Served;
use poem::{Endpoint, Request, Response};
use rmcp::{
    ClientHandler, ErrorData, RoleClient,
    model::{
        ClientConfig, CreateMessageRequestParams, CreateMessageResult, ElicitRequestParams, ElicitResult,
        ListRootsResult,
    },
    service::RequestContext,
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use twenty_mcp::{
    mcp::{Door, SessionLimits},
    registry::Registry,
    seam::{Issuer, Principal, Scope, Scopes, Subject, ToolOptions, User},
};

fn registry() -> Registry {
    let options = ToolOptions { approve: Some(twenty_mcp::seam::Approve::Ask), ..ToolOptions::default() };
    let alone = BTreeMap::from([("guarded".to_owned(), options)]);
    Registry::of(&tools::ALL, Vec::new(), &alone, Duration::from_secs(30)).unwrap()
}

/// A server of the tools of this folder; whoever says their name in `x-user` is that user.
struct Server(Served);

impl Server {
    async fn start() -> Self {
        Self(Served::start(registry(), SessionLimits::default(), Named).await)
    }

    fn url(&self) -> &str {
        &self.0.url
    }

    /// A stateless request with the parameters given; status and answer.
    async fn post(&self, user: &str, method: &str, params: Value) -> (u16, Value) {
        let capabilities = json!({ "elicitation": {}, "sampling": {}, "roots": {} });
        self.post_as(user, capabilities, method, params).await
    }

    async fn post_as(&self, user: &str, can: Value, method: &str, params: Value) -> (u16, Value) {
        stateless_request(self.url(), user, can, method, params).await
    }

    /// The result of a call that is no error of the protocol.
    async fn call(&self, params: Value) -> Value {
        let (status, answer) = self.post("ann", "tools/call", params).await;
        assert_eq!(status, 200, "{answer}");
        answer["result"].clone()
    }
}

/// A request of the stateless revision to this endpoint, by a client that can do this; status and answer.
async fn stateless_request(
    url: &str,
    user: &str,
    can: Value,
    method: &str,
    mut params: Value,
) -> (u16, Value) {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": can,
        "io.modelcontextprotocol/clientInfo": { "name": "raw", "version": "1" },
    });
    let mut request = reqwest::Client::new()
        .post(url)
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", method)
        .header("x-user", user);
    for name in ["name", "taskId"] {
        if let Some(name) = params[name].as_str() {
            request = request.header("mcp-name", name);
        }
    }
    let body = json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params });
    let answer = request.body(body.to_string()).send().await.unwrap();
    let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
    let lines = text.lines().rev().map(|line| line.trim_start_matches("data: "));
    let json = lines.filter_map(|line| serde_json::from_str::<Value>(line).ok()).next();
    (status, json.unwrap_or_else(|| panic!("{status}: {text}")))
}

struct Named(Door);

impl Endpoint for Named {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        if let Some(name) = request.header("x-user").map(str::to_owned) {
            let (issuer, subject) = (Issuer::new("https://issuer.example"), Subject::new(name));
            let scopes = Scopes::from([Scope::new("tools:admin")]);
            let user = User { issuer, subject, client: None, scopes };
            request.extensions_mut().insert(Principal::User(user));
        }
        self.0.call(request).await
    }
}

/// A client with a session whose user says yes to everything; what it was asked is kept.
#[derive(Clone)]
struct Person {
    can: Value,
    asked: Arc<Mutex<Vec<Value>>>,
}

impl Person {
    fn new(can: Value) -> Self {
        Self { can, asked: Arc::default() }
    }

    fn asked(&self) -> Vec<Value> {
        self.asked.lock().unwrap().clone()
    }

    fn heard(&self, params: Value) {
        self.asked.lock().unwrap().push(params);
    }
}

impl ClientHandler for Person {
    fn get_info(&self) -> ClientConfig {
        let info = json!({
            "protocolVersion": "2025-11-25", "capabilities": self.can,
            "clientInfo": { "name": "person", "version": "1" },
        });
        serde_json::from_value(info).unwrap()
    }

    async fn create_elicitation(
        &self,
        asked: ElicitRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        let asked = serde_json::to_value(asked).unwrap();
        let patient = asked["message"] == "Wait?";
        let options = asked["requestedSchema"]["properties"]["which"]["oneOf"].as_array().cloned();
        self.heard(asked);
        if patient {
            std::future::pending::<()>().await;
        }
        let mut content = json!({ "yes": true, "allow": true, "name": "Ada" });
        if let Some(options) = options {
            content["which"] = options.last().unwrap()["const"].clone();
        }
        Ok(serde_json::from_value(json!({ "action": "accept", "content": content })).unwrap())
    }

    async fn create_message(
        &self,
        asked: CreateMessageRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<CreateMessageResult, ErrorData> {
        self.heard(serde_json::to_value(asked).unwrap());
        Ok(serde_json::from_value(greeting()).unwrap())
    }

    async fn list_roots(&self, _: RequestContext<RoleClient>) -> Result<ListRootsResult, ErrorData> {
        self.heard(json!("roots"));
        Ok(serde_json::from_value(roots()).unwrap())
    }
}

fn greeting() -> Value {
    json!({ "role": "assistant", "content": { "type": "text", "text": "Good day" }, "model": "m" })
}

fn roots() -> Value {
    json!({ "roots": [{ "uri": "file:///test/root", "name": "Test" }] })
}

fn accept(content: Value) -> Value {
    json!({ "action": "accept", "content": content })
}
