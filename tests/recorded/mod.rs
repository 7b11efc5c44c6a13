//! The recording that every other test relies on: it hears each message of each revision, and lets no wrong one pass.

mod planted;

use crate::{
    clients::installed,
    support::{
        recording::{
            http::{events, exchanges},
            judged,
            messages::{REVISIONS, STATELESS, Sent},
            schemas,
        },
        running::Running,
    },
};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A client of one revision.
struct Session {
    url: String,
    revision: &'static str,
    id: Option<String>,
}

impl Session {
    async fn of(server: &Running, revision: &'static str) -> Self {
        let mut session = Self { url: server.mcp(), revision, id: None };
        if revision != STATELESS {
            let client = json!({ "name": "raw", "version": "1" });
            let params = json!({ "protocolVersion": revision, "capabilities": {}, "clientInfo": client });
            let answer = session.ask("initialize", params).await;
            session.id = Some(answer.headers()["mcp-session-id"].to_str().unwrap().to_owned());
            answer.text().await.unwrap();
            let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
            assert_eq!(session.send(&ready).await.status(), 202);
        }
        session
    }

    async fn ask(&self, method: &str, mut params: Value) -> Response {
        if self.revision == STATELESS {
            params["_meta"] = json!({
                "io.modelcontextprotocol/protocolVersion": STATELESS,
                "io.modelcontextprotocol/clientCapabilities": {},
                "io.modelcontextprotocol/clientInfo": { "name": "raw", "version": "1" },
            });
        }
        self.send(&json!({ "jsonrpc": "2.0", "id": method, "method": method, "params": params })).await
    }

