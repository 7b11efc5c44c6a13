//! Tools called without MCP, through the binary: the same caller, scopes, limits and log, in the words of HTTP.

use crate::support::{running::Running, upstream::Upstream};
use reqwest::{Client, RequestBuilder, header::HeaderMap};
use serde_json::{Value, json};
use std::{fs, path::PathBuf, sync::Arc, time::Duration};
use twenty_mcp::auth::kit;

/// A server on a workspace that can be held up, with a token for each name.
struct House {
    server: Running,
    upstream: Arc<Upstream>,
    events: PathBuf,
    tokens: Vec<(&'static str, String)>,
    _folder: tempfile::TempDir,
}

/// What came back.
#[derive(Debug)]
struct Told {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl Told {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// The detail of a problem with this status.
    fn problem(&self, status: u16) -> &str {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), "application/problem+json");
        let (problem, title) = (&self.body, http::StatusCode::from_u16(status).unwrap().canonical_reason());
        assert_eq!((&problem["type"], &problem["status"]), (&json!("about:blank"), &json!(status)));
        assert_eq!(problem["title"].as_str(), title);
        assert!(problem["trace_id"].as_str().is_some_and(|trace| trace.len() == 32), "{problem}");
        problem["detail"].as_str().unwrap()
    }
}

impl House {
    async fn start(mode: &str, twenty: Value) -> Self {
        let (upstream, folder) =
            (Upstream::start(json!({ "people": 20 })).await, tempfile::tempdir().unwrap());
        let (mut tokens, mut entries) = (Vec::new(), serde_json::Map::new());
        for (name, scopes) in [("ann", json!(["twenty:write"])), ("ben", json!(["twenty:read"]))] {
            let (token, hash) = kit::mint();
            tokens.push((name, token.expose().to_owned()));
            entries.insert(name.into(), json!({ "hash": hash, "scopes": scopes }));
        }
        let events = folder.path().join("events");
        let settings = json!({
            "server": { "data_dir": folder.path().join("data"), "max_body": "64KiB", "audit": { "file": events } },
            "auth": { "mode": mode, "operator_key": "fallback",
                "providers": { "static-tokens": { "tokens": entries } } },
            "tools": { "twenty": twenty, "conformance": {}, "hello": {} },
        });
        let file = folder.path().join("c.yaml");
        fs::write(&file, settings.to_string()).unwrap();
        let server = Running::start_with(&["--config", file.to_str().unwrap()], |command| {
            command.env("TWENTY_BASE_URL", &upstream.url).env("TWENTY_API_KEY", "CANARY-operators");
        });
        Self { server, upstream, events, tokens, _folder: folder }
    }

    fn post(&self, tool: &str, body: impl ToString) -> RequestBuilder {
        let url = format!("{}/api/tools/{tool}", self.server.url);
        Client::new().post(url).header("content-type", "application/json").body(body.to_string())
    }

    fn token(&self, name: &str) -> &str {
        &self.tokens.iter().find(|(known, _)| *known == name).unwrap().1
    }

    async fn call(&self, tool: &str, arguments: Value) -> Told {
        told(self.post(tool, arguments)).await
    }

