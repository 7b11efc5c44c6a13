//! Sign-in by tokens that their authorization server is asked about, through the binary: how it is asked, which answers
//! let in, and what happens while it is away.

use crate::support::{
    door::{Answer, call, configured},
    introspector::{ID, Introspector, SECRET},
    issuer::{IssuerServer, Key},
    running::Running,
};
use serde_json::{Value, json};
use std::time::Duration;

/// A server that asks this authorization server, with more settings.
fn server(asked: &Introspector, more: &str) -> (Running, tempfile::TempDir) {
    configured(&yaml(asked, more))
}

fn yaml(asked: &Introspector, more: &str) -> String {
    format!(
        "auth:\n  mode: required\n  providers:\n    introspection:\n      issuer: {}\n      client_id: \"{ID}\"\n      client_secret: \"{SECRET}\"\n{more}tools:\n  hello: {{}}\n",
        asked.url
    )
}

fn is_challenge(answer: &Answer, told: &str) -> bool {
    let said = answer.challenge.clone().unwrap_or_default();
    answer.status == 401
        && said.contains(r#"error="invalid_token""#)
        && said.contains("resource_metadata=")
        && said.contains(told)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_endpoint_is_found_and_asked_in_either_way_and_good_tokens_get_a_tool_result() {
    let asked = Introspector::start().await;
    let given = format!("      introspection_url: {}/introspect\n", asked.url);
    for (more, how) in
        [("", "basic"), (given.as_str(), "basic"), ("      client_auth_method: client_secret_post\n", "post")]
    {
        let (server, _folder) = server(&asked, more);
        asked.knows("opaque", &server.mcp(), &json!({}));
        let answer = call(&server, "opaque").await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert!(answer.body.contains("Hello, Ann!"), "{}", answer.body);
        let (sent, form) = asked.script().asked.pop().unwrap();
        assert_eq!((sent.as_str(), form["token_type_hint"].as_str()), (how, "access_token"));
        assert_eq!(form.contains_key("client_secret"), how == "post");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_a_token_decides() {
    let asked = Introspector::start().await;
    let (server, _folder) = server(&asked, "");
    let now = jiff::Timestamp::now().as_second();
    for (what, said, told) in [
        ("revoked", json!({ "active": false }), "not valid"),
        ("expired", json!({ "exp": now - 61 }), "expired"),
        ("not yet", json!({ "nbf": now + 3600 }), "not valid"),
        ("another audience", json!({ "aud": "https://other.example/mcp" }), "another server"),
        ("no audience", json!({ "aud": null }), "another server"),
        ("another issuer", json!({ "iss": "https://other.example" }), "not valid"),
        ("a refresh token", json!({ "token_type": "refresh_token" }), "not valid"),
        ("bound to a key", json!({ "token_type": "DPoP" }), "not valid"),
        ("nobody", json!({ "sub": null }), "not valid"),
    ] {
        let token = what.replace(' ', "-");
        asked.knows(&token, &server.mcp(), &said);
        let answer = call(&server, &token).await;
        assert!(is_challenge(&answer, told), "{what}: {} {:?}", answer.status, answer.challenge);
    }
    assert!(is_challenge(&call(&server, "unknown").await, "not valid"));
    let before = asked.asked();
    let unsigned = "eyJhbGciOiJub25lIn0.e30.";
    assert!(is_challenge(&call(&server, unsigned).await, "not valid"));
    assert!(is_challenge(&call(&server, "tmcp_x").await, "not valid"));
    assert_eq!(asked.asked(), before, "signed tokens and those of other kinds are nobody's here");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_that_show_one_token_are_one_question_and_what_is_not_remembered_is_asked_anew() {
    let asked = Introspector::start().await;
    let (remembering, _folder) = server(&asked, "");
    asked.knows("opaque", &remembering.mcp(), &json!({}));
    asked.script().takes = Duration::from_millis(300);
    let answers = futures_util::future::join_all((0..20).map(|_| call(&remembering, "opaque"))).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!(asked.asked(), 1);
    let (forgetting, _other) = server(&asked, "      cache_ttl: 0s\n");
    asked.knows("opaque", &forgetting.mcp(), &json!({}));
    assert_eq!(call(&forgetting, "opaque").await.status, 200);
    asked.script().tokens.clear();
    for _ in 0..2 {
        assert!(is_challenge(&call(&forgetting, "opaque").await, "not valid"), "it was taken back");
    }
    assert_eq!(asked.asked(), 4, "what is refused is asked for again");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_cannot_judge_is_no_reason_to_sign_in_anew() {
    let asked = Introspector::start().await;
    let (server, _folder) = server(&asked, "");
    asked.knows("known", &server.mcp(), &json!({}));
    assert_eq!(call(&server, "known").await.status, 200);
    let elsewhere = ("location", "http://127.0.0.1:9/introspect");
    let instead = |status: u16, body: &str, line| asked.script().instead = Some((status, body.into(), line));
    for (status, body, line, told) in [
        (503, "", None, (503, Some("10"))),
        (429, "", Some(("retry-after", "7")), (503, Some("7"))),
        (401, r#"{"error":"invalid_client"}"#, None, (500, None)),
        (400, r#"{"error":"invalid_client"}"#, None, (500, None)),
        (403, "", None, (500, None)),
        (404, "", None, (500, None)),
        (302, "", Some(elsewhere), (500, None)),
        (200, "<html>", None, (500, None)),
        (200, r#"{"active":"true"}"#, None, (500, None)),
        (200, r#"{"error":"x"}"#, None, (500, None)),
    ] {
        instead(status, body, line);
        let answer = call(&server, "new").await;
        assert_eq!((answer.status, answer.retry_after.as_deref()), told, "{status} {body}");
        assert_eq!(answer.challenge, None, "{status} {body}");
        assert!(!answer.body.contains(&asked.url), "{}", answer.body);
        assert_eq!(call(&server, "known").await.status, 200, "what is known goes on");
    }
    instead(400, r#"{"error":"invalid_request"}"#, None);
    assert!(is_challenge(&call(&server, "strange").await, "not valid"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_the_operators_fault_and_in_no_line_of_the_log() {
    let asked = Introspector::start().await;
    let folder = tempfile::tempdir().unwrap();
    let (file, log) = (folder.path().join("c.yaml"), folder.path().join("log"));
    std::fs::write(&file, yaml(&asked, "").replace(SECRET, "LEAK-other")).unwrap();
    let mut server = Running::start_with(&["--verbose", "--config", file.to_str().unwrap()], |command| {
        command.env("RUST_LOG", "trace,hyper=trace,reqwest=trace");
        command.stderr(std::fs::File::create(&log).unwrap());
    });
    let answer = call(&server, "LEAK-token").await;
    assert_eq!((answer.status, answer.challenge), (500, None), "{}", answer.body);
    server.terminate();
    assert!(server.child.wait().unwrap().success());
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("does not accept the client `mcp:rs`"), "{log}");
    assert!(!log.contains("LEAK"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_other_providers_each_token_goes_to_one() {
    let (asked, key) = (Introspector::start().await, Key::new("k"));
    let issuer = IssuerServer::start(&[&key]).await;
    let more = format!("    oidc:\n      issuer: {}\n", issuer.url);
    let (server, _folder) = server(&asked, &more);
    asked.knows("opaque", &server.mcp(), &json!({}));
    assert_eq!(call(&server, "opaque").await.status, 200);
    assert_eq!(call(&server, &key.sign(&json!({}), &issuer.claims(&server.mcp()))).await.status, 200);
    assert_eq!(asked.asked(), 1, "a signed token is not shown to who does not own it");
    let document = reqwest::get(format!("{}/.well-known/oauth-protected-resource/mcp", server.url)).await;
    let document: Value = document.unwrap().json().await.unwrap();
    assert_eq!(document["authorization_servers"], json!([asked.url, issuer.url]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_token_that_was_taken_back_is_refused_where_it_is_asked_about() {
    let (asked, key) = (Introspector::start().await, Key::new("k"));
    let (server, _folder) = server(&asked, "      signed: true\n");
    let now = jiff::Timestamp::now().as_second();
    let token = key.sign(&json!({}), &json!({ "iss": asked.url, "sub": "ann", "exp": now + 300 }));
    assert!(is_challenge(&call(&server, &token).await, "not valid"));
    asked.knows(&token, &server.mcp(), &json!({}));
    assert_eq!(call(&server, &token).await.status, 200);
    let other = key.sign(&json!({}), &json!({ "iss": "https://other.example", "sub": "ann" }));
    let before = asked.asked();
    assert!(is_challenge(&call(&server, &other).await, "not valid"));
    assert_eq!(asked.asked(), before);
}
