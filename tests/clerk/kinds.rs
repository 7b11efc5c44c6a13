//! Every kind of token that Clerk gives out, good and forged, in both versions of its Backend API.

use super::server;
use crate::support::{
    clerk::{ANN, FakeClerk, user},
    door::call,
    issuer::{Key, over, unsigned},
    running::Running,
};
use jsonwebtoken::{Algorithm, EncodingKey, crypto::sign};
use serde_json::{Value, json};

const BANNED: &str = "user_banned000000000000000000000";
const LOCKED: &str = "user_locked000000000000000000000";
const GONE: &str = "user_gone00000000000000000000000";

/// A token under test and what its bearer is told; nothing where it is let in.
struct Case {
    what: &'static str,
    token: String,
    told: Option<&'static str>,
}

fn good(what: &'static str, token: String) -> Case {
    Case { what, token, told: None }
}

fn bad(what: &'static str, token: String) -> Case {
    Case { what, token, told: Some("not valid") }
}

fn told(what: &'static str, token: String, told: &'static str) -> Case {
    Case { what, token, told: Some(told) }
}

/// The keys of an application: one for RS256 alone, one for RSA in any way, one of another kind.
struct Keys {
    own: Key,
    any: Key,
    curve: Key,
    foreign: Key,
}

impl Keys {
    fn new() -> Self {
        Self { own: Key::rsa("k"), any: Key::rsa("any"), curve: Key::new("curve"), foreign: Key::rsa("k") }
    }
}

fn signed(clerk: &FakeClerk, keys: &Keys, resource: &str) -> Vec<Case> {
    let claims = clerk.claims(resource);
    let now = claims["iat"].as_i64().unwrap();
    let with = |more: Value| keys.own.sign(&json!({}), &over(claims.clone(), &more));
    let headed = |header: Value| keys.own.sign(&header, &claims);
    let of_kind = |header: Value, more: Value| keys.own.sign(&header, &over(claims.clone(), &more));
    let hmac = {
        let signed = unsigned(&json!({ "alg": "HS256", "typ": "at+jwt", "kid": "k" }), &claims);
        let secret = EncodingKey::from_secret(keys.own.public().to_string().as_bytes());
        format!("{signed}.{}", sign(signed.as_bytes(), &secret, Algorithm::HS256).unwrap())
    };
    let plain = json!({ "typ": "JWT" });
    let whole = with(json!({}));
    vec![
        good("signed", with(json!({ "jti": "1" }))),
        good("its type in full", headed(json!({ "typ": "application/at+jwt" }))),
        good("several audiences", with(json!({ "aud": ["https://other.example", resource] }))),
        good("a slash behind the audience", with(json!({ "aud": format!("{resource}/") }))),
        good("RS384", keys.any.sign_by(Algorithm::RS384, &json!({}), &claims)),
        good("RS512", keys.any.sign_by(Algorithm::RS512, &json!({}), &claims)),
        good("scopes in a list", with(json!({ "scope": null, "scp": ["openid"] }))),
        good("with a session", with(json!({ "sid": "sess_1" }))),
        bad("PS256", keys.any.sign_by(Algorithm::PS256, &json!({}), &claims)),
        bad("RS512 by a key for RS256", keys.own.sign_by(Algorithm::RS512, &json!({}), &claims)),
        bad("ES256 by a key of the issuer", keys.curve.sign(&json!({}), &claims)),
        bad("alg none", format!("{}.", unsigned(&json!({ "alg": "none", "typ": "at+jwt" }), &claims))),
        bad("HS256 with the public key", hmac),
        bad("another's key", keys.foreign.sign(&json!({}), &claims)),
        bad(
            "another's key, brought along",
            keys.foreign.sign(&json!({ "jwk": keys.foreign.public() }), &claims),
        ),
        bad("an unknown key", headed(json!({ "kid": "unknown" }))),
        bad("critical", headed(json!({ "crit": ["exp"] }))),
        bad("cut", whole[..whole.len() - 1].to_owned()),
        told("expired", with(json!({ "exp": now - 6 })), "expired"),
        bad("no end", with(json!({ "exp": null }))),
        bad("not yet", with(json!({ "nbf": now + 60 }))),
        bad("from the future", with(json!({ "iat": now + 60 }))),
        bad("another issuer", with(json!({ "iss": "http://127.0.0.1:9" }))),
        bad("nearly the issuer", with(json!({ "iss": format!("{}/", clerk.front.url) }))),
        told("another audience", with(json!({ "aud": "https://other.example/mcp" })), "another server"),
        told("no audience", with(json!({ "aud": null })), "another server"),
        told("the client as audience", with(json!({ "aud": "c1" })), "another server"),
        bad("an ID token", of_kind(plain.clone(), json!({ "aud": "c1", "at_hash": "x" }))),
        bad("an ID token for this server", of_kind(plain.clone(), json!({}))),
        bad("an ID token in disguise", with(json!({ "at_hash": "x" }))),
        bad("no type", headed(json!({ "typ": null }))),
        bad("a machine's", with(json!({ "sub": "mch_2xhFjEI5X2qWRvtV13BzSj8H6Dk" }))),
        bad("of the machines' category", headed(json!({ "cat": "cl_B7d4PD333AAA" }))),
        bad("nobody's", with(json!({ "sub": null }))),
        bad("no user's", with(json!({ "sub": "client_1" }))),
        bad("a user's whose id is a path", with(json!({ "sub": "user_1/../user_2" }))),
        bad("a banned user's", with(json!({ "sub": BANNED }))),
        bad("a locked user's", with(json!({ "sub": LOCKED }))),
        bad("a deleted user's", with(json!({ "sub": GONE }))),
        bad("a session's", keys.own.sign(&plain, &clerk.session("http://127.0.0.1:9"))),
        bad(
            "a session's, for this server",
            keys.own.sign(&plain, &over(clerk.session("x"), &json!({ "aud": resource, "azp": null }))),
        ),
        told(
            "a session's, as access token",
            keys.own.sign(&json!({}), &clerk.session("x")),
            "another server",
        ),
    ]
}

