//! Scopes, through the binary: which calls a token allows, what the others are told, and what callers see of the tools.

mod signed;

use crate::support::running::Running;
use reqwest::{Response, header::HeaderMap};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use twenty_mcp::auth::kit;

/// A server on a sandbox, and a token for each name: with the scopes of that name, or with all of them.
struct Server {
    running: Running,
    tokens: Vec<(&'static str, String)>,
    folder: tempfile::TempDir,
}

const TOKENS: [(&str, Option<&[&str]>); 6] = [
    ("none", Some(&[])),
    ("other", Some(&["openid", "github:admin", "tools:admin"])),
    ("read", Some(&["twenty:read"])),
    ("write", Some(&["twenty:write"])),
    ("admin", Some(&["twenty:admin"])),
    ("all", None),
];

impl Server {
    fn start(more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (mut tokens, mut entries) = (Vec::new(), serde_json::Map::new());
        for (name, scopes) in TOKENS {
            let (token, hash) = kit::mint();
            tokens.push((name, token.expose().to_owned()));
            let entry = match scopes {
                Some(scopes) => json!({ "hash": hash.to_string(), "scopes": scopes }),
                None => json!({ "hash": hash.to_string() }),
            };
            entries.insert(name.into(), entry);
        }
        let auth = json!({ "mode": "required", "operator_key": "fallback",
            "providers": { "static-tokens": { "tokens": entries } } });
        let audit = folder.path().join("audit.jsonl");
        let yaml = format!(
            "auth: {auth}\nserver: {{ max_body: 64KiB, audit: {{ file: \"{}\" }} }}\n\
             tools: {{ twenty: {{ base_url: sandbox, sandbox: {{ people: 5 }}{more} }} }}\n",
            audit.display()
        );
        let file = folder.path().join("c.yaml");
        std::fs::write(&file, yaml).unwrap();
        Self { running: Running::start(&["--config", file.to_str().unwrap()]), tokens, folder }
    }

    fn bearer(&self, name: &str) -> String {
        format!("Bearer {}", self.tokens.iter().find(|(token, _)| *token == name).unwrap().1)
    }

    async fn post(&self, token: &str, headers: &[(&str, &str)], body: String) -> Response {
        post(&self.running, &self.bearer(token), headers, body).await
    }

    async fn call(&self, token: &str, tool: &str, arguments: Value) -> (u16, HeaderMap, Value) {
        stateless(&self.running, &self.bearer(token), tool, arguments).await
    }

    async fn session(&self, token: &str) -> String {
        session(&self.running, &self.bearer(token)).await
    }

    async fn within(&self, token: &str, session: &str, body: String) -> (u16, Value) {
        within(&self.running, &self.bearer(token), session, body).await
    }

    /// How many people the workspace has.
    async fn people(&self) -> u64 {
        let (status, _, answer) = self.call("admin", "count_records", json!({ "object": "person" })).await;
        assert_eq!(status, 200, "{answer}");
        answer["result"]["structuredContent"]["total"].as_u64().unwrap_or_else(|| panic!("{answer}"))
    }
}

async fn post(server: &Running, bearer: &str, headers: &[(&str, &str)], body: String) -> Response {
    let mut request = reqwest::Client::new()
        .post(server.mcp())
        .header("accept", "application/json, text/event-stream")
        .header("authorization", bearer);
    if !headers.iter().any(|(name, _)| *name == "content-type") {
        request = request.header("content-type", "application/json");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body).send().await.unwrap()
}

/// Begins a session of the revision 2025-11-25.
async fn session(server: &Running, bearer: &str) -> String {
    let params = json!({ "protocolVersion": "2025-11-25", "capabilities": {},
        "clientInfo": { "name": "raw", "version": "1" } });
    let answer = post(server, bearer, &[], request("initialize", &params)).await;
    let session = answer.headers()["mcp-session-id"].to_str().unwrap().to_owned();
    let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    within(server, bearer, &session, ready.to_string()).await;
    session
}

/// A request within a session.
async fn within(server: &Running, bearer: &str, session: &str, body: String) -> (u16, Value) {
    let headers = [("mcp-session-id", session), ("mcp-protocol-version", "2025-11-25")];
    let answer = post(server, bearer, &headers, body).await;
    (answer.status().as_u16(), last(&answer.text().await.unwrap()))
}

/// A call in the stateless revision.
async fn stateless(server: &Running, bearer: &str, tool: &str, arguments: Value) -> (u16, HeaderMap, Value) {
    let headers = [("mcp-protocol-version", "2026-07-28"), ("mcp-method", "tools/call"), ("mcp-name", tool)];
    let params = json!({ "name": tool, "arguments": arguments, "_meta": meta() });
    let answer = post(server, bearer, &headers, request("tools/call", &params)).await;
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    (status, headers, last(&answer.text().await.unwrap()))
}

fn meta() -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": { "name": "raw", "version": "1" },
    })
}

