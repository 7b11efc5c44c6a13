//! The authorization server for development, through the binary: a client that registers, a person who answers its page,
//! tokens, and every way in which each of them can be wrong.

mod authorize;
mod clients;
mod command;
mod places;
mod register;
mod tokens;

use crate::support::running::Running;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::{Client, Response, redirect::Policy};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

const VERIFIER: &str = "a-verifier-of-enough-letters-0123456789-abcdefg";
const BACK: &str = "http://127.0.0.1:9/back?x=1";

/// A server, a client that registered with it, and a browser that follows nobody.
struct Dev {
    server: Running,
    http: Client,
    client: String,
    _folder: tempfile::TempDir,
}

/// What a request says over what it says by default; an empty text leaves a parameter out.
type Over<'a> = &'a [(&'a str, &'a str)];

impl Dev {
    async fn start() -> Self {
        Self::configured("{}").await
    }

    /// With these settings of `dev`.
    async fn configured(settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("c.yaml");
        let yaml = format!("auth: {{ providers: {{ dev: {settings} }} }}\ntools: {{ twenty: {{}} }}\n");
        std::fs::write(&file, yaml).unwrap();
        let server = Running::start(&["--config", file.to_str().unwrap(), "--sandbox", "--auth", "dev"]);
        let http = Client::builder().redirect(Policy::none()).build().unwrap();
        let mut dev = Self { server, http, client: String::new(), _folder: folder };
        dev.client = dev.registered(&[BACK]).await;
        dev
    }

    fn at(&self, route: &str) -> String {
        format!("{}/oauth/{route}", self.server.url)
    }

    /// The id of a new client.
    async fn registered(&self, redirects: &[&str]) -> String {
        let (status, told) =
            self.register(&json!({ "client_name": "Test", "redirect_uris": redirects })).await;
        assert_eq!(status, 201, "{told}");
        told["client_id"].as_str().unwrap().to_owned()
    }

    async fn register(&self, metadata: &Value) -> (u16, Value) {
        let request = self.http.post(self.at("register")).header("content-type", "application/json");
        read(request.body(metadata.to_string()).send().await.unwrap()).await
    }

    /// Opens the authorization page.
    async fn authorize(&self, over: Over<'_>) -> Response {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
        let resource = self.server.mcp();
        let usual = [
            ("response_type", "code"),
            ("client_id", self.client.as_str()),
            ("redirect_uri", BACK),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
            ("scope", "twenty:read twenty:write"),
            ("resource", resource.as_str()),
            ("state", "s&t"),
        ];
        self.http.get(format!("{}?{}", self.at("authorize"), form(&usual, over))).send().await.unwrap()
    }

    /// Answers a page as a person would.
    async fn answer(&self, page: &str, over: Over<'_>) -> Response {
        let token = page.split(r#"name="csrf_token" value=""#).nth(1).expect(page).split('"').next().unwrap();
        let scopes =
            page.split(r#"name="scope" value=""#).skip(1).map(|rest| rest.split('"').next().unwrap());
        let mut usual = vec![("csrf_token", token), ("user", "ann"), ("decision", "allow")];
        usual.extend(scopes.map(|scope| ("scope", scope)));
        self.post("consent", &form(&usual, over)).await
    }

    async fn post(&self, route: &str, form: &str) -> Response {
        let request =
            self.http.post(self.at(route)).header("content-type", "application/x-www-form-urlencoded");
        request.body(form.to_owned()).send().await.unwrap()
    }

    /// A code for a request that says this.
    async fn code(&self, over: Over<'_>) -> String {
        let page = self.authorize(over).await.text().await.unwrap();
        let back = sent_back(&self.answer(&page, &[]).await);
        assert_eq!(back["iss"], self.server.url);
        back["code"].clone()
    }

    /// Asks for tokens for a code.
    async fn redeem(&self, code: &str, over: Over<'_>) -> (u16, Value) {
        let usual = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("client_id", self.client.as_str()),
            ("redirect_uri", BACK),
            ("code_verifier", VERIFIER),
        ];
        read(self.post("token", &form(&usual, over)).await).await
    }

    async fn renew(&self, token: &str, over: Over<'_>) -> (u16, Value) {
        let usual =
            [("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", self.client.as_str())];
        read(self.post("token", &form(&usual, over)).await).await
    }

    async fn revoke(&self, token: &str, over: Over<'_>) -> (u16, Value) {
        let usual = [("token", token), ("client_id", self.client.as_str())];
        read(self.post("revoke", &form(&usual, over)).await).await
    }

    /// Tokens, by the whole way.
    async fn tokens(&self) -> Value {
        let code = self.code(&[]).await;
        let (status, tokens) = self.redeem(&code, &[]).await;
        assert_eq!(status, 200, "{tokens}");
        tokens
    }

    /// The status of a call with this token, and the challenge or the answer.
    async fn call(&self, token: &str) -> (u16, String) {
        let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": { "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": { "name": "raw", "version": "1" },
        }}});
        let request = self.http.post(self.server.mcp()).bearer_auth(token);
        let request = request
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", "2026-07-28")
            .header("mcp-method", "tools/list");
        let answer = request.body(call.to_string()).send().await.unwrap();
        let challenge =
            answer.headers().get("www-authenticate").map(|value| value.to_str().unwrap().to_owned());
        (answer.status().as_u16(), challenge.unwrap_or(answer.text().await.unwrap()))
    }
}

/// A form: each parameter of `over` takes the place of all that are called so.
fn form(usual: &[(&str, &str)], over: Over<'_>) -> String {
    let kept = usual.iter().filter(|(name, _)| over.iter().all(|(other, _)| other != name));
    let said = over.iter().filter(|(_, value)| !value.is_empty());
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(kept.chain(said));
    form.finish()
}

async fn read(answer: Response) -> (u16, Value) {
    let status = answer.status().as_u16();
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert_eq!(answer.headers()["content-type"], "application/json");
    assert_eq!(answer.headers()["access-control-allow-origin"], "*");
    (status, answer.json().await.unwrap())
}

/// What a client is told by the address that a person is sent to.
fn sent_back(answer: &Response) -> BTreeMap<String, String> {
    assert_eq!(answer.status().as_u16(), 303);
    let to = answer.headers()["location"].to_str().unwrap();
    let query = to.strip_prefix(BACK).and_then(|rest| rest.strip_prefix('&')).expect(to);
    let told: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let names: BTreeMap<String, String> = told.iter().cloned().collect();
    assert_eq!(names.len(), told.len(), "every parameter once: {to}");
    names
}

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}
