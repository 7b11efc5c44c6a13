//! What the HTTP side refuses, through a real port and raw sockets.

use crate::support::running::Running;
use std::{
    io::{Read, Write},
    net::{Shutdown, TcpStream},
    time::Duration,
};

/// Sends bytes as they are and returns the answer's head and body.
fn raw(server: &Running, request: &str) -> String {
    exchange(server, request, false)
}

/// Sends bytes and then nothing more: what was announced never comes.
fn broken_off(server: &Running, request: &str) -> String {
    exchange(server, request, true)
}

fn exchange(server: &Running, request: &str, end: bool) -> String {
    let mut stream = TcpStream::connect(server.authority()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    // A server that has refused already may close before everything is written.
    let _ = stream.write_all(request.as_bytes());
    if end {
        let _ = stream.shutdown(Shutdown::Write);
    }
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn status(answer: &str) -> u16 {
    answer
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .unwrap_or_else(|| panic!("no answer: {answer}"))
}

fn get(server: &Running, path: &str, headers: &str) -> String {
    raw(server, &format!("GET {path} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n"))
}

#[test]
fn health_tells_the_state_and_little_else() {
    let server = Running::start(&[]);
    let answer = get(&server, "/health", &format!("Host: {}\r\n", server.authority()));
    assert_eq!(status(&answer), 200);
    let body: serde_json::Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
    let version = env!("CARGO_PKG_VERSION");
    let told = serde_json::json!({
        "status": "healthy", "service": "twenty-mcp-server", "version": version, "authEnabled": false,
        "ipProtection": false,
    });
    assert_eq!(body, told);
    assert!(answer.contains("x-content-type-options: nosniff"), "{answer}");
}

#[test]
fn rule_17_only_known_hosts_are_served_on_every_route() {
    let server = Running::start(&["--sandbox"]);
    let own = server.authority().to_owned();
    let sandbox = server.sandbox().to_owned();
    for path in ["/mcp", "/health", "/nothing"] {
        assert_eq!(status(&get(&server, path, "Host: evil.example\r\n")), 403, "{path}");
        assert_eq!(status(&get(&server, path, "")), 400, "{path} without Host");
        let twice = format!("Host: {own}\r\nHost: {own}\r\n");
        assert_eq!(status(&get(&server, path, &twice)), 400, "{path} with two Hosts");
        let absolute = format!("http://evil.example{path}");
        assert_eq!(status(&get(&server, &absolute, &format!("Host: {own}\r\n"))), 403, "absolute {path}");
        let twin = format!("Host: {own}.evil.example\r\n");
        assert_eq!(status(&get(&server, path, &twin)), 403, "{path} for a twin");
    }
    let port = &format!(":{}", server.port());
    let sandbox_port = sandbox.trim_start_matches("127.0.0.1");
    for name in ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"] {
        assert_eq!(status(&get(&server, "/health", &format!("Host: {name}{port}\r\n"))), 200, "{name}");
        for other in ["", ":80", sandbox_port] {
            let host = format!("Host: {name}{other}\r\n");
            assert_eq!(status(&get(&server, "/health", &host)), 403, "{host}");
        }
    }
    let card = "/.well-known/mcp/server-card.json";
    let ask = |host: &str| {
        let request = format!("GET {card} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let mut stream = TcpStream::connect(&sandbox).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        status(&answer)
    };
    assert_eq!(ask(&format!("localhost{sandbox_port}")), 200, "the sandbox's own port");
    for host in ["evil.example", "localhost", &format!("localhost{port}")] {
        assert_eq!(ask(host), 403, "{host} at the sandbox's own port");
    }
}

#[test]
fn rule_17_pages_of_other_origins_are_turned_away_and_allowed_ones_get_cors() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("c.yaml");
    std::fs::write(&file, "server: { allowed_origins: [\"https://app.example\"] }\n").unwrap();
    let server = Running::start(&["--config", file.to_str().unwrap()]);
    let host = format!("Host: {}\r\n", server.authority());
    for origin in ["https://evil.example", "null", "https://app.example.evil.example"] {
        let answer = get(&server, "/health", &format!("{host}Origin: {origin}\r\n"));
        assert_eq!(status(&answer), 403, "{origin}");
        assert!(!answer.to_lowercase().contains("access-control-allow-origin"), "{answer}");
    }
    let answer = get(&server, "/health", &format!("{host}Origin: https://app.example\r\n"));
    assert_eq!(status(&answer), 200);
    assert!(answer.contains("access-control-allow-origin: https://app.example"), "{answer}");
    let preflight = raw(
        &server,
        &format!(
            "OPTIONS /mcp HTTP/1.1\r\n{host}Origin: https://app.example\r\nAccess-Control-Request-Method: POST\r\n\
             Connection: close\r\n\r\n"
        ),
    );
    assert_eq!(status(&preflight), 204);
    assert!(preflight.to_lowercase().contains("access-control-allow-headers"), "{preflight}");
}

#[test]
fn bodies_are_bounded_before_they_are_read() {
    let server = Running::start(&[]);
    let head =
        format!("POST /mcp HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n", server.authority());
    let declared = raw(&server, &format!("{head}Content-Length: 99999999\r\n\r\n"));
    assert_eq!(status(&declared), 413);
    assert!(declared.contains("connection: close"), "{declared}");
    assert_eq!(
        status(&broken_off(&server, &format!("{head}Content-Length: 100\r\n\r\n{{}}"))),
        400,
        "broken off"
    );
    assert_eq!(
        status(&raw(&server, &format!("{head}Transfer-Encoding: chunked\r\n\r\nzz\r\n"))),
        400,
        "a bad chunk"
    );
    let chunk = format!("{:x}\r\n{}\r\n", 1 << 20, "x".repeat(1 << 20));
    let large = format!("{head}Transfer-Encoding: chunked\r\n\r\n{}", chunk.repeat(5));
    assert_eq!(status(&raw(&server, &large)), 413, "chunked");
}

#[test]
fn unknown_routes_and_methods_say_so() {
    let server = Running::start(&[]);
    let host = format!("Host: {}\r\n", server.authority());
    assert_eq!(status(&get(&server, "/nothing", &host)), 404);
    let answer = raw(
        &server,
        &format!("POST /health HTTP/1.1\r\n{host}Content-Length: 0\r\nConnection: close\r\n\r\n"),
    );
    assert_eq!(status(&answer), 405);
    assert!(answer.to_lowercase().contains("allow: get"), "{answer}");
}

#[test]
fn every_answer_keeps_browsers_from_sniffing_framing_referring_and_storing() {
    let server = Running::start(&[]);
    let host = format!("Host: {}\r\n", server.authority());
    for (path, headers, wanted) in [
        ("/health", host.as_str(), 200),
        ("/nothing", &host, 404),
        ("/health", "Host: evil.example\r\n", 403),
        ("/health", "", 400),
        ("/mcp", &host, 400),
    ] {
        let answer = get(&server, path, headers).to_lowercase();
        assert_eq!(status(&answer), wanted, "{answer}");
        let head = answer.split("\r\n\r\n").next().unwrap();
        for line in [
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "content-security-policy: default-src 'none'; frame-ancestors 'none'",
            "cache-control: no-store",
        ] {
            assert_eq!(head.matches(line).count(), 1, "{line}: {head}");
        }
        assert!(!head.contains("strict-transport-security"), "{head}");
    }
}

#[test]
fn a_refusal_has_the_trace_to_quote() {
    let server = Running::start(&[]);
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let head = format!("Host: evil.example\r\nTraceparent: 00-{trace}-00f067aa0ba902b7-01\r\n");
    let body = |answer: String| -> serde_json::Value {
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    };
    assert_eq!(body(get(&server, "/health", &head))["trace_id"], trace);
    let error = &body(get(&server, "/mcp", &head))["error"];
    assert_eq!(error["data"]["trace_id"], trace);
    assert!(error["message"].as_str().unwrap().ends_with(&format!("(trace {trace})")), "{error}");
    let own = body(get(&server, "/health", "Host: evil.example\r\n"));
    assert!(own["trace_id"].as_str().is_some_and(|trace| trace.len() == 32), "{own}");
}
