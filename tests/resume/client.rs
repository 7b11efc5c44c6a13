//! A client of one session that reads its streams event by event.

use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use std::time::Duration;

/// The longest that a test waits for an event.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub struct Client {
    url: String,
    version: &'static str,
    pub user: &'static str,
    pub session: String,
}

/// One event of a stream.
#[derive(Debug)]
pub struct Event {
    pub id: Option<String>,
    pub retry: Option<u64>,
    pub message: Option<Value>,
}

/// A connection that reads a stream.
#[derive(Debug)]
pub struct Connection {
    response: Response,
    read: Vec<u8>,
    /// The id of the event that came last.
    pub last: Option<String>,
    /// The time after which it should come back, as it was told last.
    pub retry: Option<u64>,
}

impl Client {
    pub async fn of(url: &str, version: &'static str) -> Self {
        Self::begun(url, "ann", version).await.unwrap()
    }

    /// A session of this user's, or the status and code of the refusal.
    pub async fn begun(url: &str, user: &'static str, version: &'static str) -> Result<Self, (u16, i64)> {
        let mut client = Self { url: url.to_owned(), version, user, session: String::new() };
        let hello = json!({
            "protocolVersion": version, "capabilities": {}, "clientInfo": { "name": "raw", "version": "1" },
        });
        let body = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": hello });
        let answer = reqwest::Client::new().post(url).header("x-user", user);
        let answer = answer.header("content-type", "application/json").body(body.to_string());
        let answer = answer.send().await.unwrap();
        let session = answer.headers().get("mcp-session-id").map(|id| id.to_str().unwrap().to_owned());
        let Some(session) = session else { return Err(refused(answer).await) };
        client.session = session;
        client.tell("notifications/initialized", json!({})).await;
        Ok(client)
    }

    fn with_session(&self, request: RequestBuilder) -> RequestBuilder {
        request
            .header("x-user", self.user)
            .header("mcp-session-id", &self.session)
            .header("mcp-protocol-version", self.version)
    }

    async fn post(&self, body: Value) -> Response {
        let request = self.with_session(reqwest::Client::new().post(&self.url));
        let request = request.header("content-type", "application/json");
        request.body(body.to_string()).send().await.unwrap()
    }

    pub async fn tell(&self, method: &str, params: Value) {
        let told = self.post(json!({ "jsonrpc": "2.0", "method": method, "params": params })).await;
        assert_eq!(told.status(), 202);
    }

    /// Calls the tool of this folder.
    pub async fn call(&self, id: u64, arguments: Value) -> Connection {
        let params = json!({ "name": "talk", "arguments": arguments, "_meta": { "progressToken": id } });
        let call = json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params });
        let response = self.post(call).await;
        assert_eq!(response.status(), 200);
        Connection::of(response)
    }

    /// Opens the stream that belongs to no call.
    pub async fn own_stream(&self) -> Connection {
        let request = self.with_session(reqwest::Client::new().get(&self.url));
        let response = request.header("accept", "text/event-stream").send().await.unwrap();
        assert_eq!(response.status(), 200);
        Connection::of(response)
    }

    /// Ends the session.
    pub async fn end(&self) {
        let ended = self.with_session(reqwest::Client::new().delete(&self.url)).send().await.unwrap();
        assert_eq!(ended.status(), 202);
    }

    /// Comes back for what followed an event, or the status and code of the refusal.
    pub async fn resume(&self, after: &str) -> Result<Connection, (u16, i64)> {
        let request = self.with_session(reqwest::Client::new().get(&self.url));
        let request = request.header("accept", "text/event-stream").header("last-event-id", after);
        let response = request.send().await.unwrap();
        match response.status().as_u16() {
            200 => Ok(Connection::of(response)),
            _ => Err(refused(response).await),
        }
    }
}

async fn refused(response: Response) -> (u16, i64) {
    let status = response.status().as_u16();
    let told: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    (status, told["error"]["code"].as_i64().unwrap())
}

impl Connection {
    fn of(response: Response) -> Self {
        Self { response, read: Vec::new(), last: None, retry: None }
    }

    /// The next event; none at the connection's end.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(end) = self.read.windows(2).position(|here| here == b"\n\n") {
                let lines: Vec<u8> = self.read.drain(..end + 2).collect();
                if lines.starts_with(b":") {
                    continue;
                }
                let event = Event::read(std::str::from_utf8(&lines).unwrap());
                self.last = event.id.clone().or(self.last.take());
                self.retry = event.retry.or(self.retry);
                return Some(event);
            }
            let more = tokio::time::timeout(PATIENCE, self.response.chunk()).await.unwrap();
            self.read.extend_from_slice(&more.unwrap()?);
        }
    }
}

impl Event {
    fn read(lines: &str) -> Self {
        let field = |name: &str| lines.lines().find_map(|line| line.strip_prefix(name));
        let data = field("data: ").filter(|data| !data.is_empty());
        Self {
            id: field("id: ").map(str::to_owned),
            retry: field("retry: ").map(|retry| retry.parse().unwrap()),
            message: data.map(|data| serde_json::from_str(data).unwrap()),
        }
    }
}
