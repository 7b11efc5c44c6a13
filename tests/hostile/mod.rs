//! Requests that no good client sends, over a raw socket against the binary: each has one right answer, and the server
//! serves on.

mod envelope;
mod headers;
mod http;
mod lifecycle;
mod load;
mod pipe;
mod pipe_ends;
mod pipe_load;
mod row;
mod tasks;
mod wire;

use crate::{
    clients::{passes, script},
    support::running::Running,
};
use row::Row;
use serde_json::json;
use wire::exchange;

/// Opens a session, and tells the headers that name it.
fn session(server: &Running) -> [(&'static str, String); 2] {
    session_of(server, "2025-11-25")
}

/// The same of this revision.
fn session_of(server: &Running, revision: &str) -> [(&'static str, String); 2] {
    let params = json!({ "protocolVersion": revision, "capabilities": {}, "clientInfo": { "name": "x", "version": "1" } });
    let body = row::request("initialize", params).to_string();
    let request = format!(
        "POST /mcp HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        server.authority(),
        body.len()
    );
    let answer = exchange(server.authority(), request.as_bytes(), false);
    let id = answer.header("mcp-session-id").unwrap_or_else(|| panic!("{answer:?}")).to_owned();
    [("Mcp-Session-Id", id), ("MCP-Protocol-Version", revision.to_owned())]
}

/// Holds every row against the server, which must still serve in the end; clients must be able to read every message.
fn hold(server: &Running, rows: &[Row]) {
    let (mut faults, mut messages) = (Vec::new(), String::new());
    for row in rows {
        let answer = row.ask(server);
        faults.extend(row.fault(&answer));
        for message in answer.messages() {
            messages.push_str(&format!("{}\n", json!({ "asked": row.asked(), "message": message })));
        }
    }
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), rows.len(), faults.join("\n"));
    let still = Row::stateless("it still serves", "tools/list", json!({}), row::result("7"));
    assert_eq!(still.fault(&still.ask(server)), None);
    if let Some((mut command, folder)) = script("messages.mjs") {
        let file = folder.path().join("messages");
        std::fs::write(&file, messages).unwrap();
        command.arg(file);
        passes(command);
    }
}

#[test]
fn every_malformed_message_has_its_one_answer() {
    let server = Running::start(&[]);
    let session = session(&server);
    let session: Vec<(&str, &str)> = session.iter().map(|(name, value)| (*name, value.as_str())).collect();
    hold(&server, &envelope::rows(&session));
}

#[test]
fn what_a_revision_does_not_have_is_told_in_its_own_words() {
    let server = Running::start(&[]);
    let session = session(&server);
    let session: Vec<(&str, &str)> = session.iter().map(|(name, value)| (*name, value.as_str())).collect();
    hold(&server, &lifecycle::stateless());
    hold(&server, &lifecycle::sessions(&session));
}

#[test]
fn of_requests_with_one_id_the_first_is_answered_and_the_others_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("c.yaml");
    let yaml = "tools: { twenty: { base_url: sandbox, sandbox: { latency_ms: 2000 } } }\n";
    std::fs::write(&file, yaml).unwrap();
    let server = Running::start(&["--config", file.to_str().unwrap()]);
    let session = session(&server);
    let session: Vec<(&str, &str)> = session.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let call =
        row::request("tools/call", json!({ "name": "search_contacts", "arguments": { "query": "a" } }));
    let call = Row::post("one of many", &session, call.to_string(), row::result("7"));
    let mut statuses: Vec<u16> = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..8).map(|_| scope.spawn(|| call.ask(&server).status)).collect();
        asked.into_iter().map(|asked| asked.join().unwrap()).collect()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [&[200][..], &[400; 7]].concat());
    assert_eq!(call.fault(&call.ask(&server)), None, "the id is free again");
}

#[test]
fn headers_say_what_the_body_says_or_nothing_is_done() {
    hold(&Running::start(&[]), &headers::rows());
}

#[test]
fn http_that_is_not_taken_is_refused_by_its_status() {
    let server = Running::start(&[]);
    hold(&server, &http::rows());
    let faults = http::raw(&server);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_table_is_as_long_as_it_is_said_to_be() {
    let session = [("Mcp-Session-Id", "x")];
    let rows = envelope::rows(&session).len()
        + lifecycle::stateless().len()
        + lifecycle::sessions(&session).len()
        + headers::rows().len()
        + http::rows().len();
    assert!(rows >= 300, "{rows}");
}
