//! How a client that has nothing but the server's address finds out where to sign in.

use crate::support::{
    door::configured as server,
    issuer::{IssuerServer, Key},
    running::Running,
};
use serde_json::{Value, json};

async fn with_issuer(more: &str) -> (Running, IssuerServer, tempfile::TempDir) {
    let issuer = IssuerServer::start(&[&Key::new("k")]).await;
    let provider =
        format!("{{ issuer: \"{}\", scopes: {{ advertise: [openid, offline_access] }} }}", issuer.url);
    let yaml = format!("{more}auth: {{ mode: required, providers: {{ oidc: {provider} }} }}\n");
    let (server, folder) = server(&yaml);
    (server, issuer, folder)
}

/// What is at a path, asked under a name and from a page.
async fn get(server: &Running, path: &str, host: &str, origin: Option<&str>) -> reqwest::Response {
    let request = reqwest::Client::new().get(format!("{}{path}", server.url)).header("host", host);
    origin.into_iter().fold(request, |request, origin| request.header("origin", origin)).send().await.unwrap()
}

const FORMS: [&str; 2] =
    ["/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-protected-resource"];
const SERVER: &str = "/.well-known/oauth-authorization-server";

#[tokio::test(flavor = "multi_thread")]
async fn rule_01_the_protected_resource_document_is_the_asked_names_and_for_pages_of_any_origin() {
    let (server, issuer, _folder) = with_issuer("").await;
    let port = server.authority().rsplit(':').next().unwrap();
    for form in FORMS {
        for name in ["127.0.0.1", "localhost", "[::1]"] {
            let answer =
                get(&server, form, &format!("{name}:{port}"), Some("https://anything.example")).await;
            assert_eq!(answer.status().as_u16(), 200);
            assert_eq!(answer.headers()["access-control-allow-origin"], "*");
            assert_eq!(answer.headers()["content-type"], "application/json");
            let document: Value = answer.json().await.unwrap();
            let expected = json!({
                "resource": format!("http://{name}:{port}/mcp"),
                "resource_name": "twenty-mcp",
                "bearer_methods_supported": ["header"],
                "authorization_servers": [issuer.url],
                "scopes_supported": ["openid"],
            });
            assert_eq!(document, expected);
        }
        assert_eq!(get(&server, form, "evil.example", None).await.status().as_u16(), 403);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_05_the_authorization_servers_own_document_is_relayed() {
    let (server, issuer, _folder) = with_issuer("").await;
    let answer = get(&server, SERVER, server.authority(), Some("https://anything.example")).await;
    assert_eq!(answer.headers()["access-control-allow-origin"], "*");
    let document: Value = answer.json().await.unwrap();
    assert_eq!(document["issuer"], issuer.url);
    assert_eq!(document["token_endpoint"], format!("{}/token", issuer.url));
    assert_eq!(document["code_challenge_methods_supported"], json!(["S256"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_may_ask_before_it_asks_and_nobody_may_post() {
    let (server, _issuer, _folder) = with_issuer("").await;
    let client = reqwest::Client::new();
    let asked = client
        .request(reqwest::Method::OPTIONS, format!("{}{}", server.url, FORMS[0]))
        .header("origin", "https://anything.example")
        .header("access-control-request-method", "GET")
        .header("access-control-request-headers", "mcp-protocol-version")
        .send()
        .await
        .unwrap();
    assert_eq!(asked.status().as_u16(), 204);
    assert_eq!(asked.headers()["access-control-allow-origin"], "*");
    let allowed = asked.headers()["access-control-allow-headers"].to_str().unwrap().to_lowercase();
    assert!(allowed.contains("mcp-protocol-version"), "{allowed}");
    let posted = client.post(format!("{}{}", server.url, FORMS[0])).send().await.unwrap();
    assert_eq!(posted.status().as_u16(), 405);
    assert_eq!(posted.headers()["allow"], "GET, HEAD");
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_20_a_page_can_read_its_challenge() {
    let (server, _issuer, _folder) =
        with_issuer("server: { allowed_origins: [\"https://app.example\"] }\n").await;
    let request = reqwest::Client::new().post(server.mcp()).header("origin", "https://app.example");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 401);
    let exposed = answer.headers()["access-control-expose-headers"].to_str().unwrap();
    assert!(exposed.contains("WWW-Authenticate"), "{exposed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_sign_in_or_a_server_to_sign_in_at_there_is_nothing() {
    let (off, _folder) = server("tools: { hello: {} }\n");
    for path in [FORMS[0], FORMS[1], SERVER] {
        assert_eq!(get(&off, path, off.authority(), None).await.status().as_u16(), 404, "{path}");
    }
    let hash = format!("sha256:{}", "0".repeat(64));
    let (tokens, _other) = server(&format!(
        "auth: {{ mode: required, providers: {{ static-tokens: {{ tokens: {{ ci: {{ hash: \"{hash}\" }} }} }} }} }}\n"
    ));
    let document: Value = get(&tokens, FORMS[0], tokens.authority(), None).await.json().await.unwrap();
    assert!(document.get("authorization_servers").is_none() && document["resource"].is_string());
    assert_eq!(get(&tokens, SERVER, tokens.authority(), None).await.status().as_u16(), 404);
}
