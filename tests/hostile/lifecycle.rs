//! What a revision asks of a request, and what it does not have.

use super::row::{Row, Want, error, meta, nameless, request, result, silent};
use serde_json::{Value, json};

/// The stateless revision.
pub fn stateless() -> Vec<Row> {
    let mut rows = Vec::new();
    let mut row = |name: &str, method: &str, params: Value, want: Want| {
        rows.push(Row::stateless(name, method, params, want));
    };
    for method in [
        "initialize",
        "ping",
        "logging/setLevel",
        "resources/subscribe",
        "resources/unsubscribe",
        "tasks/list",
        "tasks/result",
        "roots/list",
        "sampling/createMessage",
        "elicitation/create",
        "notifications/initialized",
        "unknown/method",
        "TOOLS/LIST",
        "tools/list/",
        "tools",
        "rpc.discover",
    ] {
        row(&format!("no method of this revision: {method}"), method, json!({}), error(404, -32601, "7"));
    }
    let without = |key: &str| {
        let mut meta = meta();
        meta.as_object_mut().unwrap().remove(&format!("io.modelcontextprotocol/{key}"));
        json!({ "_meta": meta })
    };
    let with = |key: &str, value: Value| {
        let mut meta = meta();
        meta[key] = value;
        json!({ "_meta": meta })
    };
    let wrong = || error(400, -32602, "7");
    row("_meta is null", "tools/list", json!({ "_meta": null }), wrong());
    row("_meta is empty", "tools/list", json!({ "_meta": {} }), wrong());
    row("no version in _meta", "tools/list", without("protocolVersion"), wrong());
    row("no capabilities in _meta", "tools/list", without("clientCapabilities"), wrong());
    row("no client in _meta", "tools/list", without("clientInfo"), result("7"));
    for value in [json!(7), json!([]), json!({}), json!(true)] {
        let params = with("io.modelcontextprotocol/protocolVersion", value.clone());
        row(&format!("the version is {value}"), "tools/list", params, wrong());
    }
    for value in [json!(null), json!([]), json!("x"), json!(7)] {
        let params = with("io.modelcontextprotocol/clientCapabilities", value.clone());
        row(&format!("the capabilities are {value}"), "tools/list", params, wrong());
    }
    for value in [json!("loud"), json!("INFO"), json!(""), json!(7), json!({})] {
        let params = with("io.modelcontextprotocol/logLevel", value.clone());
        row(&format!("the log level is {value}"), "tools/list", params, wrong());
    }
    for value in [json!(1.5), json!(true), json!([]), json!({})] {
        row(&format!("the progress token is {value}"), "tools/list", with("progressToken", value), wrong());
    }
    row("the trace is none", "tools/list", with("traceparent", json!(7)), result("7"));

    for value in
        [json!(7), json!([]), json!({}), json!(false), json!(""), json!("x"), json!("aGVsbA"), json!("../..")]
    {
        row(&format!("the cursor is {value}"), "tools/list", json!({ "cursor": value }), wrong());
    }
    row("the cursor is null", "tools/list", json!({ "cursor": null }), result("7"));

    let call = |params: Value| (request("tools/call", params).to_string(), "tools/call");
    for (name, params) in
        [("missing", json!({})), ("null", json!({ "name": null })), ("a number", json!({ "name": 7 }))]
    {
        let mut params = params;
        params["_meta"] = meta();
        let (body, method) = call(params);
        let headers = [("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", method), ("Mcp-Name", "hello")];
        rows.push(Row::post(format!("the tool's name is {name}"), &headers, body, wrong()));
    }
    let mut row = |name: &str, params: Value, want: Want| {
        rows.push(Row::stateless(name, "tools/call", params, want));
    };
    row("no such tool", json!({ "name": "nope", "arguments": {} }), wrong());
    row("a tool's name in capitals", json!({ "name": "HELLO", "arguments": {} }), wrong());
    for value in [json!([]), json!("x"), json!(7), json!(true)] {
        row(&format!("arguments are {value}"), json!({ "name": "hello", "arguments": value }), wrong());
    }
    row("arguments are null", json!({ "name": "hello", "arguments": null }), result("7"));
    row("arguments are left out", json!({ "name": "hello" }), result("7"));
    row(
        "arguments that do not fit are a result",
        json!({ "name": "hello", "arguments": { "name": 7 } }),
        result("7"),
    );
    row(
        "the tasks of old are ignored",
        json!({ "name": "hello", "arguments": { "name": "A" }, "task": {} }),
        result("7"),
    );

    for (what, filter) in [
        ("missing", Value::Null),
        ("a list", json!([])),
        ("of texts", json!({ "toolsListChanged": "yes" })),
        ("of numbers", json!({ "promptsListChanged": 1 })),
        ("without a list of URIs", json!({ "resourceSubscriptions": "x" })),
        ("with URIs that are none", json!({ "resourceSubscriptions": [7] })),
        ("endless", json!({ "resourceSubscriptions": vec!["x:y"; 1000] })),
    ] {
        let params = json!({ "notifications": filter });
        rows.push(Row::stateless(format!("a filter {what}"), "subscriptions/listen", params, wrong()));
    }

    let version = [("MCP-Protocol-Version", "2026-07-28")];
    let note = |method: &str, params: Value| {
        json!({ "jsonrpc": "2.0", "method": method, "params": params }).to_string()
    };
    for (method, params) in [
        ("notifications/cancelled", json!({ "requestId": 7, "reason": "enough" })),
        ("notifications/cancelled", json!({})),
        ("notifications/cancelled", json!({ "requestId": [] })),
        ("notifications/unknown", json!({ "_meta": meta() })),
    ] {
        rows.push(Row::post(format!("{method} {params}"), &version, note(method, params), silent(202)));
    }
    for method in ["tools/list", "tools/call", "x", ""] {
        let body = note(method, json!({ "_meta": meta() }));
        rows.push(Row::post(format!("{method} without an id"), &version, body, nameless(400, -32600)));
    }
    for outcome in [r#""result":{}"#, r#""error":{"code":-1,"message":"x"}"#] {
        let body = format!(r#"{{"jsonrpc":"2.0","id":7,{outcome}}}"#);
        rows.push(Row::post(format!("a response: {outcome}"), &version, body, nameless(400, -32600)));
    }
    rows
}

/// The revisions with sessions.
pub fn sessions(session: &[(&str, &str)]) -> Vec<Row> {
    let mut rows = Vec::new();
    let hello = || json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "x", "version": "1" } });
    let mut begin = |name: String, params: Value, want: Want| {
        rows.push(Row::post(name, &[], request("initialize", params).to_string(), want));
    };
    let wrong = || error(400, -32602, "7");
    begin("begins".into(), hello(), result("7"));
    for version in ["2025-06-18", "2025-03-26", "2024-11-05", "1999-01-01", "2026-07-28", ""] {
        let mut params = hello();
        params["protocolVersion"] = json!(version);
        begin(format!("begins with {version}"), params, result("7"));
    }
    begin("begins with nothing".into(), json!({}), wrong());
    for (member, value) in [
        ("protocolVersion", json!(null)),
        ("protocolVersion", json!(20251125)),
        ("protocolVersion", json!([])),
        ("capabilities", json!(null)),
        ("capabilities", json!([])),
        ("capabilities", json!("all")),
        ("capabilities", json!({ "sampling": true })),
        ("capabilities", json!({ "roots": [] })),
        ("capabilities", json!({ "roots": { "listChanged": "yes" } })),
        ("clientInfo", json!(null)),
        ("clientInfo", json!("me")),
        ("clientInfo", json!({ "name": "x" })),
        ("clientInfo", json!({ "version": "1" })),
        ("clientInfo", json!({ "name": 7, "version": "1" })),
    ] {
        let mut params = hello();
        params[member] = value.clone();
        begin(format!("begins with {member} {value}"), params, wrong());
    }

    let mut row = |name: &str, headers: &[(&str, &str)], body: Value, want: Want| {
        rows.push(Row::post(name, headers, body.to_string(), want));
    };
    let list = || request("tools/list", json!({}));
    row("no session", &[], list(), error(400, -32600, "7"));
    row("an unknown session", &[("Mcp-Session-Id", "nobody")], list(), error(404, -32001, "7"));
    row("a session that is none", &[("Mcp-Session-Id", "é")], list(), error(400, -32600, "7"));
    row("a session twice", &[session[0], session[0]], list(), error(400, -32600, "7"));
    row(
        "a notification without a session",
        &[],
        json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }),
        nameless(400, -32600),
    );
    row(
        "a response without a session",
        &[],
        json!({ "jsonrpc": "2.0", "id": 7, "result": {} }),
        nameless(400, -32600),
    );
    row("a response of nobody's", session, json!({ "jsonrpc": "2.0", "id": 99, "result": {} }), silent(202));
    for method in ["unknown/method", "server/discover", "subscriptions/listen", "TOOLS/LIST"] {
        row(
            &format!("no method of a session: {method}"),
            session,
            request(method, json!({})),
            error(200, -32601, "7"),
        );
    }
    row("ping", session, request("ping", json!({})), result("7"));
    row("ping with parameters", session, request("ping", json!({ "x": [] })), result("7"));
    for level in ["debug", "emergency"] {
        row(level, session, request("logging/setLevel", json!({ "level": level })), result("7"));
    }
    for level in [json!("loud"), json!(7), json!(null)] {
        row("a level that is none", session, request("logging/setLevel", json!({ "level": level })), wrong());
    }
    for params in [
        json!({}),
        json!({ "name": 7 }),
        json!({ "name": "hello", "arguments": [] }),
        json!({ "name": "hello", "arguments": "x" }),
    ] {
        row(&format!("a call with {params}"), session, request("tools/call", params), wrong());
    }
    row("no such tool", session, request("tools/call", json!({ "name": "nope" })), error(200, -32602, "7"));
    row(
        "a cursor of nobody's",
        session,
        request("tools/list", json!({ "cursor": "x" })),
        error(200, -32602, "7"),
    );
    row("a cursor that is none", session, request("tools/list", json!({ "cursor": 7 })), wrong());
    let token = json!({ "name": "hello", "_meta": { "progressToken": 1.5 } });
    row("a progress token that is none", session, request("tools/call", token), wrong());
    let mut large = request("ping", json!({}));
    large["id"] = json!(u64::MAX);
    row("an id of more than 64 bits", session, large, error(400, -32600, &u64::MAX.to_string()));
    for method in ["notifications/initialized", "notifications/cancelled", "notifications/unknown"] {
        row(method, session, json!({ "jsonrpc": "2.0", "method": method }), silent(202));
    }
    for method in ["GET", "DELETE"] {
        let of = |headers: &[(&str, &str)], want| {
            Row::post(format!("{method} {headers:?}"), headers, "", want).by(method)
        };
        rows.push(of(&[], nameless(400, -32600)));
        rows.push(of(&[("Mcp-Session-Id", "nobody")], nameless(404, -32001)));
    }
    rows.push(
        Row::post("a stream that nobody takes", session, "", nameless(406, -32600))
            .by("GET")
            .with("Accept", "application/json"),
    );
    rows
}
