//! Much of everything at once: the server answers on, and its memory is bounded.

use super::{
    row::{Row, result},
    session,
    wire::exchange,
};
use crate::support::running::Running;
use serde_json::json;
use std::{
    io::{Read, Write},
    net::TcpStream,
};

/// The most memory that the server may have had in the end, in KiB: a debug build of it starts with some 60,000.
const MEMORY: u64 = 400_000;

fn answers(server: &Running) {
    let list = Row::stateless("it answers", "tools/list", json!({}), result("7"));
    assert_eq!(list.fault(&list.ask(server)), None);
}

/// How many files this process, and so the server that it starts, may have open.
fn open_files() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(usize::MAX)
}

#[test]
fn idle_and_slow_clients_large_bodies_and_many_sessions_leave_it_answering() {
    if open_files() < 8000 {
        assert!(std::env::var_os("CI").is_none(), "too few open files are allowed: run ./tests/run");
        println!("skipped: too few open files are allowed; ./tests/run raises their number");
        return;
    }
    let server = Running::start(&[]);
    let idle: Vec<TcpStream> = (0..2000).map(|_| TcpStream::connect(server.authority()).unwrap()).collect();
    answers(&server);

    let slow: Vec<TcpStream> = (0..200)
        .map(|n| {
            let mut stream = TcpStream::connect(server.authority()).unwrap();
            let head = format!("POST /mcp HTTP/1.1\r\nHost: {}\r\n", server.authority());
            let body = "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"jsonrpc\":";
            // Half of them stop within the head, half within the body.
            let _ = stream.write_all(head.as_bytes()).and_then(|()| match n % 2 {
                0 => stream.write_all(b"X-Slow: "),
                _ => stream.write_all(body.as_bytes()),
            });
            stream
        })
        .collect();
    answers(&server);

    std::thread::scope(|scope| {
        for declared in [true, true, false, false] {
            scope.spawn({
                let server = &server;
                move || assert_eq!(large(server, declared), 413)
            });
        }
    });
    answers(&server);

    std::thread::scope(|scope| {
        for _ in 0..10 {
            scope.spawn(|| (0..30).for_each(|_| drop(session(&server))));
        }
    });
    answers(&server);
    let peak = server.peak_memory_kib();
    assert!(peak < MEMORY, "{peak} KiB");
    drop((idle, slow));
}

/// Sends 64 MiB, with their length declared or in chunks, as long as the server takes them.
fn large(server: &Running, declared: bool) -> u16 {
    let head =
        format!("POST /mcp HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n", server.authority());
    if declared {
        let request = format!("{head}Content-Length: {}\r\n\r\n", 64 << 20);
        return exchange(server.authority(), request.as_bytes(), false).status;
    }
    let mut stream = TcpStream::connect(server.authority()).unwrap();
    stream.write_all(format!("{head}Transfer-Encoding: chunked\r\n\r\n").as_bytes()).unwrap();
    let chunk = format!("{:x}\r\n{}\r\n", 1 << 20, "x".repeat(1 << 20));
    for _ in 0..64 {
        if stream.write_all(chunk.as_bytes()).is_err() {
            break;
        }
    }
    let mut answer = [0; 64];
    let read = stream.read(&mut answer).unwrap_or_default();
    let text = String::from_utf8_lossy(&answer[..read]).into_owned();
    text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(413)
}

#[test]
fn subscriptions_are_bounded_acknowledged_first_and_ended_with_an_answer() {
    let mut server = Running::start(&[]);
    let mut meta = super::row::meta();
    meta["progressToken"] = json!(1);
    let params =
        json!({ "_meta": meta, "notifications": { "toolsListChanged": true, "promptsListChanged": false } });
    let body = json!({ "jsonrpc": "2.0", "id": "s", "method": "subscriptions/listen", "params": params })
        .to_string();
    let request = format!(
        "POST /mcp HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nMCP-Protocol-Version: 2026-07-28\r\n\
         Mcp-Method: subscriptions/listen\r\nContent-Length: {}\r\n\r\n{body}",
        server.authority(),
        body.len()
    );
    let mut open: Vec<TcpStream> = (0..250)
        .map(|_| {
            let mut stream = TcpStream::connect(server.authority()).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            stream
        })
        .collect();
    for stream in &mut open {
        let mut told = String::new();
        while !told.contains("\n\n\r\n") {
            let mut some = [0; 2048];
            let read = stream.read(&mut some).unwrap();
            assert!(read > 0, "{told}");
            told.push_str(&String::from_utf8_lossy(&some[..read]));
        }
        let acknowledged = json!({
            "jsonrpc": "2.0", "method": "notifications/subscriptions/acknowledged",
            "params": {
                "_meta": { "io.modelcontextprotocol/subscriptionId": "s" },
                "notifications": { "toolsListChanged": true },
            },
        });
        assert!(told.contains(&format!("data: {acknowledged}\n\n")), "{told}");
    }
    answers(&server);
    let full = exchange(server.authority(), request.as_bytes(), false);
    assert_eq!((full.status, full.header("retry-after")), (429, Some("30")));

    // A place is free again when its client leaves.
    drop(open.pop());
    let again = std::iter::repeat_with(|| {
        let mut stream = TcpStream::connect(server.authority()).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut some = [0; 16];
        let _ = stream.read(&mut some);
        some.starts_with(b"HTTP/1.1 200")
    });
    assert!(again.take(200).any(|open| open || {
        std::thread::sleep(std::time::Duration::from_millis(20));
        false
    }));

    server.terminate();
    for mut stream in open {
        let mut rest = String::new();
        stream.read_to_string(&mut rest).unwrap();
        let told =
            rest.lines().find_map(|line| line.strip_prefix("data: ")).unwrap_or_else(|| panic!("{rest}"));
        let told: serde_json::Value = serde_json::from_str(told).unwrap();
        assert_eq!((&told["id"], &told["result"]["resultType"]), (&json!("s"), &json!("complete")));
        assert_eq!(told["result"]["_meta"]["io.modelcontextprotocol/subscriptionId"], "s");
    }
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}
