//! Which addresses may ask, through real ports; every 127.x.x.x is an address of this machine to ask from.

use crate::support::running::{Running, command};
use serde_json::Value;
use std::{io::Write, net::SocketAddr, process::Command};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpSocket,
};

const PROXY: &str = "127.0.0.2";
const OTHER: &str = "127.0.0.1";

fn server(variables: &'static [(&str, &str)]) -> Running {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("c.yaml");
    // The recording before it stands at 127.0.0.1, and asks from the addresses that it is asked from.
    std::fs::write(&file, "server: { bind: \"127.0.0.2:0\" }\n").unwrap();
    Running::start_with(&["--sandbox", "--config", file.to_str().unwrap()], |command: &mut Command| {
        command.envs(variables.iter().copied());
    })
}

/// Sends bytes from an address; the status, the head and the body of the answer.
async fn exchange(authority: &str, from: &str, request: &str) -> (u16, String, String) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::new(from.parse().unwrap(), 0)).unwrap();
    let mut stream = socket.connect(authority.parse().unwrap()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, head.to_lowercase(), body.to_owned())
}

/// Asks for a path from an address, with these header lines.
async fn ask(authority: &str, from: &str, path: &str, headers: &str) -> (u16, String, String) {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n{headers}\r\n");
    exchange(authority, from, &request).await
}

