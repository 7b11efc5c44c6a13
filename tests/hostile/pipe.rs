//! Lines over standard input that no good client sends: each has one right answer, the same as over HTTP where a message
//! is the same, and the server serves on.

use super::{
    envelope, lifecycle,
    row::{Want, error, meta, nameless, request, result, silent},
};
use crate::{
    clients::{passes, script},
    support::piped::{Piped, discover},
};
use serde_json::{Value, json};

/// What names a session over HTTP, for rows of that table.
const SESSION: [(&str, &str); 2] = [("Mcp-Session-Id", "x"), ("MCP-Protocol-Version", "2025-11-25")];
/// The longest line, in bytes.
const LONGEST: usize = 4 << 20;

/// A line, and what it is answered with.
struct Row {
    name: String,
    line: Vec<u8>,
    want: Want,
}

impl Row {
    fn new(name: impl Into<String>, line: impl Into<Vec<u8>>, want: Want) -> Self {
        Self { name: name.into(), line: line.into(), want }
    }
}

fn stateless(method: &str, mut params: Value) -> String {
    if params.get("_meta").is_none() {
        params["_meta"] = meta();
    }
    request(method, params).to_string()
}

fn bare(method: &str) -> String {
    request(method, json!({})).to_string()
}

fn note(method: &str, params: Value) -> String {
    json!({ "jsonrpc": "2.0", "method": method, "params": params }).to_string()
}

fn initialize() -> String {
    let client = json!({ "name": "x", "version": "1" });
    let params = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client });
    request("initialize", params).to_string()
}

/// Rows of the table for HTTP that are the same here.
fn known(rows: &[super::Row], session: &[(&str, &str)]) -> Vec<Row> {
    let same = rows.iter().filter_map(|row| row.over_pipe(session));
    same.map(|(name, line, want)| Row::new(name, line, want.clone())).collect()
}

/// What is the same before and in a session.
fn framing() -> Vec<Row> {
    let list = || stateless("tools/list", json!({}));
    let sized = |size: usize| format!("{}{}", list(), " ".repeat(size - list().len()));
    let parse = || nameless(400, -32700);
    let listed = || result("7");
    vec![
        Row::new("nothing", "", silent(202)),
        Row::new("spaces", " \t ", silent(202)),
        Row::new("the end of a line of elsewhere", "\r", silent(202)),
        Row::new("a line of elsewhere", format!("{}\r", list()), listed()),
        Row::new("spaces around", format!(" \t{} \r\r", list()), listed()),
        Row::new("a byte order mark", format!("\u{feff}{}", list()), parse()),
        Row::new("two messages in a line", format!("{}{}", list(), list()), parse()),
        Row::new("two messages and a comma", format!("{},{}", list(), list()), parse()),
        Row::new("a carriage return between two", format!("{}\r{}", list(), list()), parse()),
        Row::new("a batch", format!("[{},{}]", list(), list()), nameless(400, -32600)),
        Row::new("an event", format!("data: {}", list()), parse()),
        Row::new("a head as other protocols have it", "Content-Length: 7\r", parse()),
        Row::new("UTF-16", [0xff, 0xfe, b'{', 0, b'}', 0], parse()),
        Row::new("half a letter", [&list().into_bytes()[..], b"\xc3"].concat(), parse()),
        Row::new("a zero", [&list().into_bytes()[..], b"\0"].concat(), parse()),
        Row::new("half a message", &list()[..40], parse()),
        Row::new("the other half", &list()[40..], parse()),
        Row::new("a line as long as may be", sized(LONGEST), listed()),
        Row::new("a line longer than may be", sized(LONGEST + 1), nameless(400, -32600)),
        Row::new("a line much longer", "x".repeat(3 * LONGEST), nameless(400, -32600)),
        Row::new(
            "a notification with parameters that are none",
            note("notifications/x", json!([])),
            silent(202),
        ),
        Row::new(
            "a notification in which a name stands twice",
            r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"a":1,"a":2}}"#,
            silent(202),
        ),
        Row::new(
            "an error that names no request",
            r#"{"jsonrpc":"2.0","error":{"code":-32700,"message":"x"}}"#,
            silent(202),
        ),
    ]
}

