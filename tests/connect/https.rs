//! A server that is called by https, as a proxy before it has it: what its page leaves in a browser.

use super::{
    Answer, Browser, KEY,
    elsewhere::{Here, pairs},
};
use crate::support::issuer::{IssuerServer, Key};
use reqwest::Method;
use serde_json::json;

const NAME: &str = "mcp.example";
const ORIGIN: &str = "https://mcp.example";
/// What an own cookie ends with: it is for this host alone, by https alone, for no script.
const ENDS: &str = "; HttpOnly; SameSite=Lax; Secure";

/// Asks the server as the proxy does; a form is sent by the page itself.
async fn asked(here: &Here, browser: &Browser, url: &str, form: Option<&str>) -> Answer {
    let to = url.replacen(ORIGIN, &format!("http://{}", here.server.bound()), 1);
    let own = [
        ("host", NAME),
        ("origin", ORIGIN),
        ("sec-fetch-site", "same-origin"),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    match form {
        Some(form) => browser.send(Method::POST, &to, &own, form.to_owned()).await,
        None => browser.send(Method::GET, &to, &own[..1], String::new()).await,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_is_this_hosts_alone_and_gone_when_the_key_is_stored() {
    let key = Key::new("k");
    let front = IssuerServer::start(&[&key]).await;
    let oidc = json!({
        "issuer": front.url, "connect": { "client_id": "pages" }, "scopes": { "grant": ["twenty:read"] },
    });
    let here = Here::called_by(Some(NAME), &json!({ "oidc": oidc }));
    let token = key.sign(&json!({}), &front.claims(&here.resource()));
    let link = here.link(&token).await;
    assert!(link.starts_with("https://mcp.example/connect?e="), "{link}");
    let browser = Browser::new();
    let first = asked(&here, &browser, &link, None).await;
    let set = first.header("set-cookie").to_owned();
    assert!(
        set.starts_with("__Host-connect=") && set.ends_with(&format!("; Path=/; Max-Age=600{ENDS}")),
        "{set}"
    );
    assert!(!set.to_lowercase().contains("domain="), "{set}");
    assert_ne!(first.header("strict-transport-security"), "");

    *front.gives.lock().unwrap() = (200, json!({ "access_token": token, "token_type": "Bearer" }));
    let address = first.to();
    let state = pairs(address.split_once('?').unwrap().1)["state"].clone();
    let issuer = url::form_urlencoded::byte_serialize(front.url.as_bytes()).collect::<String>();
    let back = format!("{ORIGIN}/connect/callback?code=c&state={state}&iss={issuer}");
    let page = asked(&here, &browser, &back, None).await.to();
    assert_eq!(page, "https://mcp.example/connect");
    let form = asked(&here, &browser, &page, None).await;
    form.says(200, "Connect your Twenty key");
    let typed = format!("csrf_token={}&key={KEY}&base_url=", form.hidden());
    let done = asked(&here, &browser, &page, Some(&typed)).await;
    done.says(200, "Your key is stored");
    assert_eq!(done.header("set-cookie"), format!("__Host-connect=; Path=/; Max-Age=0{ENDS}"));
}
