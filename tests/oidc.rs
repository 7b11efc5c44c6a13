//! Sign-in by tokens of an OpenID Connect provider, through the binary: which tokens get in, what the others are told,
//! and what happens while the provider changes its keys or is away.

use crate::support::{
    door::{call, configured},
    issuer::{IssuerServer, Key, over, unsigned},
    running::Running,
};
use serde_json::{Value, json};
use std::sync::atomic::Ordering;

/// A server that lets in who signs in at this issuer, with more settings of `oidc`.
fn server(issuer: &IssuerServer, more: &str) -> (Running, tempfile::TempDir) {
    configured(&format!(
        "auth:\n  mode: required\n  providers:\n    oidc:\n      issuer: {}\n{more}tools:\n  hello: {{}}\n",
        issuer.url
    ))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_token_gets_a_tool_result_under_each_name_of_the_server() {
    let key = Key::new("k");
    let issuer = IssuerServer::start(&[&key]).await;
    let (server, _folder) = server(&issuer, "");
    let port = server.authority().rsplit(':').next().unwrap();
    for host in ["127.0.0.1", "localhost", "[::1]"] {
        for end in ["", "/"] {
            let claims = issuer.claims(&format!("http://{host}:{port}/mcp{end}"));
            let answer = call(&server, &key.sign(&json!({}), &claims)).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            assert!(answer.body.contains("Hello, Ann!"), "{}", answer.body);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_forged_token_is_refused_with_its_reason() {
    let (key, foreign) = (Key::new("k"), Key::new("k"));
    let issuer = IssuerServer::start(&[&key]).await;
    let (server, _folder) = server(&issuer, "");
    let claims = issuer.claims(&server.mcp());
    let now = claims["iat"].as_i64().unwrap();
    let with = |more: Value| key.sign(&json!({}), &over(claims.clone(), &more));
    let hmac = {
        let signed = unsigned(&json!({ "alg": "HS256", "typ": "at+jwt", "kid": "k" }), &claims);
        let secret = jsonwebtoken::EncodingKey::from_secret(key.public().to_string().as_bytes());
        let algorithm = jsonwebtoken::Algorithm::HS256;
        format!("{signed}.{}", jsonwebtoken::crypto::sign(signed.as_bytes(), &secret, algorithm).unwrap())
    };
    let evil =
        json!({ "jku": "http://127.0.0.1:9/keys", "x5u": "http://127.0.0.1:9/x", "jwk": foreign.public() });
    let good = with(json!({}));
    let cases = [
        (
            "alg none",
            format!("{}.", unsigned(&json!({ "alg": "none", "typ": "at+jwt" }), &claims)),
            "not valid",
        ),
        ("HS256 with the public key", hmac, "not valid"),
        ("another kid", key.sign(&json!({ "kid": "other" }), &claims), "not valid"),
        ("another key", foreign.sign(&json!({}), &claims), "not valid"),
        ("the attacker's own key", foreign.sign(&evil, &claims), "not valid"),
        ("expired", with(json!({ "exp": now - 61 })), "expired"),
        ("not yet", with(json!({ "nbf": now + 3600 })), "not valid"),
        ("from the future", with(json!({ "iat": now + 3600 })), "not valid"),
        ("no end", with(json!({ "exp": null })), "not valid"),
        ("another issuer", with(json!({ "iss": "http://127.0.0.1:9" })), "not valid"),
        ("nearly the issuer", with(json!({ "iss": format!("{}/", issuer.url) })), "not valid"),
        ("another audience", with(json!({ "aud": "https://other.example/mcp" })), "another server"),
        ("no audience", with(json!({ "aud": null })), "another server"),
        ("the origin alone", with(json!({ "aud": server.url })), "another server"),
        (
            "an ID token",
            key.sign(&json!({ "typ": "JWT" }), &over(claims.clone(), &json!({ "aud": "c1" }))),
            "not valid",
        ),
        ("an ID token in disguise", with(json!({ "at_hash": "x" })), "not valid"),
        ("nobody", with(json!({ "sub": null })), "not valid"),
        ("cut", good[..good.len() - 1].to_owned(), "not valid"),
        ("opaque", "oat_0123456789".to_owned(), "not valid"),
        ("placeholder", "mock-token".to_owned(), ""),
    ];
    assert_eq!(call(&server, &good).await.status, 200);
    for (what, token, told) in cases {
        let answer = call(&server, &token).await;
        assert_eq!(answer.status, 401, "{what}: {}", answer.body);
        let challenge = answer.challenge.unwrap();
        assert!(challenge.contains(r#"error="invalid_token""#), "{what}: {challenge}");
        assert!(challenge.contains("resource_metadata=") && challenge.contains(told), "{what}: {challenge}");
        assert!(!answer.body.contains(&token), "{what}");
    }
    assert!(
        issuer.asked.load(Ordering::SeqCst) < 15,
        "forged tokens are no reason to ask for keys again and again"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_may_change_under_load() {
    let (first, second) = (Key::new("first"), Key::new("second"));
    let issuer = IssuerServer::start(&[&first]).await;
    let (server, _folder) = server(&issuer, "");
    let token = |key: &Key, n: usize| {
        key.sign(&json!({}), &over(issuer.claims(&server.mcp()), &json!({ "jti": n.to_string() })))
    };
    assert_eq!(call(&server, &token(&first, 0)).await.status, 200);
    issuer.keys.lock().unwrap().push(second.public());
    let calls = (0..60).map(|n| token(if n % 2 == 0 { &first } else { &second }, n));
    let calls: Vec<String> = calls.collect();
    let answers = futures_util::future::join_all(calls.iter().map(|token| call(&server, token))).await;
    for answer in answers {
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    assert_eq!(issuer.asked.load(Ordering::SeqCst), 2, "once before, once for the new key");
    let unknown = Key::new("unknown");
    let calls: Vec<String> = (0..60).map(|n| token(&unknown, n)).collect();
    let answers = futures_util::future::join_all(calls.iter().map(|token| call(&server, token))).await;
    assert!(answers.iter().all(|answer| answer.status == 401));
    assert!(issuer.asked.load(Ordering::SeqCst) < 30, "{}", issuer.asked.load(Ordering::SeqCst));
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_provider_is_away_known_tokens_go_on_and_others_are_asked_to_wait() {
    let (key, unknown) = (Key::new("k"), Key::new("unknown"));
    let issuer = IssuerServer::start(&[&key]).await;
    let (server, _folder) = server(&issuer, "");
    let claims = issuer.claims(&server.mcp());
    let known = key.sign(&json!({}), &claims);
    issuer.down.store(true, Ordering::SeqCst);
    for _ in 0..2 {
        let answer = call(&server, &known).await;
        assert_eq!((answer.status, answer.challenge), (503, None), "{}", answer.body);
        assert!(answer.retry_after.is_some());
    }
    issuer.down.store(false, Ordering::SeqCst);
    assert_eq!(call(&server, &known).await.status, 200);
    issuer.down.store(true, Ordering::SeqCst);
    assert_eq!(call(&server, &known).await.status, 200);
    let answer = call(&server, &unknown.sign(&json!({}), &claims)).await;
    assert_eq!((answer.status, answer.challenge), (503, None), "{}", answer.body);
    let document = reqwest::get(format!("{}/.well-known/oauth-protected-resource/mcp", server.url)).await;
    assert_eq!(document.unwrap().status().as_u16(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_provider_does_otherwise_can_be_said() {
    let key = Key::new("k");
    let issuer = IssuerServer::start(&[&key]).await;
    let (strict, _folder) = server(
        &issuer,
        &format!("      audience: api://crm\n      typ: any\n      jwks_url: {}/keys\n", issuer.url),
    );
    let (observing, _other) = server(&issuer, "      audience_check: observe\n");
    let token = |header: Value, claims: Value| key.sign(&header, &over(issuer.claims("api://crm"), &claims));
    let plain = json!({ "typ": "JWT" });
    assert_eq!(call(&strict, &token(plain.clone(), json!({}))).await.status, 200);
    assert_eq!(call(&strict, &token(plain.clone(), json!({ "at_hash": "x" }))).await.status, 401);
    assert_eq!(call(&strict, &token(plain.clone(), json!({ "aud": "api://other" }))).await.status, 401);
    assert_eq!(call(&observing, &token(json!({}), json!({ "aud": "api://other" }))).await.status, 200);
    assert_eq!(call(&observing, &token(plain, json!({}))).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_that_calls_itself_otherwise_is_the_operators_fault() {
    let key = Key::new("k");
    let issuer = IssuerServer::start(&[&key]).await;
    let other = issuer.url.replace("127.0.0.1", "localhost");
    let (server, _folder) = configured(&format!(
        "auth: {{ mode: required, providers: {{ oidc: {{ issuer: \"{other}\" }} }} }}\n"
    ));
    let claims = over(issuer.claims(&server.mcp()), &json!({ "iss": other }));
    let answer = call(&server, &key.sign(&json!({}), &claims)).await;
    assert_eq!((answer.status, answer.challenge), (500, None), "{}", answer.body);
    assert!(!answer.body.contains(&issuer.url), "{}", answer.body);
}