    /// The events of the log about calls, once there are so many.
    async fn calls(&self, many: usize) -> Vec<Value> {
        for _ in 0..3000 {
            let text = fs::read_to_string(&self.events).unwrap_or_default();
            let events = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
            let calls: Vec<Value> = events.filter(|event| event["event"] == "call").collect();
            if calls.len() >= many {
                return calls;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the log has not so many calls: {}", fs::read_to_string(&self.events).unwrap_or_default());
    }
}

async fn told(request: RequestBuilder) -> Told {
    let answer = request.send().await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let text = answer.text().await.unwrap();
    Told { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_answers_what_its_schema_says_and_one_without_a_schema_its_blocks() {
    let house = House::start("off", json!({})).await;
    let found = house.call("search_contacts", json!({ "query": "a" })).await;
    assert_eq!((found.status, found.header("content-type")), (200, "application/json"), "{found:?}");
    assert_eq!(found.header("cache-control"), "no-store");
    assert!(!found.body["contacts"].as_array().unwrap().is_empty(), "{}", found.body);
    assert_eq!(house.call("hello", json!({ "name": "Ada" })).await.body, json!({ "result": "Hello, Ada!" }));
    let shown = house.call("test_image_content", json!({})).await;
    assert_eq!((shown.status, &shown.body["content"][0]["type"]), (200, &json!("image")), "{shown:?}");
    let lasting = house.post("hello", json!({ "name": "Ada" })).header("x-twenty-api-key", "own");
    assert_eq!(told(lasting).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_call_is_a_problem_that_says_why() {
    let house = House::start("off", json!({})).await;
    for method in ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"] {
        let url = format!("{}/api/tools/hello", house.server.url);
        let answer = told(Client::new().request(method.parse().unwrap(), url)).await;
        assert!(answer.problem(405).contains("POST"), "{answer:?}");
        assert_eq!(answer.header("allow"), "POST", "{method}");
    }
    for (kind, body, status) in [
        ("text/plain", "{}".to_owned(), 415),
        ("application/json", "{".to_owned(), 400),
        ("application/json", "[]".to_owned(), 400),
        ("application/json", r#"{"name":"a","name":"b"}"#.to_owned(), 400),
        ("application/json", format!(r#"{{"name":{}1{}}}"#, "[".repeat(500), "]".repeat(500)), 400),
        ("application/json", json!({ "name": "x".repeat(65 << 10) }).to_string(), 413),
        ("application/json", json!({ "nmae": "Ada" }).to_string(), 422),
        ("application/json", json!({ "name": 7 }).to_string(), 422),
    ] {
        let url = format!("{}/api/tools/hello", house.server.url);
        told(Client::new().post(url).header("content-type", kind).body(body)).await.problem(status);
    }
    let misspelt = house.call("hello", json!({ "nmae": "Ada" })).await;
    assert!(misspelt.problem(422).contains("name"), "{misspelt:?}");
    assert_eq!(misspelt.body["kind"], "input");
    let unknown = house.call("helo", json!({})).await;
    assert_eq!(unknown.problem(404), "Unknown tool: helo (did you mean hello?)");
    for path in ["", "a/b", "hello/", "%ff", "..%2fhello"] {
        house.call(path, json!({})).await.problem(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tools_errors_have_their_statuses() {
    let house = House::start("off", json!({})).await;
    let nobody = json!({ "id": "00000000-0000-4000-8000-000000000000" });
    let missing = house.call("get_contact", nobody).await;
    missing.problem(404);
    assert_eq!(missing.body["kind"], "not_found");
    let asking = house.call("test_elicitation", json!({ "message": "?" })).await;
    assert!(asking.problem(403).contains("show a form to its user, and cannot"), "{asking:?}");
    house.upstream.failing.store(u32::MAX, std::sync::atomic::Ordering::SeqCst);
    let failing = house.call("search_contacts", json!({ "query": "a" })).await;
    failing.problem(502);
    assert_eq!(failing.body["kind"], "upstream");
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_of_rate_and_time_are_told_apart() {
    let slow =
        json!({ "rate": { "per_minute": 1, "burst": 2 }, "tools": { "count_records": { "timeout": "1s" } } });
    let house = House::start("off", slow).await;
    house.upstream.asking.close_after(0);
    let late = house.call("count_records", json!({ "object": "person" })).await;
    late.problem(504);
    house.upstream.asking.open();
    let mut limited = house.call("count_records", json!({ "object": "person" })).await;
    for _ in 0..3 {
        limited = house.call("count_records", json!({ "object": "company" })).await;
    }
    assert!(limited.problem(429).contains("1 requests a minute"), "{limited:?}");
    let wait: u64 = limited.header("retry-after").parse().unwrap();
    assert!((1..=120).contains(&wait), "{wait}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_calls_and_what_they_may_is_judged_and_told_of_as_over_mcp() {
    let house = House::start("required", json!({})).await;
    let unknown = told(house.post("hello", json!({ "name": "x" }))).await;
    assert_eq!((unknown.status, &unknown.body["error"]), (401, &json!("unauthorized")), "{unknown:?}");
    assert!(unknown.header("www-authenticate").contains("resource_metadata="), "{unknown:?}");
    let bad = told(house.post("no_such_tool", json!({})).bearer_auth("tmcp_forged")).await;
    assert_eq!((bad.status, &bad.body["error"]), (401, &json!("invalid_token")));
    let ada = json!({ "firstName": "Ada", "lastName": "Lovelace" });
    let may_not = told(house.post("create_contact", &ada).bearer_auth(house.token("ben"))).await;
    assert_eq!((may_not.status, &may_not.body["error"]), (403, &json!("insufficient_scope")), "{may_not:?}");
    assert!(may_not.header("www-authenticate").contains(r#"scope="twenty:write""#), "{may_not:?}");
    let own = house.post("create_contact", &ada).header("x-twenty-api-key", "own");
    assert!(told(own.bearer_auth(house.token("ann"))).await.problem(400).contains("sign in here"));
    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    let traced =
        house.post("create_contact", &ada).header("traceparent", format!("00-{TRACE}-00f067aa0ba902b7-01"));
    let made = told(traced.bearer_auth(house.token("ann"))).await;
    assert_eq!((made.status, &made.body["name"]), (200, &json!("Ada Lovelace")), "{made:?}");
    let calls = house.calls(2).await;
    let of = |event: &Value| [&event["tool"], &event["outcome"], &event["subject"]].map(Value::to_owned);
    assert_eq!(of(&calls[0]), [json!("create_contact"), json!("insufficient_scope"), json!("ben")]);
    assert_eq!(of(&calls[1]), [json!("create_contact"), json!("done"), json!("ann")]);
    assert_eq!(calls[1]["trace"], TRACE, "{}", calls[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callers_own_key_is_what_the_workspace_gets() {
    let house = House::start("off", json!({})).await;
    for (headers, key) in
        [(&[("x-twenty-api-key", "own")][..], "Bearer own"), (&[], "Bearer CANARY-operators")]
    {
        let request = house.post("count_records", json!({ "object": "person" }));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        assert_eq!(told(request).await.status, 200);
        let mut keys = std::mem::take(&mut *house.upstream.keys.lock().unwrap());
        keys.dedup();
        assert_eq!(keys, [Some(key.to_owned())]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_ends_its_call() {
    let house = House::start("off", json!({})).await;
    house.upstream.asking.close_after(0);
    let call = tokio::spawn(house.post("search_contacts", json!({ "query": "a" })).send());
    house.upstream.asking.held().await;
    call.abort();
    let calls = house.calls(1).await;
    assert_eq!((&calls[0]["tool"], &calls[0]["outcome"]), (&json!("search_contacts"), &json!("left")));
}
