//! Where a client finds out how to sign in, and which tokens are taken from where.

use crate::support::{
    door::{call, call_at, configured},
    introspector::{ID, Introspector, SECRET},
    issuer::{IssuerServer, Key, over},
    running::Running,
};
use serde_json::{Value, json};

const DOCUMENT: &str = "/.well-known/oauth-protected-resource";

struct House {
    server: Running,
    issuer: IssuerServer,
    key: Key,
    _folder: tempfile::TempDir,
}

async fn house() -> House {
    let key = Key::new("k");
    let issuer = IssuerServer::start(&[&key]).await;
    let (server, folder) = configured(&format!(
        "auth: {{ mode: required, providers: {{ oidc: {{ issuer: \"{}\", scopes: {{ advertise: [openid, offline_access] }} }} }} }}\ntools: {{ hello: {{}} }}\n",
        issuer.url
    ));
    House { server, issuer, key, _folder: folder }
}

impl House {
    fn token(&self) -> String {
        self.key.sign(&json!({}), &self.issuer.claims(&self.server.mcp()))
    }

    async fn status(&self, method: reqwest::Method, path: &str) -> u16 {
        let request = reqwest::Client::new().request(method, format!("{}{path}", self.server.url));
        request.send().await.unwrap().status().as_u16()
    }

    /// Sends a message of the revision with sessions; the status, and the session that it began.
    async fn send(&self, message: Value, session: &str, token: Option<&str>) -> (u16, String) {
        let mut request = reqwest::Client::new()
            .post(self.server.mcp())
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", "2025-11-25");
        if !session.is_empty() {
            request = request.header("mcp-session-id", session);
        }
        let request = token.iter().fold(request, |request, token| request.bearer_auth(token));
        let answer = request.body(message.to_string()).send().await.unwrap();
        let began = answer.headers().get("mcp-session-id").map(|id| id.to_str().unwrap().to_owned());
        (answer.status().as_u16(), began.unwrap_or_default())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_02_the_document_is_at_both_paths_and_the_401_names_the_one_of_the_endpoint() {
    let house = house().await;
    let mut documents = Vec::new();
    for path in [format!("{DOCUMENT}/mcp"), DOCUMENT.to_owned()] {
        let answer = reqwest::get(format!("{}{path}", house.server.url)).await.unwrap();
        documents.push(answer.json::<Value>().await.unwrap());
    }
    assert_eq!(documents[0], documents[1]);
    let challenge = call_at(&house.server, "/mcp", &[]).await.challenge.unwrap();
    assert!(
        challenge.contains(&format!(r#"resource_metadata="{}{DOCUMENT}/mcp""#, house.server.url)),
        "{challenge}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_03_the_challenge_has_scopes_and_offline_access_is_in_none() {
    let house = house().await;
    let challenge = call_at(&house.server, "/mcp", &[]).await.challenge.unwrap();
    assert!(challenge.contains(r#"scope="openid""#) && !challenge.contains("offline_access"), "{challenge}");
    let document =
        reqwest::get(format!("{}{DOCUMENT}/mcp", house.server.url)).await.unwrap().text().await.unwrap();
    assert!(document.contains("scopes_supported") && !document.contains("offline_access"), "{document}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_06_a_token_is_taken_from_the_header_alone() {
    let house = house().await;
    let token = house.token();
    assert_eq!(call(&house.server, &token).await.status, 200);
    for name in ["access_token", "token", "authorization"] {
        let answer = call_at(&house.server, &format!("/mcp?{name}={token}"), &[]).await;
        assert_eq!(answer.status, 401, "{name}");
        let cookie = format!("{name}={token}");
        let answer = call_at(&house.server, "/mcp", &[("cookie", cookie.as_bytes())]).await;
        assert_eq!(answer.status, 401, "{name} as a cookie");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_07_every_request_is_judged_whatever_came_before() {
    let house = house().await;
    let token = house.token();
    let hello = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "raw", "version": "1" },
    }});
    let (status, session) = house.send(hello, "", Some(&token)).await;
    assert!(status == 200 && !session.is_empty(), "{status}");
    let ping = json!({ "jsonrpc": "2.0", "id": 2, "method": "ping" });
    assert_eq!(house.send(ping.clone(), &session, Some(&token)).await.0, 200);
    let cut = &token[..token.len() - 1];
    for bad in [None, Some("mock"), Some(cut)] {
        assert_eq!(house.send(ping.clone(), &session, bad).await.0, 401, "{bad:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_08_a_token_is_taken_only_where_this_server_is_in_its_audience() {
    let asked = Introspector::start().await;
    let house = house().await;
    let (opaque, _folder) = configured(&format!(
        "auth: {{ mode: required, providers: {{ introspection: {{ issuer: \"{}\", client_id: \"{ID}\", client_secret: \"{SECRET}\" }} }} }}\ntools: {{ hello: {{}} }}\n",
        asked.url
    ));
    let own = |server: &Running| json!(server.mcp());
    for (name, among, status) in [("own", true, 200), ("other", false, 401), ("none", false, 401)] {
        let audience = |server: &Running| match (name, among) {
            ("own", _) => json!(["https://other.example/mcp", own(server)]),
            ("other", _) => json!("https://other.example/mcp"),
            _ => Value::Null,
        };
        let claims = over(house.issuer.claims("x"), &json!({ "aud": audience(&house.server) }));
        let signed = house.key.sign(&json!({}), &claims);
        assert_eq!(call(&house.server, &signed).await.status, status, "{name}, signed");
        asked.knows(name, "x", &json!({ "aud": audience(&opaque) }));
        assert_eq!(call(&opaque, name).await.status, status, "{name}, opaque");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_15_clients_register_where_the_document_sends_them_and_not_here() {
    let house = house().await;
    let document = reqwest::get(format!("{}{DOCUMENT}/mcp", house.server.url)).await.unwrap();
    let document: Value = document.json().await.unwrap();
    assert_eq!(document["authorization_servers"], json!([house.issuer.url]));
    for path in ["/register", "/oauth/register", "/mcp/register"] {
        assert_eq!(house.status(reqwest::Method::POST, path).await, 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_16_nobodys_sign_in_goes_through_this_server() {
    let house = house().await;
    for path in ["/authorize", "/oauth/authorize", "/token", "/oauth/token", "/callback", "/oauth/callback"] {
        for method in [reqwest::Method::GET, reqwest::Method::POST] {
            assert_eq!(house.status(method, path).await, 404, "{path}");
        }
    }
}
