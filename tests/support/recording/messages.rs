//! The messages that a server sent, each with the revision that it was sent under and the request that it answers.

use super::{
    http::{Exchange, Part, events},
    schemas,
};
use serde_json::Value;
use std::collections::HashMap;

/// The revisions of MCP, the oldest first.
pub const REVISIONS: [&str; 5] = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"];
/// The one without sessions.
pub const STATELESS: &str = REVISIONS[4];
/// The revision of what answers a request that names none: the first in which an error needs no `id`.
pub const UNSAID: &str = REVISIONS[3];

/// Where a request names its revision.
pub const META: &str = "io.modelcontextprotocol/protocolVersion";

/// A message of the server's.
#[derive(Clone, Debug)]
pub struct Sent {
    pub revision: &'static str,
    /// The request that it answers.
    pub asked: Option<Value>,
    pub message: Value,
}

impl Sent {
    /// The method that it answers.
    pub fn answers(&self) -> Option<&str> {
        self.asked.as_ref()?["method"].as_str()
    }

    /// `error`, `result of METHOD`, or its own method.
    pub fn kind(&self) -> String {
        match self.message["method"].as_str() {
            Some(method) => method.to_owned(),
            None if self.message.get("error").is_some() => "error".to_owned(),
            None => format!("result of {}", self.answers().unwrap_or("nothing")),
        }
    }
}

/// A revision by its name.
pub fn known(name: &str) -> Option<&'static str> {
    REVISIONS.into_iter().find(|known| *known == name)
}

/// What one session has agreed on and asked, by the text of ids.
#[derive(Default)]
struct Session {
    agreed: Option<&'static str>,
    asked: HashMap<String, Vec<Value>>,
}

impl Session {
    /// Takes note of what a client sent, and of the revision that the answer to its `initialize` named.
    fn asks(&mut self, request: &Value, answer: Option<&Value>) {
        if request["method"] == "initialize" {
            let agreed = answer.and_then(|answer| answer["result"]["protocolVersion"].as_str());
            self.agreed = agreed.and_then(known).or(self.agreed);
        }
        if request.get("id").is_some() && request.get("method").is_some() {
            self.asked.entry(request["id"].to_string()).or_default().push(request.clone());
        }
    }

    /// A message that was sent in this session, in answer to `asked` where that is what it answers.
    fn sent(&self, message: Value, asked: Option<&Value>, header: Option<&str>) -> Sent {
        let id = message.get("id").cloned();
        let asked = asked.filter(|asked| id.is_none() || id.as_ref() == asked.get("id"));
        let asked = asked.map(std::slice::from_ref);
        let earlier = || self.asked.get(&id?.to_string()).map(Vec::as_slice);
        let revision = self.agreed.or_else(|| header.and_then(known)).unwrap_or(UNSAID);
        attributed(message, asked.or_else(earlier).unwrap_or_default(), revision).0
    }
}

/// A message with what it answers and its revision, which is this one where neither of both says another; and which of
/// these requests it answers. Of several with its id that is the last to which its revision allows it.
pub fn attributed(message: Value, requests: &[Value], revision: &'static str) -> (Sent, Option<usize>) {
    let of = |request: Option<&Value>| {
        let revision = named(&message, request).unwrap_or(revision);
        Sent { revision, asked: request.cloned(), message: message.clone() }
    };
    let allowed =
        |sent: &Sent| schemas::of(sent.revision).is_none_or(|schema| schema.faults(sent).is_empty());
    let requests = if message.get("method").is_none() { requests } else { &[] };
    let last = requests.len().checked_sub(1);
    let several = (0..requests.len()).rev().filter(|_| requests.len() > 1);
    let right = several.map(|n| (of(requests.get(n)), Some(n))).find(|(sent, _)| allowed(sent));
    right.unwrap_or_else(|| (of(requests.last()), last))
}