fn opaque(clerk: &FakeClerk, resource: &str) -> Vec<Case> {
    let now = jiff::Timestamp::now().as_second();
    let known = |name: &str, more: Value| {
        let token = format!("oat_{name}");
        clerk.knows(&token, resource, &more);
        token
    };
    clerk.state.lock().unwrap().tokens.insert("oat_inactive".into(), json!({ "active": false }));
    vec![
        good("opaque", known("good", json!({}))),
        good("its end in milliseconds", known("ms", json!({ "expiration": (now + 60) * 1000 }))),
        good("one audience as text", known("text", json!({ "aud": resource }))),
        bad("unknown", "oat_unknown".into()),
        bad("inactive", "oat_inactive".into()),
        bad("revoked", known("revoked", json!({ "revoked": true, "revocation_reason": "x" }))),
        told("expired, opaque", known("expired", json!({ "expired": true })), "expired"),
        told("at its end", known("over", json!({ "expiration": now - 1 })), "expired"),
        told(
            "for another, opaque",
            known("other", json!({ "aud": ["https://other.example"] })),
            "another server",
        ),
        told("for nobody, opaque", known("nobody", json!({ "aud": null })), "another server"),
        bad("a banned user's, opaque", known("banned", json!({ "subject": BANNED }))),
        bad("a locked user's, opaque", known("locked", json!({ "subject": LOCKED }))),
        bad("strange letters", "oat_a.b/c+d".into()),
        bad("endless", format!("oat_{}", "x".repeat(8000))),
        bad("a machine's, opaque", "mt_0123456789abcdef".into()),
        bad("an API key", "ak_0123456789abcdef".into()),
        bad("a secret key", "sk_live_0123456789abcdef".into()),
    ]
}

async fn judged(server: &Running, cases: Vec<Case>) {
    for Case { what, token, told } in cases {
        let answer = call(server, &token).await;
        assert!(!answer.body.contains(&token), "{what}");
        let Some(told) = told else {
            assert_eq!(answer.status, 200, "{what}: {}", answer.body);
            assert!(answer.body.contains("Hello, Ann!"), "{what}: {}", answer.body);
            continue;
        };
        assert_eq!(answer.status, 401, "{what}: {}", answer.body);
        let challenge = answer.challenge.unwrap();
        assert!(
            challenge.contains(r#"error="invalid_token""#) && challenge.contains(told),
            "{what}: {challenge}"
        );
        assert!(challenge.contains(r#"scope="openid profile email""#), "{what}: {challenge}");
    }
}

async fn application(keys: &Keys) -> FakeClerk {
    let clerk = FakeClerk::start(&[&keys.own, &keys.curve]).await;
    let any = over(keys.any.public(), &json!({ "alg": null }));
    clerk.front.keys.lock().unwrap().push(any);
    for (id, bar) in [(BANNED, "banned"), (LOCKED, "locked")] {
        let barred = user(id, json!({ bar: true }));
        clerk.state.lock().unwrap().users.insert(id.into(), barred);
    }
    clerk
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_token_gets_its_verdict() {
    let keys = Keys::new();
    for version in ["2026-05-12", "2025-11-10"] {
        let clerk = application(&keys).await;
        let (server, _folder) = server(&clerk, &format!("      api_version: \"{version}\"\n"));
        let signed = signed(&clerk, &keys, &server.mcp());
        let opaque = opaque(&clerk, &server.mcp());
        assert!(signed.len() + opaque.len() > 50);
        judged(&server, signed).await;
        judged(&server, opaque).await;
        assert!(clerk.state.lock().unwrap().versions.iter().all(|asked| asked == version));
        let forged = clerk.front.asked.load(std::sync::atomic::Ordering::SeqCst);
        assert!(forged < 10, "forged tokens are no reason to ask for keys again and again: {forged}");
        assert_eq!(clerk.asked("oat_"), 0, "a token is in no address");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_version_is_asked_for_unless_told_otherwise() {
    let key = Key::rsa("k");
    let clerk = FakeClerk::start(&[&key]).await;
    let (server, _folder) = server(&clerk, "");
    assert_eq!(call(&server, &key.sign(&json!({}), &clerk.claims(&server.mcp()))).await.status, 200);
    assert_eq!(clerk.state.lock().unwrap().versions, ["2026-05-12"]);
    assert_eq!(clerk.state.lock().unwrap().asked, [format!("GET /v1/users/{ANN}")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_audiences_are_let_in_where_the_operator_says_so() {
    let key = Key::rsa("k");
    let clerk = FakeClerk::start(&[&key]).await;
    let (observing, _folder) = server(&clerk, "      audience_check: observe\n");
    let (also, _other) = server(&clerk, "      audience: api://crm\n");
    let token = |aud: Value| key.sign(&json!({}), &over(clerk.claims("x"), &json!({ "aud": aud })));
    clerk.knows("oat_nobody", "", &json!({ "aud": null }));
    clerk.knows("oat_crm", "api://crm", &json!({}));
    assert_eq!(call(&observing, &token(json!(null))).await.status, 200);
    assert_eq!(call(&observing, "oat_nobody").await.status, 200);
    assert_eq!(call(&also, &token(json!("api://crm"))).await.status, 200);
    assert_eq!(call(&also, "oat_crm").await.status, 200);
    assert_eq!(call(&also, "oat_nobody").await.status, 401);
}
