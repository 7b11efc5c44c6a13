//! Sign-in at a provider elsewhere: an OpenID Connect provider, and Clerk.

use super::{Answer, Browser, KEY, called};
use crate::support::{
    clerk::{ANN, FakeClerk, SECRET},
    issuer::{IssuerServer, Key, over},
    running::Running,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, sync::atomic::Ordering};

const CONNECT: &str = "LEAK-connect-secret";

/// A server whose callers sign in elsewhere.
pub struct Here {
    pub server: Running,
    host: String,
    base: String,
    _folder: tempfile::TempDir,
}

impl Here {
    fn start(providers: &Value) -> Self {
        Self::called_by(None, providers)
    }

    /// One that a proxy serves under this name, by https.
    pub fn called_by(name: Option<&str>, providers: &Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = json!({
            "server": {
                "data_dir": folder.path().join("data"),
                "public_url": name.map(|name| format!("https://{name}")).unwrap_or_default(),
            },
            "auth": { "mode": "required", "operator_key": "never", "providers": providers },
            "keys": { "secrets": ["a secret of 32 characters, or some more"] },
            "tools": { "twenty": { "base_url": "sandbox" } },
        });
        let file = folder.path().join("c.yaml");
        std::fs::write(&file, settings.to_string()).unwrap();
        let arguments = ["--config", file.to_str().unwrap()];
        let server = match name {
            Some(_) => Running::start_behind_proxy(&arguments),
            None => Running::start(&arguments),
        };
        // The issuer is no name of this server's: the link has the one that is printed.
        let host = name.map_or_else(|| server.bound(), str::to_owned);
        let base = format!("{}://{host}", if name.is_some() { "https" } else { "http" });
        Self { server, host, base, _folder: folder }
    }

    pub fn resource(&self) -> String {
        format!("{}/mcp", self.base)
    }

    async fn called(&self, token: &str) -> Value {
        called(&self.server, &[("host", &self.host)], token, &json!({}), &json!({})).await
    }

    pub async fn link(&self, token: &str) -> String {
        let result = self.called(token).await;
        let text = result["content"][0]["text"].as_str().unwrap_or_else(|| panic!("{result}"));
        text.split_whitespace().last().unwrap().to_owned()
    }
}

pub fn pairs(query: &str) -> BTreeMap<String, String> {
    let all: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let names: BTreeMap<_, _> = all.iter().cloned().collect();
    assert_eq!(names.len(), all.len(), "every parameter once: {query}");
    names
}

/// Opens a link, and comes back with what the issuer would say.
async fn comes_back(here: &Here, issuer: &str, browser: &Browser, link: &str, iss: &str) -> (Answer, String) {
    let address = browser.get(link).await.to();
    let asked = pairs(address.strip_prefix(&format!("{issuer}/authorize?")).expect(&address));
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", "pages"),
        ("redirect_uri", &format!("{}/connect/callback", here.base)),
        ("code_challenge_method", "S256"),
        ("scope", "openid"),
        ("resource", &here.resource()),
    ] {
        assert_eq!(asked[name], value, "{name}");
    }
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("code", "c-o-d-e").append_pair("state", &asked["state"]).append_pair("iss", iss);
    let back = browser.get(&format!("{}/connect/callback?{}", here.base, query.finish())).await;
    (back, asked["code_challenge"].clone())
}