fn request(method: &str, params: &Value) -> String {
    json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string()
}

/// The last JSON of an answer, whether it is an event or all of it.
fn last(text: &str) -> Value {
    let lines = text.lines().rev();
    let mut found = lines.filter_map(|line| serde_json::from_str(line.trim_start_matches("data: ")).ok());
    found.next().unwrap_or(Value::Null)
}

fn contact() -> Value {
    json!({ "firstName": "Ada", "lastName": "Lovelace" })
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_10_a_token_allows_what_its_scopes_say_and_more_access_includes_less() {
    let server = Server::start(", tools: { create_task: { name: jot } }");
    let graphql = json!({ "document": "{ __typename }" });
    for (token, may) in [
        ("none", [true, false, false, false]),
        ("other", [true, false, false, false]),
        ("read", [true, true, false, false]),
        ("write", [true, true, true, false]),
        ("admin", [true, true, true, true]),
        ("all", [true, true, true, true]),
    ] {
        let calls = [
            ("hello", json!({ "name": "Ann" }), ""),
            ("list_all_objects", json!({}), "twenty:read"),
            ("jot", json!({ "title": "x" }), "twenty:write"),
            ("run_graphql", graphql.clone(), "twenty:admin"),
        ];
        for ((tool, arguments, scope), may) in calls.into_iter().zip(may) {
            let (status, headers, answer) = server.call(token, tool, arguments).await;
            if may {
                assert_eq!(
                    (status, &answer["result"]["isError"]),
                    (200, &json!(false)),
                    "{token} {tool}: {answer}"
                );
                continue;
            }
            assert_eq!(status, 403, "{token} {tool}: {answer}");
            let told = format!("this needs the scope {scope}, which the access token does not have");
            let challenge = format!(
                "Bearer realm=\"twenty-mcp\", error=\"insufficient_scope\", error_description=\"{told}\", \
                 scope=\"{scope}\", resource_metadata=\"{}/.well-known/oauth-protected-resource/mcp\"",
                server.running.url
            );
            assert_eq!(headers["www-authenticate"], challenge);
            assert_eq!(headers["cache-control"], "no-store");
            assert_eq!(answer["error"], "insufficient_scope");
            assert_eq!(answer["error_description"], told);
            assert!(answer["trace_id"].is_string(), "{answer}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_see_the_tools_that_they_may_call() {
    let server = Server::start("");
    let names = |answer: &Value| -> BTreeSet<String> {
        let tools = answer["result"]["tools"].as_array().unwrap_or_else(|| panic!("{answer}"));
        tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
    };
    let mut seen = Vec::new();
    for token in ["none", "read", "write", "admin", "all"] {
        let headers = [("mcp-protocol-version", "2026-07-28"), ("mcp-method", "tools/list")];
        let list = request("tools/list", &json!({ "_meta": meta() }));
        let answer = server.post(token, &headers, list).await.text().await.unwrap();
        let stateless = names(&last(&answer));
        let session = server.session(token).await;
        let (_, answer) = server.within(token, &session, request("tools/list", &json!({}))).await;
        assert_eq!(names(&answer), stateless, "{token}");
        seen.push(stateless);
    }
    assert_eq!(seen[0], BTreeSet::from(["hello".to_owned()]));
    assert!(seen[1].contains("search_contacts") && !seen[1].contains("create_contact"));
    assert!(
        seen[2].contains("create_contact") && seen[2].contains("undo") && !seen[2].contains("run_graphql")
    );
    assert!(seen[3].contains("run_graphql") && seen[3] == seen[4]);
    assert!(seen.windows(2).all(|pair| pair[0].is_subset(&pair[1])), "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_body_that_can_be_read_in_two_ways_makes_a_call_that_was_not_judged() {
    let server = Server::start("");
    let session = server.session("read").await;
    for body in readings(&format!(r#","_meta":{}"#, meta())) {
        for named in ["create_contact", "hello"] {
            let headers =
                [("mcp-protocol-version", "2026-07-28"), ("mcp-method", "tools/call"), ("mcp-name", named)];
            let answer = server.post("read", &headers, body.clone()).await;
            refused(answer.status().as_u16(), &last(&answer.text().await.unwrap()), &body);
        }
        for kind in ["text/plain", "application/json; charset=utf-16", "multipart/form-data"] {
            let headers = [("content-type", kind), ("mcp-protocol-version", "2026-07-28")];
            let answer = server.post("read", &headers, body.clone()).await;
            refused(answer.status().as_u16(), &last(&answer.text().await.unwrap()), &body);
        }
    }
    for body in readings("") {
        let (status, answer) = server.within("read", &session, body.clone()).await;
        refused(status, &answer, &body);
    }
    assert_eq!(server.people().await, 5, "nobody was added");
}

/// Calls of `create_contact`, and bodies that somebody could take for one; `more` is put into their params.
fn readings(more: &str) -> Vec<String> {
    let arguments = contact();
    let whole = |members: &str| format!(r#"{{"jsonrpc":"2.0","id":1,{members}}}"#);
    let params = |members: &str| format!(r#""params":{{{members},"arguments":{arguments}{more}}}"#);
    let call = r#""method":"tools/call""#;
    let create = r#""name":"create_contact""#;
    let plain = whole(&format!("{call},{}", params(create)));
    vec![
        plain.clone(),
        whole(&format!("{call},{}", params(r#""name":"hello","name":"create_contact""#))),
        whole(&format!("{call},{}", params(r#""name":"create_contact","name":"hello""#))),
        whole(&format!("{call},{}", params(r#""n\u0061me":"cre\u0061te_contact""#))),
        whole(&format!("{call},{}", params(r#""name":"hello","n\u0061me":"create_contact""#))),
        whole(&format!(r#""method":"tools/list",{call},{}"#, params(create))),
        whole(&format!(r#"{call},"method":"tools/list",{}"#, params(create))),
        whole(&format!(r#""method":"ping","m\u0065thod":"tools/call",{}"#, params(create))),
        whole(&format!("{call},{},{}", params(r#""name":"hello""#), params(create))),
        whole(&format!("{call},{},{}", params(create), params(r#""name":"hello""#))),
        whole(&format!(r#"{call},"params":["create_contact",{arguments}]"#)),
        whole(&format!(r#"{call},"params":[{{{create},"arguments":{arguments}{more}}}]"#)),
        whole(&format!(r#"{call},"params":{{"name":["create_contact"],"arguments":{arguments}{more}}}"#)),
        format!("[{plain}]"),
        format!("[{},{plain}]", whole(r#""method":"ping""#)),
        format!("{plain}{plain}"),
        format!("{}\n{plain}", whole(r#""method":"ping""#)),
        format!("\u{feff}{plain}"),
        whole(&format!("{call},{}", params(r#""name":"create_contact ""#))),
        whole(&format!("{call},{}", params(r#""name":"CREATE_CONTACT""#))),
        whole(&format!("{call},{}", params(r#""name":"create_contact\u0000""#))),
    ]
}

/// It was told that it may not, or not understood; a harmless reading may have been answered.
fn refused(status: u16, answer: &Value, body: &str) {
    assert!(status < 500, "{status} {body}: {answer}");
    let made = answer["result"]["structuredContent"].to_string();
    assert!(!made.contains("Lovelace"), "{body}: {answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_complaints_are_what_they_were() {
    let server = Server::start("");
    let large = request("tools/call", &json!({ "name": "create_contact", "arguments": "x".repeat(70_000) }));
    assert_eq!(server.post("read", &[], large).await.status().as_u16(), 413);
    let plain = [("content-type", "text/plain")];
    let unsigned = reqwest::Client::new().post(server.running.mcp()).header(plain[0].0, plain[0].1);
    let call = request("tools/call", &json!({ "name": "create_contact", "arguments": contact() }));
    assert_eq!(unsigned.body(call.clone()).send().await.unwrap().status().as_u16(), 401);
    assert_eq!(server.post("read", &plain, call).await.status().as_u16(), 415, "before the body is read");
    let (status, _, answer) = server.call("none", "create_contacts", json!({})).await;
    let told = answer["error"]["message"].as_str().unwrap_or_else(|| panic!("{status} {answer}"));
    assert!(told.contains("Unknown tool") && !told.contains("did you mean"), "{told}");
    let (_, _, answer) = server.call("write", "create_contacts", json!({})).await;
    assert!(
        answer["error"]["message"].as_str().unwrap().contains("did you mean create_contact?"),
        "{answer}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_call_is_an_event() {
    let mut server = Server::start("");
    assert_eq!(server.call("read", "create_contact", contact()).await.0, 403);
    server.running.terminate();
    assert!(server.running.child.wait().unwrap().success());
    let text = std::fs::read_to_string(server.folder.path().join("audit.jsonl")).unwrap();
    let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<_> = events.iter().map(|event| (&event["event"], &event["outcome"])).collect();
    let wanted = [("sign_in", "accepted"), ("call", "insufficient_scope")].map(|(a, b)| (json!(a), json!(b)));
    assert_eq!(told, wanted.iter().map(|(a, b)| (a, b)).collect::<Vec<_>>());
    let call = (&events[1]["tool"], &events[1]["effect"], &events[1]["subject"]);
    assert_eq!(call, (&json!("create_contact"), &json!("create"), &json!("read")));
    assert!(!text.contains("Lovelace") && !text.contains("tmcp_"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_there_is_beside_tools_is_for_those_who_may_read() {
    let server = Server::start("");
    for (token, may) in [("none", false), ("other", false), ("read", true)] {
        let session = server.session(token).await;
        for (method, member) in [
            ("prompts/list", "prompts"),
            ("resources/list", "resources"),
            ("resources/templates/list", "resourceTemplates"),
        ] {
            let shows = |answer: &Value| {
                let listed = answer["result"][member].as_array().unwrap_or_else(|| panic!("{answer}"));
                listed
                    .iter()
                    .any(|one| one.to_string().contains("twenty://") || one["name"] == "pipeline_review")
            };
            let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": {} });
            let (_, answer) = server.within(token, &session, body.to_string()).await;
            assert_eq!(shows(&answer), may, "{token} {answer}");
            let params = json!({ "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": {},
            }});
            let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
            let headers = [("mcp-protocol-version", "2026-07-28"), ("mcp-method", method)];
            let answer = server.post(token, &headers, body.to_string()).await.text().await.unwrap();
            let answer: Value = serde_json::from_str(&answer).unwrap();
            assert_eq!(shows(&answer), may, "{token} {answer}");
            assert_eq!(answer["result"]["cacheScope"], "private");
        }
        let subscribe = json!({ "jsonrpc": "2.0", "id": 2, "method": "resources/subscribe",
            "params": { "uri": "twenty://schema" } });
        let (_, answer) = server.within(token, &session, subscribe.to_string()).await;
        assert_eq!(answer.get("error").is_none(), may, "{token} {answer}");
    }
}