/// What a client may ask that has not begun a session.
fn before() -> Vec<Row> {
    let missing = || error(400, -32602, "7");
    let supported = |without: &str| {
        let all = ["2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];
        all.into_iter().filter(|revision| *revision != without).collect::<Vec<_>>()
    };
    let unsupported = |requested: &str| {
        let data = json!({ "supported": supported(requested), "requested": requested });
        error(400, -32022, "7").data(data)
    };
    let of_version = |version: &str| {
        let mut said = meta();
        said["io.modelcontextprotocol/protocolVersion"] = json!(version);
        stateless("server/discover", json!({ "_meta": said }))
    };
    let mut rows = vec![
        Row::new(
            "the probe of a client that speaks both",
            stateless("server/discover", json!({})),
            result("7"),
        ),
        Row::new("the probe of a later client", of_version("2027-01-01"), unsupported("2027-01-01")),
        Row::new("the probe of nobody", of_version("x"), unsupported("x")),
        Row::new("the probe by a version with sessions", of_version("2025-11-25"), unsupported("2025-11-25")),
        Row::new("the probe without a version", bare("server/discover"), missing()),
        Row::new("a sign of life", bare("ping"), result("7")),
        Row::new("an answer to nothing", r#"{"jsonrpc":"2.0","id":7,"result":{}}"#, nameless(400, -32600)),
        Row::new("ready before it began", note("notifications/initialized", json!({})), silent(202)),
        Row::new("a request that forgets its id", note("tools/list", json!({})), nameless(400, -32600)),
        Row::new(
            "the same with parameters that are none",
            note("tools/list", json!([])),
            nameless(400, -32602),
        ),
    ];
    for method in
        ["tools/list", "tools/call", "logging/setLevel", "resources/list", "unknown/method", "tasks/get"]
    {
        rows.push(Row::new(format!("{method} of no revision"), bare(method), missing()));
    }
    for id in [json!(7), json!("7"), json!(99), json!(1.5), json!([]), json!(null), json!({}), json!(1e300)] {
        let params = json!({ "requestId": id, "reason": "enough" });
        let name = format!("{id} is taken back");
        rows.push(Row::new(name, note("notifications/cancelled", params.clone()), silent(202)));
        let mut said = params;
        said["_meta"] = meta();
        rows.push(Row::new(
            format!("{id} is taken back again"),
            note("notifications/cancelled", said),
            silent(202),
        ));
    }
    rows.push(Row::new("nothing is taken back", note("notifications/cancelled", json!({})), silent(202)));
    rows
}

/// What a client may ask in a session, beside the other generation.
fn within() -> Vec<Row> {
    let hello = json!({ "name": "hello", "arguments": { "name": "A" } });
    let mut rows = vec![
        Row::new("begins again", initialize(), result("7")),
        Row::new("asks of its session", bare("tools/list"), result("7")),
        Row::new("asks beside its session", stateless("tools/list", json!({})), result("7")),
        Row::new("calls in its session", request("tools/call", hello.clone()).to_string(), result("7")),
        Row::new("calls beside its session", stateless("tools/call", hello), result("7")),
        Row::new("the probe beside a session", stateless("server/discover", json!({})), result("7")),
        Row::new("what a session does not have", bare("server/discover"), error(200, -32601, "7")),
        Row::new("what only a session has", stateless("ping", json!({})), error(404, -32601, "7")),
        Row::new("begins beside its session", stateless("initialize", json!({})), error(404, -32601, "7")),
        Row::new("an answer to nothing", r#"{"jsonrpc":"2.0","id":7,"result":{}}"#, silent(202)),
        Row::new("an answer that is none", r#"{"jsonrpc":"2.0","id":7,"error":"x"}"#, nameless(400, -32600)),
        Row::new("a request that forgets its id", note("tools/list", json!({})), silent(202)),
    ];
    for id in ["0", "-1", "9007199254740993", r#""""#, r#""\u00e9 \" \n""#, r#""7""#] {
        let line = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#);
        rows.push(Row::new(format!("an id comes back as it is: {id}"), line, result(id)));
    }
    rows
}

/// Sends each row and holds its answer against the right one; of rows without an answer, that the next answer is the next
/// request's.
fn hold(piped: &mut Piped, rows: &[Row]) {
    let (mut faults, mut messages) = (Vec::new(), String::new());
    for (n, row) in rows.iter().enumerate() {
        piped.send(&row.line);
        let line = if row.want.is_silent() {
            let fence = format!("fence {n}");
            piped.send(discover(&fence));
            let line = piped.line();
            let told: Value = serde_json::from_str(&line).unwrap();
            if told["id"] == fence.as_str() {
                continue;
            }
            assert_eq!(piped.next()["id"], fence.as_str());
            line
        } else {
            piped.line()
        };
        let fault = row.want.fault_of(Some(serde_json::from_str(&line).unwrap()));
        faults.extend(fault.map(|fault| format!("{}: {fault}\n  {line:.400}", row.name)));
        let asked: Value = serde_json::from_slice(&row.line).unwrap_or_default();
        let asked = asked["method"].as_str().unwrap_or_default();
        let message: Value = serde_json::from_str(&line).unwrap();
        messages.push_str(&format!("{}\n", json!({ "asked": asked, "message": message })));
    }
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), rows.len(), faults.join("\n"));
    if let Some((mut command, folder)) = script("messages.mjs") {
        let file = folder.path().join("messages");
        std::fs::write(&file, messages).unwrap();
        command.arg(file);
        passes(command);
    }
}

#[test]
fn every_line_has_its_one_answer_before_a_session() {
    let mut piped = Piped::start(&[]);
    let mut rows = framing();
    rows.extend(before());
    rows.extend(known(&envelope::rows(&SESSION), &[]));
    rows.extend(known(&lifecycle::stateless(), &[]));
    assert!(rows.len() > 250, "{}", rows.len());
    hold(&mut piped, &rows);
    assert_eq!(piped.rest(), [""; 0]);
}

#[test]
fn every_line_has_its_one_answer_in_a_session() {
    let mut piped = Piped::start(&[]);
    let mut rows = vec![
        Row::new("begins", initialize(), result("7")),
        Row::new("is ready", note("notifications/initialized", json!({})), silent(202)),
    ];
    rows.extend(framing());
    rows.extend(within());
    rows.extend(known(&envelope::rows(&SESSION), &[]));
    rows.extend(known(&lifecycle::sessions(&SESSION), &SESSION));
    assert!(rows.len() > 200, "{}", rows.len());
    hold(&mut piped, &rows);
    assert_eq!(piped.rest(), [""; 0]);
}
