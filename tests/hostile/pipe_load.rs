//! Much over standard input at once, and nobody who reads: nothing is lost, and memory is bounded.

use super::row::{meta, request};
use crate::support::piped::{Piped, discover};
use serde_json::json;
use std::{collections::HashSet, io::Write};

/// The most memory that the server may have had in the end, in KiB: a debug build of it starts with some 60,000.
const MEMORY: u64 = 250_000;

fn call(id: u32, stateless: bool) -> String {
    let mut params = json!({ "name": "hello", "arguments": { "name": "A" } });
    if stateless {
        params["_meta"] = meta();
    }
    json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params }).to_string()
}

/// Every answer to so many requests, in whatever order, each once.
fn answered(piped: &mut Piped, requests: u32) {
    let mut open: HashSet<u64> = (0..u64::from(requests)).collect();
    while !open.is_empty() {
        let told = piped.next();
        assert_eq!(told["result"]["structuredContent"]["result"], "Hello, A!", "{told}");
        assert!(open.remove(&told["id"].as_u64().unwrap()), "{told}");
    }
}

#[test]
fn ten_thousand_lines_are_taken_from_who_reads_when_it_has_asked_for_all() {
    for stateless in [true, false] {
        let mut piped = Piped::start(&[]);
        if !stateless {
            let client = json!({ "name": "x", "version": "1" });
            let params = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client });
            piped.send(
                json!({ "jsonrpc": "2.0", "id": "i", "method": "initialize", "params": params }).to_string(),
            );
        }
        for n in 0..10_000 {
            piped.send(call(n, stateless));
        }
        if !stateless {
            assert_eq!(piped.next()["id"], "i");
        }
        answered(&mut piped, 10_000);
        assert!(piped.peak_memory_kib() < MEMORY, "{} KiB", piped.peak_memory_kib());
        assert_eq!(piped.rest(), [""; 0]);
    }
}

#[test]
fn who_does_not_read_is_not_heard_until_it_does_and_loses_nothing() {
    let mut piped = Piped::start(&["--sandbox"]);
    let mut input = piped.take_input();
    // Each list has some 100 KB: two thousand of them would be 200 MB.
    let lists = std::thread::spawn(move || {
        for n in 0..2000 {
            let mut list = request("tools/list", json!({ "_meta": meta() }));
            list["id"] = json!(n);
            writeln!(input, "{list}").unwrap();
        }
        input
    });
    // It has stopped to take lines when no more can be written for it: then its memory is at its most.
    let mut before = 0;
    loop {
        std::thread::sleep(std::time::Duration::from_millis(500));
        let now = piped.peak_memory_kib();
        if now == before {
            break;
        }
        before = now;
    }
    let mut open: HashSet<u64> = (0..2000).collect();
    while !open.is_empty() {
        // To read every list as JSON would take much longer than to make them.
        let line = piped.line();
        let told = line.strip_prefix(r#"{"jsonrpc":"2.0","id":"#).unwrap_or_else(|| panic!("{line:.400}"));
        let (id, list) = told.split_once(',').unwrap();
        assert!(
            list.starts_with(r#""result":{"#) && list.ends_with("}}") && list.len() > 50_000,
            "{list:.400}"
        );
        assert!(open.remove(&id.parse().unwrap()), "{id}");
    }
    drop(lists.join().unwrap());
    assert!(piped.peak_memory_kib() < MEMORY, "{} KiB", piped.peak_memory_kib());
    assert_eq!(piped.rest(), [""; 0]);
}

#[test]
fn a_line_of_64_mib_is_told_once_and_kept_nowhere() {
    let mut piped = Piped::start(&[]);
    piped.write(b"{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/list\",\"params\":{\"x\":\"");
    let chunk = vec![b'x'; 1 << 20];
    for _ in 0..64 {
        piped.write(&chunk);
    }
    let told = piped.next();
    assert_eq!((&told["error"]["code"], told.get("id")), (&json!(-32600), None), "{told}");
    assert!(told["error"]["message"].as_str().unwrap().contains("4194304"), "{told}");
    piped.write(b"\"}}\n");
    piped.send(discover("after"));
    assert_eq!(piped.next()["id"], "after");
    assert!(piped.peak_memory_kib() < 150_000, "{} KiB", piped.peak_memory_kib());
    assert_eq!(piped.rest(), [""; 0]);
}

#[test]
fn who_has_closed_both_ends_is_left() {
    let mut piped = Piped::start(&[]);
    piped.turn_away();
    let mut input = piped.take_input();
    let mut ids = 0..;
    while ids.next().is_some_and(|id| writeln!(input, "{}", call(id, true)).is_ok()) {}
    assert_eq!(piped.child.wait().unwrap().code(), Some(0));
}
