//! A client with a session that sends what it is told and keeps what it hears, over HTTP or over a pipe.

use super::{Server, registry};
use crate::support::inside::{OverPipe, async_pipe};
use serde_json::{Value, json};
use std::{collections::VecDeque, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::unix::OwnedWriteHalf,
    sync::mpsc,
};

/// The longest that a message may take.
const TIME: Duration = Duration::from_secs(60);

enum Way {
    Http { url: String, user: Option<String>, session: Option<String>, revision: &'static str },
    Pipe { write: OwnedWriteHalf, _server: OverPipe },
}

pub struct Raw {
    way: Way,
    tell: mpsc::UnboundedSender<Value>,
    told: mpsc::UnboundedReceiver<Value>,
    heard: VecDeque<Value>,
    next: u32,
    /// The answer to `initialize`.
    pub begun: Value,
}

impl Raw {
    /// A client over HTTP, of this user or of nobody.
    pub async fn http(server: &Server, user: Option<&str>, revision: &'static str, can: Value) -> Self {
        let (url, user) = (server.url().to_owned(), user.map(str::to_owned));
        let mut raw = Self::of(Way::Http { url, user, session: None, revision }, mpsc::unbounded_channel());
        raw.initialize(revision, can).await;
        raw.listen();
        raw
    }

    /// A client of a server of its own.
    pub async fn piped(revision: &'static str, can: Value) -> Self {
        let (client, server) = async_pipe(registry());
        let (read, write) = client.into_split();
        let (tell, told) = mpsc::unbounded_channel();
        let (way, hear) = (Way::Pipe { write, _server: server }, tell.clone());
        tokio::spawn(async move {
            let mut lines = BufReader::new(read).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                if hear.send(serde_json::from_str(&line).unwrap()).is_err() {
                    return;
                }
            }
        });
        let mut raw = Self::of(way, (tell, told));
        raw.initialize(revision, can).await;
        raw
    }

    fn of(way: Way, (tell, told): (mpsc::UnboundedSender<Value>, mpsc::UnboundedReceiver<Value>)) -> Self {
        Self { way, tell, told, heard: VecDeque::new(), next: 0, begun: Value::Null }
    }

    async fn initialize(&mut self, revision: &str, can: Value) {
        let client = json!({ "name": "raw", "version": "1" });
        let hello = json!({ "protocolVersion": revision, "capabilities": can, "clientInfo": client });
        self.begun = self.ask("initialize", hello).await["result"].take();
        self.send(json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
    }

    /// Hears what the session says beside its answers.
    fn listen(&self) {
        let Way::Http { url, user, session, revision } = &self.way else { return };
        let listen = reqwest::Client::new().get(url).header("accept", "text/event-stream");
        let listen = with(listen, user.as_deref(), session.as_deref(), revision);
        let tell = self.tell.clone();
        tokio::spawn(async move { hear(listen.send().await.unwrap(), tell).await });
    }

    pub async fn send(&mut self, message: Value) {
        match &mut self.way {
            Way::Pipe { write, .. } => {
                write.write_all(format!("{message}\n").as_bytes()).await.unwrap();
            }
            Way::Http { url, user, session, revision } => {
                let post =
                    reqwest::Client::new().post(url.as_str()).header("content-type", "application/json");
                let post = post.header("accept", "application/json, text/event-stream");
                let post = with(post, user.as_deref(), session.as_deref(), revision);
                let answer = post.body(message.to_string()).send().await.unwrap();
                if let Some(id) = answer.headers().get("mcp-session-id") {
                    *session = Some(id.to_str().unwrap().to_owned());
                }
                let polls = ["tasks/get", "tasks/list", "tasks/cancel", "initialize"];
                if message.get("id").is_some() && message.get("method").is_some() {
                    let wanted = match polls.iter().any(|method| message["method"] == *method) {
                        true => "application/json",
                        false => "text/event-stream",
                    };
                    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with(wanted));
                }
                tokio::spawn(hear(answer, self.tell.clone()));
            }
        }
    }

    /// Asks for something, and gives the request's id.
    pub async fn begin(&mut self, method: &str, params: Value) -> u32 {
        self.next += 1;
        let id = self.next;
        self.send(json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })).await;
        id
    }

    /// The answer to the request of this id.
    pub async fn answer(&mut self, id: u32) -> Value {
        self.find(|message| message["id"] == id && message.get("method").is_none()).await
    }

    /// The answer to a request.
    pub async fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.begin(method, params).await;
        self.answer(id).await
    }

    /// The result of a request that must succeed.
    pub async fn done(&mut self, method: &str, params: Value) -> Value {
        let mut answer = self.ask(method, params).await;
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].take()
    }

    /// The code of the error of a request that must fail.
    pub async fn refused(&mut self, method: &str, params: Value) -> i64 {
        let answer = self.ask(method, params).await;
        answer["error"]["code"].as_i64().unwrap_or_else(|| panic!("{method}: {answer}"))
    }

    /// The first message like this that was heard and not looked at, or comes.
    pub async fn find(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.heard.iter().position(&fits) {
            return self.heard.remove(at).unwrap();
        }
        loop {
            let next = tokio::time::timeout(TIME, self.told.recv()).await;
            let next = next.unwrap_or_else(|_| panic!("it was not heard among {:?}", self.heard)).unwrap();
            if fits(&next) {
                return next;
            }
            self.heard.push_back(next);
        }
    }

    /// The next message of this method.
    pub async fn hears(&mut self, method: &str) -> Value {
        self.find(|message| message["method"] == method).await
    }

    /// Whether a message of this method was heard and not looked at.
    pub fn has_heard(&self, method: &str) -> bool {
        self.heard.iter().any(|message| message["method"] == method)
    }

    /// Answers a question.
    pub async fn reply(&mut self, question: &Value, result: Value) {
        self.send(json!({ "jsonrpc": "2.0", "id": question["id"], "result": result })).await;
    }
}

fn with(
    request: reqwest::RequestBuilder,
    user: Option<&str>,
    session: Option<&str>,
    revision: &str,
) -> reqwest::RequestBuilder {
    let request = match user {
        Some(user) => request.header("x-user", user),
        None => request,
    };
    match session {
        Some(session) => request.header("mcp-session-id", session).header("mcp-protocol-version", revision),
        None => request,
    }
}

/// Tells every message of an answer as it comes.
async fn hear(mut answer: reqwest::Response, tell: mpsc::UnboundedSender<Value>) {
    let mut text = String::new();
    while let Ok(Some(chunk)) = answer.chunk().await {
        text.push_str(str::from_utf8(&chunk).unwrap());
        while let Some((line, rest)) = text.split_once('\n') {
            let message = line.strip_prefix("data: ").and_then(|data| serde_json::from_str(data).ok());
            text = rest.to_owned();
            if let Some(message) = message {
                // A test that has ended hears nothing.
                let _ = tell.send(message);
            }
        }
    }
    if let Ok(message) = serde_json::from_str(&text) {
        let _ = tell.send(message);
    }
}
