//! Headers that are missing, repeated, malformed, or say something else than the body.

use super::row::{Row, Want, error, meta, nameless, request, result};
use serde_json::json;

fn list(name: &str, want: Want) -> Row {
    Row::stateless(name, "tools/list", json!({}), want)
}

fn call(name: &str, want: Want) -> Row {
    Row::stateless(name, "tools/call", json!({ "name": "hello", "arguments": { "name": "A" } }), want)
}

fn of_version(name: &str, header: &str, body: &str, want: Want) -> Row {
    let mut said = meta();
    said["io.modelcontextprotocol/protocolVersion"] = json!(body);
    Row::stateless(name, "tools/list", json!({ "_meta": said }), want).with("MCP-Protocol-Version", header)
}

/// The headers of the stateless revision.
pub fn rows() -> Vec<Row> {
    let mismatch = || error(400, -32020, "7");
    let good = || result("7");
    let unsupported = |requested: &str, supported: &[&str]| {
        error(400, -32022, "7").data(json!({ "supported": supported, "requested": requested }))
    };
    let all = ["2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];
    let (version, method, name) = ("MCP-Protocol-Version", "Mcp-Method", "Mcp-Name");
    let mut rows = vec![
        list("all is well", good()),
        list("no version header", mismatch()).with(version, ""),
        list("the version header twice", mismatch()).and(version, "2026-07-28"),
        list("two version headers", mismatch()).and(version, "2025-11-25"),
        list("an older version header", mismatch()).with(version, "2025-11-25"),
        list("the oldest version header", mismatch()).with(version, "2024-11-05"),
        list("an unknown version header", mismatch()).with(version, "v999.0.0"),
        list("a version header that is no text", mismatch()).with(version, "2026-07-28é"),
        list("spaces around the version", good()).with(version, "  2026-07-28\t"),
        list("the version header in capitals", good())
            .with(version, "")
            .and("MCP-PROTOCOL-VERSION", "2026-07-28"),
        of_version("another version in the body", "2026-07-28", "v999.0.0", mismatch()),
        of_version("an older version in the body", "2026-07-28", "2025-11-25", mismatch()),
        of_version("an unknown version", "v999.0.0", "v999.0.0", unsupported("v999.0.0", &all)),
        of_version("a version to come", "2027-01-01", "2027-01-01", unsupported("2027-01-01", &all)),
        of_version(
            "a version with sessions",
            "2025-11-25",
            "2025-11-25",
            unsupported("2025-11-25", &["2026-07-28", "2025-06-18", "2025-03-26", "2024-11-05"]),
        ),
        of_version("an empty version in the body", "2026-07-28", "", mismatch()),
        list("no method header", mismatch()).with(method, ""),
        list("another method header", mismatch()).with(method, "prompts/list"),
        list("the method header in capitals", mismatch()).with(method, "TOOLS/LIST"),
        list("the method header twice", mismatch()).and(method, "tools/list"),
        list("two method headers", mismatch()).and(method, "tools/call"),
        list("a method header that is no text", mismatch()).with(method, "tools/liśt"),
        list("Base64 where none may be", mismatch()).with(method, "=?base64?dG9vbHMvbGlzdA==?="),
        list("spaces around the method", good()).with(method, "   tools/list  "),
        list("the method header's name in capitals", good()).with(method, "").and("MCP-METHOD", "tools/list"),
        list("the method header's name in small letters", good())
            .with(method, "")
            .and("mcp-method", "tools/list"),
        list("a name where none is", good()).and(name, "hello"),
        list("a session where none is", good()).and("Mcp-Session-Id", "nobody"),
        list("an event where none is", good()).and("Last-Event-ID", "7"),
        list("an argument where none is", good()).and("Mcp-Param-City", "Bern"),
        call("a call", good()),
        call("no name header", mismatch()).with(name, ""),
        call("another name header", mismatch()).with(name, "wrong_tool_name"),
        call("the name header in capitals", mismatch()).with(name, "HELLO"),
        call("the name header twice", mismatch()).and(name, "hello"),
        call("a name header that is no text", mismatch()).with(name, "hellö"),
        call("spaces around the name", good()).with(name, "  hello "),
        call("the name in Base64", good()).with(name, "=?base64?aGVsbG8=?="),
        call("the name in bad Base64", mismatch()).with(name, "=?base64?aGVsbG8?="),
        call("the name in no Base64", mismatch()).with(name, "=?base64?aGVs!!8=?="),
        call("Base64 that is no text", mismatch()).with(name, "=?base64?/w==?="),
        call("another name in Base64", mismatch()).with(name, "=?base64?SGVsbG8=?="),
        call("half a Base64", mismatch()).with(name, "=?base64?aGVsbG8="),
        call("Base64 in capitals", mismatch()).with(name, "=?BASE64?aGVsbG8=?="),
        call("the name's header in capitals", good()).with(name, "").and("MCP-NAME", "hello"),
    ];
    let bare = |name: &str, version: &str, want| {
        let row = Row::post(name, &[], request("tools/list", json!({})).to_string(), want);
        row.with("MCP-Protocol-Version", version).and("Mcp-Method", "tools/list")
    };
    rows.push(bare("no _meta, though the header says this revision", "2026-07-28", error(400, -32602, "7")));
    rows.push(bare("no _meta, and a version that nobody knows", "v999.0.0", error(400, -32602, "7")));
    rows.push(
        bare("no _meta, and a version twice", "2026-07-28", mismatch())
            .and("MCP-Protocol-Version", "2026-07-28"),
    );
    rows.push(
        Row::post("GET in a revision without", &[], "", nameless(405, -32600))
            .by("GET")
            .and("MCP-Protocol-Version", "2026-07-28"),
    );
    rows.push(
        Row::post("DELETE in a revision without", &[], "", nameless(405, -32600))
            .by("DELETE")
            .and("MCP-Protocol-Version", "2026-07-28"),
    );
    rows
}