/// The revision that a message or the request that it answers names.
fn named(message: &Value, asked: Option<&Value>) -> Option<&'static str> {
    let begun = asked.filter(|asked| asked["method"] == "initialize");
    let agreed = begun.and_then(|_| known(message["result"]["protocolVersion"].as_str()?));
    let within = asked.and_then(|asked| asked["params"]["_meta"].get(META));
    agreed.or_else(|| within.map(|name| name.as_str().and_then(known).unwrap_or(STATELESS)))
}

/// Every message of these exchanges, and what is no message where one must be.
pub fn sent(exchanges: &[Exchange]) -> (Vec<Sent>, Vec<String>) {
    let (mut messages, mut faults) = (Vec::new(), Vec::new());
    let mut sessions = HashMap::<String, Session>::new();
    let mut read = Vec::new();
    for exchange in exchanges {
        let asked = exchange.asked.as_ref();
        let request = asked.and_then(|asked| serde_json::from_slice::<Value>(&asked.body).ok());
        let said = match said(exchange) {
            Ok(said) => said,
            Err(fault) => {
                faults.push(format!("{fault}\n{exchange:?}"));
                continue;
            }
        };
        let named = |part: &Part| part.header("mcp-session-id").map(str::to_owned);
        let name = named(&exchange.told).or_else(|| asked.and_then(named));
        if let (Some(name), Some(request)) = (&name, &request) {
            let answer = said.iter().find(|message| message.get("result").is_some());
            sessions.entry(name.clone()).or_default().asks(request, answer);
        }
        read.push((name, request, asked.and_then(|asked| asked.header("mcp-protocol-version")), said));
    }
    let none = Session::default();
    for (name, request, header, said) in read {
        let session = name.and_then(|name| sessions.get(&name)).unwrap_or(&none);
        messages.extend(said.into_iter().map(|message| session.sent(message, request.as_ref(), header)));
    }
    (messages, faults)
}

/// The messages of an answer of the MCP endpoint.
fn said(exchange: &Exchange) -> Result<Vec<Value>, String> {
    let told = &exchange.told;
    let target = exchange.asked.as_ref().map(|asked| asked.second());
    let path = target.map(path);
    if told.body.is_empty() || path.is_some_and(|path| path != "/mcp") {
        return Ok(Vec::new());
    }
    let kind = told.header("content-type").unwrap_or_default();
    let texts = match kind.split(';').next().unwrap_or_default() {
        "text/event-stream" => events(&told.body)?,
        "application/json" if !told.whole => Vec::new(),
        "application/json" => vec![String::from_utf8_lossy(&told.body).into_owned()],
        // A person opened the address in a browser.
        "text/html" => Vec::new(),
        _ if path.is_none() => Vec::new(),
        _ => return Err("an answer of the MCP endpoint that is no message".to_owned()),
    };
    let mut messages = Vec::new();
    for text in texts {
        let message: Value = serde_json::from_str(&text).map_err(|fault| format!("{fault}: {text}"))?;
        // A request without a head that can be read may have been for another endpoint.
        let elsewhere = path.is_none() && message.get("jsonrpc").is_none();
        if !elsewhere && !is_of_http(told, &message) {
            messages.push(message);
        }
    }
    Ok(messages)
}

/// The path of a request's target, which may begin with a host.
fn path(target: &str) -> &str {
    let host = target.strip_prefix("http://").map(|rest| rest.find('/').map_or("", |end| &rest[end..]));
    host.unwrap_or(target).split(['?', '#']).next().unwrap_or_default()
}

/// Whether it is the answer of a guard before the endpoint, in the form of OAuth 2.0 (RFC 6749, section 5.2).
fn is_of_http(told: &Part, answer: &Value) -> bool {
    let refused = matches!(told.second(), "400" | "401" | "403" | "500" | "503");
    refused
        && answer["error"].is_string()
        && answer["error_description"].is_string()
        && answer.get("jsonrpc").is_none()
}
