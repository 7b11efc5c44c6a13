//! A row of the table: a request, and the one right answer.

use super::wire::{Answer, Told, exchange};
use crate::support::running::Running;
use serde_json::{Value, json};

/// A request that is whole but for one thing, and what it is answered with.
pub struct Row {
    pub name: String,
    method: &'static str,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    want: Want,
}

/// The exact answer.
#[derive(Clone, Debug)]
pub struct Want {
    status: u16,
    /// The error's code; none where there is a result, or nothing.
    code: Option<i64>,
    /// The id, as it is written; none where the answer has none.
    id: Option<String>,
    data: Option<Value>,
}

/// An error of this code to a request of this id.
pub fn error(status: u16, code: i64, id: &str) -> Want {
    Want { status, code: Some(code), id: Some(id.to_owned()), data: None }
}

/// An error to a request whose id cannot be read.
pub fn nameless(status: u16, code: i64) -> Want {
    Want { status, code: Some(code), id: None, data: None }
}

/// A result for a request of this id.
pub fn result(id: &str) -> Want {
    Want { status: 200, code: None, id: Some(id.to_owned()), data: None }
}

/// A status, and no message.
pub fn silent(status: u16) -> Want {
    Want { status, code: None, id: None, data: None }
}

impl Want {
    /// The same with the error's data.
    pub fn data(self, data: Value) -> Self {
        Self { data: Some(data), ..self }
    }
}

pub const STATELESS: [(&str, &str); 2] =
    [("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", "tools/list")];

/// `_meta` of a stateless request.
pub fn meta() -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "hostile", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    })
}

/// A request of this method and these parameters, under the id 7.
pub fn request(method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params })
}

impl Row {
    /// A POST of a JSON message.
    pub fn post(
        name: impl Into<String>,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
        want: Want,
    ) -> Self {
        let json = [("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream")];
        let headers = json.iter().chain(headers).map(|(name, value)| ((*name).into(), (*value).into()));
        Self { name: name.into(), method: "POST", headers: headers.collect(), body: body.into(), want }
    }

    /// A stateless request whose headers say what the body says.
    pub fn stateless(name: impl Into<String>, method: &str, mut params: Value, want: Want) -> Self {
        let mut headers = vec![("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", method)];
        let named = params["name"].as_str().map(str::to_owned);
        headers.extend(named.as_deref().map(|named| ("Mcp-Name", named)));
        if params.get("_meta").is_none() {
            params["_meta"] = meta();
        }
        Self::post(name, &headers, request(method, params).to_string(), want)
    }

    /// The same row by another method of HTTP.
    pub fn by(self, method: &'static str) -> Self {
        Self { method, ..self }
    }

    /// The same row with this header instead of those of its name; none with an empty value.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(said, _)| !said.eq_ignore_ascii_case(name));
        self.and(name, value)
    }

    /// The same row with one more header.
    pub fn and(mut self, name: &str, value: &str) -> Self {
        if !value.is_empty() {
            self.headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// The message and its answer, where they are the same over a pipe; `session` is what names a session over HTTP.
    pub fn over_pipe(&self, session: &[(&str, &str)]) -> Option<(&str, &[u8], &Want)> {
        let says = |name: &str| self.headers.iter().any(|(said, _)| said.eq_ignore_ascii_case(name));
        let names_it = session.iter().all(|(name, _)| says(name)) || self.asked() == "initialize";
        let is_line =
            self.method == "POST" && !self.body.trim_ascii().is_empty() && !self.body.contains(&b'\n');
        (is_line && names_it).then_some((&self.name, &self.body, &self.want))
    }

    /// The method that the body names; empty where it names none.
    pub fn asked(&self) -> String {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        body["method"].as_str().unwrap_or_default().to_owned()
    }

    /// Sends the request.
    pub fn ask(&self, server: &Running) -> Answer {
        let mut request =
            format!("{} /mcp HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.method, server.authority());
        for (name, value) in &self.headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str(&format!("Content-Length: {}\r\n\r\n", self.body.len()));
        exchange(server.authority(), &[request.as_bytes(), &self.body].concat(), false)
    }

    /// What is wrong with an answer; nothing where it is the right one.
    pub fn fault(&self, answer: &Answer) -> Option<String> {
        self.want.fault(answer).map(|fault| format!("{}: {fault}\n  {answer:?}", self.name))
    }
}

impl Want {
    /// How an answer differs from the right one.
    pub fn fault(&self, answer: &Answer) -> Option<String> {
        if answer.status != self.status {
            return Some(format!("{} instead of {}", answer.status, self.status));
        }
        self.fault_of(answer.message())
    }

    /// Whether nothing is answered.
    pub fn is_silent(&self) -> bool {
        self.code.is_none() && self.id.is_none()
    }

    /// How a message differs from the right one.
    pub fn fault_of(&self, told: Option<Told>) -> Option<String> {
        let Some(told) = told else {
            return (!self.is_silent()).then(|| "no message".to_owned());
        };
        let (code, data) = match &told.error {
            Some(error) => (error["code"].as_i64(), error.get("data")),
            None => (None, None),
        };
        let id = told.id.as_ref().map(|id| id.get());
        if told.jsonrpc != "2.0" || told.error.is_some() == told.result.is_some() {
            return Some("no message of JSON-RPC".into());
        }
        if code != self.code || id != self.id.as_deref() {
            return Some(format!("{code:?} to {id:?} instead of {:?} to {:?}", self.code, self.id));
        }
        // Refusals of HTTP itself quote the trace.
        let traced = data.is_some_and(|data| data.get("trace_id").is_some());
        (data != self.data.as_ref() && !traced).then(|| format!("data {data:?} instead of {:?}", self.data))
    }
}
