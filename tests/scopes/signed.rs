//! Scopes of tokens that an issuer signs: which ones clients are told to ask for, and what they allow.

use super::{request, session, stateless, within};
use crate::support::{
    issuer::{IssuerServer, Key, over},
    running::Running,
};
use serde_json::{Value, json};
use std::path::Path;

/// A server whose callers sign in at this issuer, with more settings of `oidc`.
fn at_issuer(folder: &Path, issuer: &IssuerServer, more: &str) -> Running {
    let file = folder.join("c.yaml");
    let yaml = format!(
        "auth: {{ mode: required, providers: {{ oidc: {{ issuer: \"{}\"{more} }} }} }}\n\
         tools: {{ twenty: {{ base_url: sandbox }} }}\n",
        issuer.url
    );
    std::fs::write(&file, yaml).unwrap();
    Running::start(&["--config", file.to_str().unwrap()])
}

/// The scopes that the first challenge and the protected-resource document name.
async fn told(server: &Running) -> (String, Value) {
    let challenged = reqwest::Client::new().post(server.mcp()).send().await.unwrap();
    let challenge = challenged.headers()["www-authenticate"].to_str().unwrap();
    let scope = challenge.split("scope=\"").nth(1).unwrap_or_default().split('"').next().unwrap();
    let document = format!("{}/.well-known/oauth-protected-resource/mcp", server.url);
    let document: Value = reqwest::get(document).await.unwrap().json().await.unwrap();
    (scope.to_owned(), document["scopes_supported"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_are_told_the_scopes_of_what_is_served_unless_the_operator_names_others() {
    let issuer = IssuerServer::start(&[&Key::new("k")]).await;
    let folder = tempfile::tempdir().unwrap();
    let server = at_issuer(folder.path(), &issuer, "");
    let supported = json!(["twenty:read", "twenty:write", "twenty:admin"]);
    assert_eq!(told(&server).await, ("twenty:read twenty:write".into(), supported));
    let server = at_issuer(folder.path(), &issuer, ", scopes: { advertise: [openid, crm] }");
    assert_eq!(told(&server).await, ("openid crm".into(), json!(["openid", "crm"])));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_token_allows_its_own_scopes_and_those_that_the_operator_grants() {
    let key = Key::new("k");
    let issuer = IssuerServer::start(&[&key]).await;
    let folder = tempfile::tempdir().unwrap();
    for (grant, may) in [("", [403, 200, 403]), (", scopes: { grant: [\"twenty:write\"] }", [200, 200, 200])]
    {
        let server = at_issuer(folder.path(), &issuer, grant);
        for ((scope, tool), status) in
            [("openid", "list_all_objects"), ("twenty:read", "list_all_objects"), ("twenty:read", "undo")]
                .into_iter()
                .zip(may)
        {
            let claims = over(issuer.claims(&server.mcp()), &json!({ "scope": scope }));
            let bearer = format!("Bearer {}", key.sign(&json!({}), &claims));
            let answer = stateless(&server, &bearer, tool, json!({})).await;
            assert_eq!(answer.0, status, "{grant} {scope} {tool}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_goes_on_with_its_callers_next_token_and_each_call_has_its_own_tokens_scopes() {
    let key = Key::new("k");
    let issuer = IssuerServer::start(&[&key]).await;
    let folder = tempfile::tempdir().unwrap();
    let server = at_issuer(folder.path(), &issuer, "");
    let bearer = |scope: &str| {
        let claims = over(issuer.claims(&server.mcp()), &json!({ "scope": scope }));
        format!("Bearer {}", key.sign(&json!({}), &claims))
    };
    let (read, write) = (bearer("twenty:read"), bearer("twenty:write"));
    let session = session(&server, &read).await;
    let call = request("tools/call", &json!({ "name": "undo", "arguments": {} }));
    for (token, status) in [(&read, 403), (&write, 200), (&read, 403)] {
        assert_eq!(within(&server, token, &session, call.clone()).await.0, status);
    }
    let list = request("tools/list", &json!({}));
    for (token, seen) in [(&read, false), (&write, true), (&read, false)] {
        let (_, answer) = within(&server, token, &session, list.clone()).await;
        assert_eq!(answer.to_string().contains("create_contact"), seen, "{answer}");
    }
}
