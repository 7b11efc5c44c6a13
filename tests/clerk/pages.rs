//! Sessions of browsers open pages, and nothing else.

use crate::support::{
    clerk::{ANN, FakeClerk, SECRET, user},
    issuer::{Key, over},
};
use serde_json::{Value, json};
use std::sync::Arc;
use twenty_mcp::seam::{
    AuthError, AuthProviderEntry, BearerToken, ProtectedResource, Setup, Surface, Verifier,
};

const OWN: &str = "https://mcp.example";

fn provider(clerk: &FakeClerk, more: &Value) -> Arc<dyn Verifier> {
    let entry = AuthProviderEntry::all();
    let entry = entry.iter().find(|entry| entry.origin.key() == "clerk").unwrap();
    let settings = json!({ "issuer": clerk.front.url, "api_url": clerk.api, "secret_key": SECRET });
    (entry.build)((entry.settings.read)(over(settings, more)).unwrap(), &Setup::default()).unwrap()
}

async fn shown(provider: &Arc<dyn Verifier>, token: &str, surface: Surface) -> Result<String, AuthError> {
    let here = ProtectedResource::new(vec![OWN.into()]);
    let token = BearerToken::parse(token).unwrap();
    assert!(provider.recognises(&token));
    provider.verify(&token, &here, surface).await.map(|user| user.subject.as_str().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_session_opens_pages_and_no_calls() {
    let (key, plain) = (Key::rsa("k"), json!({ "typ": "JWT" }));
    let clerk = FakeClerk::start(&[&key]).await;
    let provider = provider(&clerk, &json!({}));
    let session = key.sign(&plain, &clerk.session(OWN));
    assert_eq!(shown(&provider, &session, Surface::Calls).await, Err(AuthError::Invalid));
    assert_eq!(clerk.asked(""), 0, "Clerk is not even asked");
    assert_eq!(shown(&provider, &session, Surface::Pages).await, Ok(ANN.into()));
    let access = key.sign(&json!({}), &clerk.claims(&format!("{OWN}/mcp")));
    for surface in [Surface::Calls, Surface::Pages] {
        assert_eq!(shown(&provider, &access, surface).await, Ok(ANN.into()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_must_go_on_be_its_users_and_be_shown_by_a_page_that_may() {
    let (key, foreign) = (Key::rsa("k"), Key::rsa("k"));
    let clerk = FakeClerk::start(&[&key]).await;
    let app = "https://app.example";
    let provider = provider(&clerk, &json!({ "authorized_parties": [app] }));
    let claims = clerk.session(OWN);
    let now = claims["iat"].as_i64().unwrap();
    for (id, change) in
        [("sess_ended", json!({ "status": "ended" })), ("sess_pending", json!({ "status": "pending" }))]
    {
        let mut state = clerk.state.lock().unwrap();
        let session = over(state.sessions["sess_1"].clone(), &over(change, &json!({ "id": id })));
        state.sessions.insert(id.into(), session);
    }
    let barred = "user_barred";
    clerk.state.lock().unwrap().users.insert(barred.into(), user(barred, json!({ "banned": true })));
    let with = |more: Value| key.sign(&json!({ "typ": "JWT" }), &over(claims.clone(), &more));
    for (what, token) in [
        ("its own page", with(json!({}))),
        ("a page that may", with(json!({ "azp": app }))),
        ("no page", with(json!({ "azp": null }))),
        ("no status", with(json!({ "sts": null }))),
        ("an unknown header", key.sign(&json!({ "typ": "JWT", "oiat": 1 }), &claims)),
    ] {
        assert_eq!(shown(&provider, &token, Surface::Pages).await, Ok(ANN.into()), "{what}");
    }
    for (what, token) in [
        ("a page that may not", with(json!({ "azp": "https://evil.example" }))),
        ("a page that is no text", with(json!({ "azp": [OWN] }))),
        ("pending", with(json!({ "sts": "pending" }))),
        ("ended", with(json!({ "sid": "sess_ended" }))),
        ("pending at Clerk", with(json!({ "sid": "sess_pending" }))),
        ("unknown", with(json!({ "sid": "sess_2" }))),
        ("a path", with(json!({ "sid": "sess_1/../sess_1" }))),
        ("another user's", with(json!({ "sub": barred }))),
        ("not yet", with(json!({ "nbf": now + 60 }))),
        ("no end", with(json!({ "exp": null }))),
        ("another key", foreign.sign(&json!({ "typ": "JWT" }), &claims)),
        ("an ID token", key.sign(&json!({ "typ": "JWT" }), &over(claims.clone(), &json!({ "sid": null })))),
    ] {
        assert_eq!(shown(&provider, &token, Surface::Pages).await, Err(AuthError::Invalid), "{what}");
    }
    assert_eq!(
        shown(&provider, &with(json!({ "exp": now - 6 })), Surface::Pages).await,
        Err(AuthError::Expired)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_secret_key_no_session_opens_anything() {
    let key = Key::rsa("k");
    let clerk = FakeClerk::start(&[&key]).await;
    let provider = provider(&clerk, &json!({ "secret_key": null }));
    let session = key.sign(&json!({ "typ": "JWT" }), &clerk.session(OWN));
    assert_eq!(shown(&provider, &session, Surface::Pages).await, Err(AuthError::Invalid));
    assert_eq!(shown(&provider, "oat_x", Surface::Calls).await, Err(AuthError::Invalid));
    let access = key.sign(&json!({}), &clerk.claims(&format!("{OWN}/mcp")));
    assert_eq!(shown(&provider, &access, Surface::Calls).await, Ok(ANN.into()));
    assert_eq!(clerk.asked(""), 0);
}