    async fn send(&self, body: &Value) -> Response {
        let mut request = Client::new()
            .post(&self.url)
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream");
        if let Some(id) = &self.id {
            request = request.header("mcp-session-id", id).header("mcp-protocol-version", self.revision);
        }
        if self.revision == STATELESS {
            request = request.header("mcp-protocol-version", STATELESS);
            request = request.header("mcp-method", body["method"].as_str().unwrap());
            if let Some(name) = body["params"]["name"].as_str() {
                request = request.header("mcp-name", name);
            }
        }
        request.body(body.to_string()).send().await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_message_of_every_revision_is_recorded_with_what_it_answers() {
    installed(schemas::FOLDER);
    let server = Running::start(&["--sandbox"]);
    for revision in REVISIONS {
        let session = Session::of(&server, revision).await;
        if revision == STATELESS {
            session.ask("server/discover", json!({})).await.text().await.unwrap();
        } else {
            session.ask("ping", json!({})).await.text().await.unwrap();
            session.ask("logging/setLevel", json!({ "level": "debug" })).await.text().await.unwrap();
        }
        for list in ["tools/list", "prompts/list", "resources/list", "resources/templates/list"] {
            session.ask(list, json!({})).await.text().await.unwrap();
        }
        for arguments in [json!({ "query": "a" }), json!({ "qwery": "a" })] {
            let call = json!({ "name": "search_contacts", "arguments": arguments });
            session.ask("tools/call", call).await.text().await.unwrap();
        }
        session.ask("tools/call", json!({ "name": "no_such_tool" })).await.text().await.unwrap();
    }
    let mut kinds = BTreeMap::<&str, BTreeMap<String, u32>>::new();
    for sent in server.sent() {
        *kinds.entry(sent.revision).or_default().entry(sent.kind()).or_default() += 1;
    }
    let lists = json!({
        "result of tools/list": 1, "result of prompts/list": 1, "result of resources/list": 1,
        "result of resources/templates/list": 1, "result of tools/call": 2, "error": 1,
    });
    for revision in REVISIONS {
        let mut wanted = lists.clone();
        if revision == STATELESS {
            wanted["result of server/discover"] = json!(1);
        } else {
            for method in ["initialize", "ping", "logging/setLevel"] {
                wanted[format!("result of {method}")] = json!(1);
            }
        }
        assert_eq!(json!(kinds.get(revision)), wanted, "{revision}");
    }
}

fn sent(revision: &'static str, method: &str, message: Value) -> Sent {
    let asked = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": {} });
    Sent { revision, asked: message.get("method").is_none().then_some(asked), message }
}

fn result(revision: &'static str, method: &str, result: Value) -> Sent {
    sent(revision, method, json!({ "jsonrpc": "2.0", "id": 1, "result": result }))
}

fn told(revision: &'static str, method: &str, params: Value) -> Sent {
    sent(revision, "", json!({ "jsonrpc": "2.0", "method": method, "params": params }))
}

#[test]
fn what_the_schema_of_a_revision_does_not_allow_is_refused() {
    if installed(schemas::FOLDER).is_none() {
        return;
    }
    let text = json!([{ "type": "text", "text": "x" }]);
    let error =
        |id: Value| json!({ "jsonrpc": "2.0", "id": id, "error": { "code": -32602, "message": "x" } });
    for revision in REVISIONS {
        let kind = if revision == STATELESS { json!("complete") } else { Value::Null };
        let whole = |mut result: Value| {
            result
                .as_object_mut()
                .unwrap()
                .extend(kind.is_string().then(|| ("resultType".into(), kind.clone())));
            result
        };
        let call = |value: Value| result(revision, "tools/call", whole(value));
        let right = [
            call(json!({ "content": text })),
            sent(revision, "tools/call", error(json!(1))),
            told(revision, "notifications/progress", json!({ "progressToken": 1, "progress": 0.5 })),
        ];
        assert_eq!(judged(&right), Vec::<String>::new());
        let wrong = [
            call(json!({})),
            call(json!({ "content": [{ "type": "text" }] })),
            call(json!({ "content": [{ "type": "video", "data": "", "mimeType": "video/x" }] })),
            result(revision, "tools/list", whole(json!({ "tools": [{ "name": "x" }] }))),
            result(revision, "no/such", whole(json!({}))),
            Sent { asked: None, ..call(json!({ "content": text })) },
            sent(revision, "tools/call", error(Value::Null)),
            sent(revision, "tools/call", json!({ "jsonrpc": "2.0", "id": 1, "error": { "code": "x" } })),
            sent(revision, "tools/call", json!({ "id": 1, "error": { "code": 1, "message": "x" } })),
            sent(revision, "tools/call", json!({ "jsonrpc": "2.0", "id": 1 })),
            sent(
                revision,
                "ping",
                json!({ "jsonrpc": "2.0", "id": 1, "result": whole(json!({})), "extra": 1 }),
            ),
            sent(revision, "", json!([error(json!(1))])),
            told(revision, "notifications/progress", json!({ "progressToken": 1 })),
            told(revision, "notifications/no/such", json!({})),
            told(revision, "notifications/initialized", json!({})),
        ];
        for wrong in wrong {
            assert_eq!(judged(std::slice::from_ref(&wrong)).len(), 1, "{wrong:?}");
        }
    }
    let asks = json!({
        "jsonrpc": "2.0", "id": 1, "method": "elicitation/create",
        "params": { "message": "x", "requestedSchema": { "type": "object", "properties": {} } },
    });
    let asks = REVISIONS.map(|revision| judged(&[sent(revision, "", asks.clone())]).is_empty());
    assert_eq!(asks, [false, false, true, true, false], "which revisions have such a request");
    let bare = result(STATELESS, "tools/call", json!({ "content": text }));
    let other = result(STATELESS, "tools/call", json!({ "content": text, "resultType": "other" }));
    let task = json!({
        "resultType": "complete", "taskId": "x", "status": "working", "ttlMs": 1,
        "createdAt": "2026-07-28T00:00:00Z", "lastUpdatedAt": "2026-07-28T00:00:00Z",
    });
    assert_eq!(judged(&[result(STATELESS, "tasks/get", task.clone())]), Vec::<String>::new());
    let nameless = json!({ "resultType": "complete", "status": "working" });
    let version = json!({ "jsonrpc": "2.0", "id": 1, "error": { "code": -32022, "message": "x" } });
    let tasks = [result(STATELESS, "tasks/get", nameless), result(REVISIONS[3], "tasks/get", task)];
    for wrong in [bare, other, sent(STATELESS, "tools/list", version)].into_iter().chain(tasks) {
        assert_eq!(judged(std::slice::from_ref(&wrong)).len(), 1, "{wrong:?}");
    }
}

#[test]
fn requests_and_answers_are_told_apart_on_one_connection() {
    let asked = "POST /mcp HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}\
        HEAD /health HTTP/1.1\r\n\r\n\
        POST /mcp HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;x\r\n{\r\n1\r\n}\r\n0\r\nA: b\r\n\r\n\
        GET /x HTTP/1.1\r\nnone\r\n\r\n";
    let told = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\r\n1\
        HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n\
        HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Y:  z \r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n\
        HTTP/1.1 400 Bad Request\r\nContent-Length: 9\r\n\r\nhalf";
    let read = exchanges(asked.as_bytes(), told.as_bytes()).unwrap();
    let read: Vec<_> = read
        .iter()
        .map(|exchange| {
            let asked = exchange.asked.as_ref().map(|part| (part.second(), text(&part.body)));
            (asked, exchange.told.second(), text(&exchange.told.body), exchange.told.whole)
        })
        .collect();
    let wanted = [
        (Some(("/mcp", "{}")), "200", "\r\n1", true),
        (Some(("/health", "")), "200", "", true),
        (Some(("/mcp", "{}")), "200", "abcde", true),
        (None, "400", "half", false),
    ];
    assert_eq!(read, wanted);
    assert!(exchanges(b"", b"SSH-2.0-OpenSSH_9.2\r\n").is_err());
    let stream =
        b": hello\n\nid: 1\nretry: 9\ndata:\n\nid: 2\ndata: a\n\ndata: b\r\ndata: c\r\n\r\ndata: half\n";
    assert_eq!(events(stream).unwrap(), ["a", "b\nc"]);
    assert!(events(b"event: other\ndata: a\n\n").is_err());
}

fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).unwrap()
}
