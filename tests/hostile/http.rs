//! HTTP that is not what the endpoint takes.

use super::{
    row::{Row, error, nameless, result},
    wire::exchange,
};
use crate::support::running::Running;
use serde_json::json;

/// Requests that are whole but for a method or a media type.
pub fn rows() -> Vec<Row> {
    let list = |name: &str, want| Row::stateless(name, "tools/list", json!({}), want);
    let mut rows = Vec::new();
    for method in ["PUT", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "post"] {
        rows.push(list(&format!("by {method}"), nameless(405, -32600)).by(method));
    }
    for kind in [
        "",
        "text/plain",
        "application/jsonp",
        "application/json-rpc",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/vnd.api+json",
        "json",
        "*/*",
    ] {
        rows.push(list(&format!("Content-Type {kind}"), nameless(415, -32600)).with("Content-Type", kind));
    }
    rows.push(list("Content-Type twice", nameless(415, -32600)).and("Content-Type", "application/json"));
    for kind in ["Application/JSON", "application/json; charset=utf-8", "application/json;x=\"y\""] {
        rows.push(list(&format!("Content-Type {kind}"), result("7")).with("Content-Type", kind));
    }
    for encoding in ["gzip", "br", "identity, gzip", "x"] {
        rows.push(
            list(&format!("Content-Encoding {encoding}"), nameless(415, -32600))
                .and("Content-Encoding", encoding),
        );
    }
    rows.push(list("Content-Encoding identity", result("7")).and("Content-Encoding", "identity"));
    for accept in
        ["application/json", "text/event-stream", "text/html", "application/xml, text/*", "*/*;q=0", "x"]
    {
        rows.push(list(&format!("Accept {accept}"), nameless(406, -32600)).with("Accept", accept));
    }
    for accept in [
        "",
        "*/*",
        "application/*, text/*",
        "text/event-stream;q=0.1, APPLICATION/JSON",
        "text/html, */*;q=0.8",
    ] {
        rows.push(list(&format!("Accept {accept}"), result("7")).with("Accept", accept));
    }
    rows.push(
        list("both kinds in two headers", result("7"))
            .with("Accept", "application/json")
            .and("Accept", "text/event-stream"),
    );
    rows.push(list("an origin of others", nameless(403, -32600)).and("Origin", "https://evil.example"));
    rows.push(list("no origin", nameless(403, -32600)).and("Origin", "null"));
    rows.push(list("a large header", error(400, -32020, "7")).with("Mcp-Method", &"x".repeat(8000)));
    rows
}

/// Requests that are not whole, and their statuses.
pub fn raw(server: &Running) -> Vec<String> {
    let (host, mut faults) = (server.authority(), Vec::new());
    let head = format!(
        "POST /mcp HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nConnection: close\r\n"
    );
    let mut ask = |name: &str, request: String, ends: bool, status: u16| {
        let answer = exchange(host, request.as_bytes(), ends);
        if answer.status != status {
            faults.push(format!("{name}: {} instead of {status}: {answer:?}", answer.status));
        }
    };
    ask("a length over the limit", format!("{head}Content-Length: 99999999\r\n\r\n"), false, 413);
    ask("one more", format!("{head}Content-Length: 18446744073709551616\r\n\r\n"), false, 400);
    ask(
        "a length that waits for leave",
        format!("{head}Expect: 100-continue\r\nContent-Length: 99999999\r\n\r\n"),
        false,
        413,
    );
    ask(
        "the type before the length",
        format!("{head}Content-Type: x\r\nContent-Length: 99999999\r\n\r\n"),
        false,
        415,
    );
    ask("a body that breaks off", format!("{head}Content-Length: 100\r\n\r\n{{}}"), true, 400);
    ask("a chunk that breaks off", format!("{head}Transfer-Encoding: chunked\r\n\r\n5\r\n{{}}"), true, 400);
    ask(
        "a chunk that is none",
        format!("{head}Transfer-Encoding: chunked\r\n\r\nzz\r\n{{}}\r\n0\r\n\r\n"),
        false,
        400,
    );
    ask("two lengths", format!("{head}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{{}}"), false, 400);
    ask("a length below nothing", format!("{head}Content-Length: -1\r\n\r\n"), false, 400);
    ask("no body", format!("{head}\r\n"), false, 400);
    ask("an empty body", format!("{head}Content-Length: 0\r\n\r\n"), false, 400);
    ask("no such coding", format!("{head}Transfer-Encoding: gzip\r\n\r\n"), false, 400);
    ask("a header without a colon", format!("{head}broken\r\n\r\n"), false, 400);
    ask("no version of HTTP", format!("POST /mcp\r\nHost: {host}\r\n\r\n"), false, 400);
    ask("a host of others", head.replace(host, "evil.example") + "Content-Length: 2\r\n\r\n{}", false, 403);
    ask("a host twice", format!("{head}Host: {host}\r\nContent-Length: 2\r\n\r\n{{}}"), false, 400);
    ask(
        "no host",
        head.replace(&format!("Host: {host}\r\n"), "") + "Content-Length: 2\r\n\r\n{}",
        false,
        400,
    );
    ask(
        "a target of others",
        head.replace("/mcp", "http://evil.example/mcp") + "Content-Length: 2\r\n\r\n{}",
        false,
        403,
    );
    ask("another path", head.replace("/mcp", "/mcp/") + "Content-Length: 2\r\n\r\n{}", false, 404);
    ask("a path within", head.replace("/mcp", "/mcp/x") + "Content-Length: 2\r\n\r\n{}", false, 404);
    ask("too many headers", format!("{head}{}\r\n", "X: y\r\n".repeat(200)), false, 431);
    faults
}