async fn status(server: &Running, from: &str, headers: &str) -> u16 {
    ask(server.authority(), from, "/health", headers).await.0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_is_believed_and_nobody_else() {
    let server = server(&[
        ("IP_PROTECTION_ENABLED", "true"),
        ("IP_ALLOWLIST", "203.0.113.0/24, 2001:db8::/32"),
        ("TRUSTED_PROXIES", "127.0.0.2,10.0.0.0/8"),
    ]);
    for (headers, by_proxy, directly) in [
        ("", 403, 200),
        ("X-Forwarded-For: 203.0.113.5\r\n", 200, 403),
        ("x-forwarded-for: 2001:db8::7\r\n", 200, 403),
        ("X-Forwarded-For: [2001:db8::7]:4711\r\n", 200, 403),
        ("X-Forwarded-For: ::ffff:203.0.113.5\r\n", 200, 403),
        ("X-Forwarded-For: 203.0.113.5, 10.1.1.1\r\n", 200, 403),
        ("X-Forwarded-For: 203.0.113.5\r\nX-Forwarded-For: 10.1.1.1\r\n", 200, 403),
        ("Forwarded: for=203.0.113.5;proto=https\r\n", 200, 403),
        ("Forwarded: for=\"[2001:db8::7]:80\", for=10.1.1.1\r\n", 200, 403),
        ("X-Forwarded-For: 203.0.113.5\r\nForwarded: for=203.0.113.5\r\n", 200, 403),
        // The caller's own words before the proxy's.
        ("X-Forwarded-For: 203.0.113.5, 198.51.100.9\r\n", 403, 403),
        ("X-Forwarded-For: 203.0.113.5\r\nX-Forwarded-For: 198.51.100.9\r\n", 403, 403),
        ("X-Forwarded-For: 127.0.0.1, 198.51.100.9\r\n", 403, 403),
        ("Forwarded: for=203.0.113.5, for=198.51.100.9\r\n", 403, 403),
        ("Forwarded: for=\"203.0.113.5\r\nForwarded: for=198.51.100.9\"\r\n", 403, 403),
        ("Forwarded: for=203.0.113.5\r\nX-Forwarded-For: 198.51.100.9\r\n", 403, 403),
        ("X-Real-IP: 203.0.113.5\r\n", 403, 403),
        ("X-Forwarded_For: 203.0.113.5\r\n", 403, 200),
        ("X-Forwarded-For: 203.0.113.5 198.51.100.9\r\n", 403, 403),
        ("X-Forwarded-For: 203.0.113.5%eth0\r\n", 403, 403),
        // Loopback is not exempt behind a proxy.
        ("X-Forwarded-For: 127.0.0.1\r\n", 403, 403),
        ("X-Forwarded-For: ::1\r\n", 403, 403),
        ("Forwarded: for=\"[::ffff:127.0.0.1]\"\r\n", 403, 403),
        ("X-Forwarded-For: unknown\r\n", 403, 403),
        ("Forwarded: for=_hidden\r\n", 403, 403),
        ("Forwarded: by=203.0.113.5\r\n", 403, 403),
    ] {
        assert_eq!(status(&server, PROXY, headers).await, by_proxy, "by the proxy: {headers}");
        assert_eq!(status(&server, OTHER, headers).await, directly, "directly: {headers}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_route_of_any_listener_is_left_out_and_nothing_else_is_looked_at() {
    let server =
        server(&[("IP_PROTECTION_ENABLED", "1"), ("IP_ALLOWLIST", "10.0.0.0/8"), ("TRUSTED_PROXIES", PROXY)]);
    let spoof = "X-Forwarded-For: 198.51.100.9\r\nTraceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n";
    for authority in [server.authority(), server.sandbox()] {
        for path in ["/", "/mcp", "/health", "/graphql", "/nothing", "//mcp", "/mcp?x=%00"] {
            let (status, head, body) = ask(authority, PROXY, path, spoof).await;
            assert_eq!(status, 403, "{authority}{path}");
            assert!(head.contains("content-type: application/json") && head.contains("nosniff"), "{head}");
            let body: Value = serde_json::from_str(&body).unwrap();
            assert_eq!(body["error"], "forbidden");
            assert_eq!(body["error_description"], "Access denied for IP: 198.51.100.9");
            assert_eq!(body["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
        }
        // A wrong Host and a body that nobody reads: the address comes first.
        let request = format!(
            "POST /mcp HTTP/1.1\r\nHost: evil.example\r\n{spoof}Content-Length: 99999999\r\nConnection: close\r\n\r\n{{"
        );
        assert_eq!(exchange(authority, PROXY, &request).await.0, 403);
    }
    let preflight = format!(
        "OPTIONS /mcp HTTP/1.1\r\nHost: {}\r\nOrigin: http://{0}\r\nAccess-Control-Request-Method: POST\r\n{spoof}Connection: close\r\n\r\n",
        server.authority()
    );
    let (status, head, _) = exchange(server.authority(), PROXY, &preflight).await;
    assert!(status == 403 && !head.contains("access-control"), "{head}");
}

#[tokio::test(flavor = "multi_thread")]
async fn as_with_the_typescript_server_this_machine_itself_may_ask_and_health_tells_of_the_protection() {
    let server = server(&[("IP_PROTECTION_ENABLED", "true"), ("IP_ALLOWLIST", "192.168.1.0/24")]);
    let (status, _, body) = ask(server.authority(), OTHER, "/health", "").await;
    assert_eq!(status, 200);
    assert_eq!(serde_json::from_str::<Value>(&body).unwrap()["ipProtection"], true);
    let spoofed = ask(server.authority(), OTHER, "/health", "X-Forwarded-For: 192.168.1.5\r\n").await;
    assert_eq!(spoofed.0, 403, "a proxy that nobody named");
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_the_proxy_does_not_name_block_unknown_lets_in_or_keeps_out() {
    let server = server(&[
        ("IP_PROTECTION_ENABLED", "true"),
        ("IP_ALLOWLIST", "10.0.0.0/8"),
        ("TRUSTED_PROXIES", PROXY),
        ("IP_BLOCK_UNKNOWN", "false"),
    ]);
    for (headers, wanted) in [
        ("", 200),
        ("X-Forwarded-For: unknown\r\n", 200),
        ("Forwarded: for=_hidden\r\n", 200),
        ("X-Forwarded-For: 198.51.100.9\r\n", 403),
        ("X-Forwarded-For: \r\n", 403),
        ("X-Forwarded-For: nonsense\r\n", 403),
        ("Forwarded: for=\"x, for=198.51.100.9\r\n", 403),
        ("Forwarded: for=unknown\r\nX-Forwarded-For: 198.51.100.9\r\n", 403),
    ] {
        assert_eq!(status(&server, PROXY, headers).await, wanted, "{headers}");
    }
}

#[test]
fn what_the_operator_hardly_meant_is_told() {
    for (ip, told) in [
        ("enabled: true", "`server.ip.allow` is empty"),
        ("enabled: true, allow: [10.0.0.0/8]", "`server.ip.trusted_proxies`"),
        ("trusted_proxies: [\"::/0\"]", "trusts every address"),
    ] {
        let (mut command, folder) = command(&["config", "check", "config.yaml"]);
        let mut file = std::fs::File::create(folder.path().join("config.yaml")).unwrap();
        writeln!(file, "server: {{ ip: {{ {ip} }} }}").unwrap();
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{said}");
        assert!(said.contains(told), "{said}");
    }
}
