//! Signing in at `/mcp`, through a real port: which callers get in, and what the others are told.

use poem::{EndpointExt, Request, Response, endpoint::make, http::StatusCode};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_util::sync::CancellationToken;
use twenty_mcp::{
    auth::{Guard, kit},
    seam::{AuthMode, AuthProviderEntry, ByteSize, Principal, Secret, Setup},
    server::{self, Health, Site},
};

/// A server whose `/mcp` tells who calls; its caller `ci` has a token, that of `gone` has expired.
struct Server {
    address: String,
    ci: Secret,
    gone: Secret,
    _stop: tokio_util::sync::DropGuard,
}

impl Server {
    async fn start(mode: AuthMode) -> Self {
        let ((ci, ci_hash), (gone, gone_hash)) = (kit::mint(), kit::mint());
        let entry = AuthProviderEntry::all();
        let entry = entry.iter().find(|entry| entry.origin.key() == "static-tokens").unwrap();
        let settings = json!({ "tokens": {
            "ci": { "hash": ci_hash },
            "gone": { "hash": gone_hash, "expires": "2020-01-31" },
        }});
        let settings = (entry.settings.read)(settings).unwrap();
        let provider = (entry.build)(settings, &Setup::default()).unwrap();
        let guard = Guard::new(mode, vec![provider]);

        let mcp = make(|request: Request| async move {
            let principal = request.extensions().get::<Principal>().map(ToString::to_string);
            let token = request.headers().contains_key("authorization");
            Response::builder().body(format!("{} {token}", principal.unwrap()))
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let bound = listener.local_addr().unwrap();
        let mcp = server::bounded(mcp.map_to_response(), ByteSize(64));
        let health = Health { auth_enabled: true, ip_protection: false };
        let stop = CancellationToken::new();
        let site = Site::new(None, bound, &[], &[]);
        let routes = server::routes(mcp, health, &guard.at(site.resource()), None);
        let app = server::guarded(routes, Arc::new(site), Arc::default());
        tokio::spawn(server::serve(listener, app, stop.clone(), Duration::ZERO));
        Self { address: bound.to_string(), ci, gone, _stop: stop.drop_guard() }
    }

    /// Sends a POST with these header lines and a body of this length; answers status, head and body.
    async fn post(&self, target: &str, headers: &str, body: usize) -> (StatusCode, String, String) {
        let address = &self.address;
        let head = format!("POST {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}");
        let body = "x".repeat(body);
        let request = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, head.to_lowercase(), body.to_owned())
    }

    /// The status and body for a caller with this `Authorization`.
    async fn ask(&self, authorization: &str) -> (u16, String) {
        let (status, _, body) = self.post("/mcp", &format!("Authorization: {authorization}\r\n"), 2).await;
        (status.as_u16(), body)
    }
}

#[tokio::test]
async fn rule_11_a_good_token_speaks_for_its_caller_and_goes_no_further() {
    for mode in [AuthMode::Optional, AuthMode::Required] {
        let server = Server::start(mode).await;
        let answer = server.ask(&format!("Bearer {}", server.ci.expose())).await;
        assert_eq!(answer, (200, "ci (static-tokens) false".into()), "{mode:?}");
    }
}

#[tokio::test]
async fn off_looks_at_nothing() {
    let server = Server::start(AuthMode::Off).await;
    assert_eq!(server.ask("Bearer nonsense").await, (200, "anonymous false".into()));
}

#[tokio::test]
async fn without_a_token_only_optional_lets_in() {
    let server = Server::start(AuthMode::Optional).await;
    assert_eq!(server.post("/mcp", "", 2).await.2, "anonymous false");

    let server = Server::start(AuthMode::Required).await;
    let (status, head, body) = server.post("/mcp", "", 2).await;
    assert_eq!(status, 401);
    assert!(head.contains("www-authenticate: bearer realm=\"twenty-mcp\""), "{head}");
    assert!(!head.contains("invalid_token"), "{head}");
    assert!(serde_json::from_str::<Value>(&body).unwrap()["error_description"].is_string());
    let target = format!("/mcp?access_token={}", server.ci.expose());
    assert_eq!(server.post(&target, "", 2).await.0, 401, "a token in the address");
}

#[tokio::test]
async fn rule_09_a_bad_token_is_refused_in_both_modes() {
    for mode in [AuthMode::Optional, AuthMode::Required] {
        let server = Server::start(mode).await;
        let forged = kit::mint().0;
        let bad = [format!("Bearer {}", forged.expose()), "Bearer not-ours".into(), "Bearer".into()];
        for authorization in bad.iter().chain([&format!("Bearer {}", server.gone.expose())]) {
            let (status, head, _) =
                server.post("/mcp", &format!("Authorization: {authorization}\r\n"), 2).await;
            assert_eq!(status, 401, "{mode:?} {authorization}");
            assert!(head.contains("error=\"invalid_token\""), "{head}");
        }
        assert_eq!(server.ask("Basic Y2k6Y2k=").await.0, 401);
        let twice = format!("Authorization: Bearer {}\r\n", server.ci.expose()).repeat(2);
        assert_eq!(server.post("/mcp", &twice, 2).await.0, 400);
    }
}

#[tokio::test]
async fn who_is_not_signed_in_learns_nothing_else() {
    let server = Server::start(AuthMode::Required).await;
    assert_eq!(server.post("/mcp", "Content-Type: text/plain\r\n", 65).await.0, 401);
    let token = format!("Authorization: Bearer {}\r\n", server.ci.expose());
    assert_eq!(server.post("/mcp", &token, 65).await.0, 413);
    assert_eq!(server.post("/nothing", "", 2).await.0, 404);
}

/// One request with a body of two bytes on a connection that stays; the body comes a moment after the head. Answers
/// the head of what the server says.
async fn slowly(stream: &mut TcpStream, headers: &str) -> String {
    let address = stream.peer_addr().unwrap();
    let head = format!("POST /mcp HTTP/1.1\r\nHost: {address}\r\nContent-Length: 2\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    stream.write_all(b"xx").await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(answer).unwrap().to_lowercase();
    let length = head.split("content-length: ").nth(1).unwrap().split("\r\n").next().unwrap();
    stream.read_exact(&mut vec![0; length.parse().unwrap()]).await.unwrap();
    head
}

#[tokio::test]
async fn a_client_whose_body_comes_after_its_refusal_loses_no_request() {
    let server = Server::start(AuthMode::Required).await;
    let mut stream = TcpStream::connect(&server.address).await.unwrap();
    let refused = slowly(&mut stream, "").await;
    assert!(refused.starts_with("http/1.1 401"), "{refused}");
    if refused.contains("connection: close") {
        stream = TcpStream::connect(&server.address).await.unwrap();
    }
    let token = format!("Authorization: Bearer {}\r\n", server.ci.expose());
    let let_in = slowly(&mut stream, &token).await;
    assert!(let_in.starts_with("http/1.1 200"), "{let_in}");
}