async fn goes_the_whole_way(here: &Here, front: &IssuerServer, key: &Key, claims: &Value) {
    let sign = |more: Value| key.sign(&json!({}), &over(claims.clone(), &more));
    let gives = |status: u16, told: Value| *front.gives.lock().unwrap() = (status, told);
    let good = |more: Value| json!({ "access_token": sign(more), "token_type": "Bearer", "expires_in": 300 });
    let token = sign(json!({}));
    let link = here.link(&token).await;
    assert!(link.starts_with(&format!("{}/connect?e=", here.base)), "{link}");

    // Another issuer's word is none; nobody is asked about the code then.
    let (back, _) = comes_back(here, &front.url, &Browser::new(), &link, "https://evil.example").await;
    back.says(400, "You are not signed in");
    assert_eq!(front.redeemed.lock().unwrap().len(), 0);

    let other = claims["sub"].as_str().unwrap().chars().rev().collect::<String>();
    let other = claims["sub"]
        .as_str()
        .unwrap()
        .split_once('_')
        .map_or(other, |_| "user_3xhFjEI5X2qWRvtV13BzSj8H6Dk".into());
    for (status, told, shown, heading) in [
        (400, json!({ "error": "invalid_grant" }), 400, "You are not signed in"),
        (401, json!({ "error": "invalid_client" }), 500, "This does not work"),
        (200, json!({ "access_token": token, "token_type": "DPoP" }), 500, "This does not work"),
        (200, json!({}), 500, "This does not work"),
        (503, json!({}), 503, "Sign-in cannot be reached just now"),
        (200, good(json!({ "aud": "https://other.example/mcp" })), 500, "This does not work"),
        (200, good(json!({ "exp": 1 })), 400, "You are not signed in"),
        (200, good(json!({ "sub": other })), 403, "This link is not for you"),
    ] {
        gives(status, told.clone());
        let (back, _) = comes_back(here, &front.url, &Browser::new(), &link, &front.url).await;
        assert_eq!(back.status, shown, "{told}: {}", back.body);
        back.says(shown, heading);
        assert!(!back.body.contains(&token) && !back.body.contains("LEAK"), "{}", back.body);
    }

    gives(200, good(json!({ "jti": "2" })));
    front.redeemed.lock().unwrap().clear();
    let browser = Browser::new();
    let (back, challenge) = comes_back(here, &front.url, &browser, &link, &front.url).await;
    let page = back.to();
    let redeemed = std::mem::take(&mut *front.redeemed.lock().unwrap());
    let [(said, form)] = redeemed.as_slice() else { panic!("{redeemed:?}") };
    assert_eq!(said, "Basic cGFnZXM6TEVBSy1jb25uZWN0LXNlY3JldA==");
    let form = pairs(form);
    assert_eq!((&*form["grant_type"], &*form["code"]), ("authorization_code", "c-o-d-e"));
    assert_eq!(form["redirect_uri"], format!("{}/connect/callback", here.base));
    assert_eq!(form["resource"], here.resource());
    assert_eq!(URL_SAFE_NO_PAD.encode(Sha256::digest(&form["code_verifier"])), challenge);
    assert!(!form.contains_key("client_secret"));

    let shown = browser.get(&page).await;
    shown.says(200, "Connect your Twenty key");
    let typed = [("csrf_token", shown.hidden()), ("key", KEY), ("base_url", "")];
    browser.post(&page, &typed, &[]).await.says(200, "Your key is stored");
    assert_eq!(here.called(&token).await["isError"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn at_an_openid_connect_provider() {
    let key = Key::new("k");
    let front = IssuerServer::start(&[&key]).await;
    let connect = json!({ "client_id": "pages", "client_secret": CONNECT });
    let here = Here::start(
        &json!({ "oidc": { "issuer": front.url, "connect": connect, "scopes": { "grant": ["twenty:read"] } } }),
    );
    let claims = front.claims(&here.resource());
    goes_the_whole_way(&here, &front, &key, &claims).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_clerk() {
    let key = Key::rsa("k");
    let clerk = FakeClerk::start(&[&key]).await;
    clerk.state.lock().unwrap().users.insert(
        "user_3xhFjEI5X2qWRvtV13BzSj8H6Dk".into(),
        crate::support::clerk::user("user_3xhFjEI5X2qWRvtV13BzSj8H6Dk", json!({})),
    );
    let here = Here::start(&json!({ "clerk": {
        "issuer": clerk.front.url, "api_url": clerk.api, "secret_key": SECRET,
        "connect": { "client_id": "pages", "client_secret": CONNECT },
    }}));
    let claims = clerk.claims(&here.resource());
    assert_eq!(claims["sub"], ANN);
    goes_the_whole_way(&here, &clerk.front, &key, &claims).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_client_there_is_no_link_and_while_the_provider_is_away_a_person_waits() {
    let key = Key::new("k");
    let front = IssuerServer::start(&[&key]).await;
    let grants = json!({ "grant": ["twenty:read"] });
    let here = Here::start(&json!({ "oidc": { "issuer": front.url, "scopes": grants } }));
    let result = here.called(&key.sign(&json!({}), &front.claims(&here.resource()))).await;
    let text = result["content"][0]["text"].as_str().unwrap();
    assert!(text.contains("No API key configured") && !text.contains("/connect"), "{text}");

    let connect = json!({ "client_id": "pages" });
    let here = Here::start(&json!({ "oidc": {
        "issuer": front.url, "scopes": grants, "connect": connect, "jwks_url": format!("{}/keys", front.url),
    }}));
    let token = key.sign(&json!({}), &front.claims(&here.resource()));
    let link = here.link(&token).await;
    front.down.store(true, Ordering::SeqCst);
    let waits = Browser::new().get(&link).await;
    waits.says(503, "Sign-in cannot be reached just now");
    assert_ne!(waits.header("retry-after"), "");
}
