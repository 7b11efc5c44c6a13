//! Revision 2026-07-28 from outside: what is discovered, listed, told on the way, and given up.

use crate::support::running::Running;
use reqwest::Response;
use serde_json::{Value, json};
use std::time::Duration;

fn meta() -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "raw", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    })
}

/// Asks under the id 1, with headers that say what the body says.
fn asking(server: &Running, method: &str, params: &Value) -> reqwest::RequestBuilder {
    let mut request = reqwest::Client::new()
        .post(server.mcp())
        .header("content-type", "application/json")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", method);
    if let Some(name) = params["name"].as_str() {
        request = request.header("mcp-name", name);
    }
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    request.body(body.to_string())
}

async fn ask(server: &Running, method: &str, mut params: Value) -> Response {
    if params.get("_meta").is_none() {
        params["_meta"] = meta();
    }
    asking(server, method, &params).send().await.unwrap()
}

async fn json(response: Response) -> Value {
    assert_eq!(response.headers()["content-type"], "application/json");
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}

fn kind(response: &Response) -> &str {
    response.headers()["content-type"].to_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_tells_what_it_is_and_lists_what_it_has() {
    let server = Running::start(&["--sandbox"]);
    let told = json(ask(&server, "server/discover", json!({})).await).await;
    let result = &told["result"];
    assert_eq!(result["supportedVersions"][0], "2026-07-28");
    let can = &result["capabilities"];
    assert_eq!((&can["tools"], &can["logging"]), (&json!({ "listChanged": true }), &json!({})));
    assert!(result["instructions"].as_str().is_some_and(|text| !text.is_empty()));

    let listed = json(ask(&server, "tools/list", json!({})).await).await;
    let names = |tools: &Value| -> Vec<String> {
        tools.as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
    };
    let session = crate::support::client::Client::of(&server).await;
    assert_eq!(names(&listed["result"]["tools"]), names(&json!(session.tools)));
    for result in [result, &listed["result"]] {
        assert_eq!(result["resultType"], "complete");
        assert_eq!(result["cacheScope"], "public");
        assert!(result["ttlMs"].as_u64().is_some());
        let server = &result["_meta"]["io.modelcontextprotocol/serverInfo"];
        assert_eq!(server["name"], "twenty-mcp-server");
        assert_eq!(server["version"], env!("CARGO_PKG_VERSION"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_call_says_on_the_way_comes_on_its_own_stream() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("c.yaml");
    std::fs::write(&file, "tools: { twenty: { base_url: sandbox, plan_above: 1000 } }\n").unwrap();
    let server = Running::start(&["--config", file.to_str().unwrap()]);
    let records: Vec<Value> = (0..150).map(|n| json!({ "name": format!("Streamed {n}") })).collect();
    let call = |meta: Value| json!({ "name": "create_records", "_meta": meta, "arguments": { "object": "company", "records": records } });
    let quiet = ask(&server, "tools/call", call(meta())).await;
    assert_eq!(kind(&quiet), "application/json", "nobody asked for progress");
    let quiet = json(quiet).await;
    assert_eq!(quiet["result"]["isError"], false, "{quiet}");

    let mut listening = meta();
    listening["progressToken"] = json!("p 1");
    let told = ask(&server, "tools/call", call(listening)).await;
    assert_eq!(kind(&told), "text/event-stream");
    assert_eq!(told.headers()["x-accel-buffering"], "no");
    let text = told.text().await.unwrap();
    let events: Vec<Value> = text
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|event| serde_json::from_str(event).unwrap())
        .collect();
    let (last, notes) = events.split_last().unwrap();
    assert_eq!((&last["id"], &last["result"]["isError"]), (&json!(1), &json!(false)));
    assert!(!notes.is_empty(), "{text}");
    let mut before = -1.0;
    for note in notes {
        assert_eq!(note["method"], "notifications/progress");
        assert_eq!(note["params"]["progressToken"], "p 1");
        let progress = note["params"]["progress"].as_f64().unwrap();
        assert!(progress > before, "{text}");
        before = progress;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_ends_its_call() {
    let folder = tempfile::tempdir().unwrap();
    let (file, events) = (folder.path().join("c.yaml"), folder.path().join("events"));
    let yaml = format!(
        "server: {{ audit: {{ file: {} }} }}\ntools: {{ twenty: {{ base_url: sandbox, sandbox: {{ latency_ms: 60000 }} }} }}\n",
        events.display()
    );
    std::fs::write(&file, yaml).unwrap();
    let server = Running::start(&["--config", file.to_str().unwrap()]);
    let params = json!({ "name": "search_contacts", "arguments": { "query": "a" }, "_meta": meta() });
    let call = asking(&server, "tools/call", &params).timeout(Duration::from_millis(500)).send().await;
    assert!(call.unwrap_err().is_timeout());
    for _ in 0..500 {
        let told = std::fs::read_to_string(&events).unwrap_or_default();
        if told.contains(r#""outcome":"left""#) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the call goes on: {}", std::fs::read_to_string(&events).unwrap_or_default());
}
