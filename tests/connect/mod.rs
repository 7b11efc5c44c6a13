//! `/connect`: a signed-in caller without a key is led to a page, signs in there as the same user, leaves a key, and the
//! same call succeeds; whoever tries to get in by any other way stores nothing.

mod browsers;
mod elsewhere;
mod https;
mod refused;
mod sessions;
mod stored;

use crate::support::running::{Running, command};
use reqwest::{Client, Method, header::HeaderMap, redirect::Policy};
use serde_json::{Value, json};
use std::{cell::RefCell, collections::BTreeMap};

/// A key in the form of one; the sandbox opens with any.
const KEY: &str = "CANARY-a-key-of-anns";

/// A server on the sandbox, whose key is for nobody who is signed in.
struct Place {
    server: Running,
    _folder: tempfile::TempDir,
}

impl Place {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = json!({
            "server": { "data_dir": folder.path().join("data") },
            "auth": { "mode": "required", "operator_key": "never", "providers": { "dev": {} } },
            "keys": { "secrets": ["a secret of 32 characters, or some more"] },
            "tools": { "twenty": { "base_url": "sandbox" } },
        });
        let file = folder.path().join("c.yaml");
        std::fs::write(&file, settings.to_string()).unwrap();
        let server = Running::start(&["--config", file.to_str().unwrap()]);
        Self { server, _folder: folder }
    }

    /// An access token of a user.
    fn token(&self, user: &str) -> String {
        let (mut command, _folder) =
            command(&["tokens", "dev", "--issuer", &self.server.url, "--user", user]);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    async fn call(&self, token: &str, can: &Value, more: &Value) -> Value {
        called(&self.server, &[], token, can, more).await
    }

    /// A link for a user, as a client is told it that can do nothing but show a text.
    async fn link(&self, token: &str) -> String {
        let result = self.call(token, &json!({}), &json!({})).await;
        assert_eq!(result["isError"], true, "{result}");
        let text = result["content"][0]["text"].as_str().unwrap();
        assert!(text.starts_with("search_contacts: No API key configured\n"), "{text}");
        let link = text.split_whitespace().last().unwrap();
        assert!(link.starts_with(&format!("{}/connect?e=", self.server.url)), "{link}");
        link.to_owned()
    }

    async fn works(&self, token: &str) -> bool {
        self.call(token, &json!({}), &json!({})).await["isError"] == false
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.server.url)
    }
}

/// What a call of a tool is answered with, by a client that can do this, with more parameters; the request has these
/// headers beside.
async fn called(server: &Running, headers: &[(&str, &str)], token: &str, can: &Value, more: &Value) -> Value {
    let meta = "io.modelcontextprotocol/";
    let mut params = json!({
        "name": "search_contacts", "arguments": { "query": "a" },
        "_meta": {
            format!("{meta}protocolVersion"): "2026-07-28", format!("{meta}clientCapabilities"): can,
            format!("{meta}clientInfo"): { "name": "desk", "title": "Desk <b>&", "version": "1" },
        },
    });
    for (name, value) in more.as_object().unwrap() {
        params[name] = value.clone();
    }
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
    let answer = Client::new()
        .post(server.mcp())
        .bearer_auth(token)
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", "tools/call")
        .header("mcp-name", "search_contacts")
        .body(message.to_string());
    let answer = headers.iter().fold(answer, |answer, (name, value)| answer.header(*name, *value));
    let text = answer.send().await.unwrap().text().await.unwrap();
    let data = text.lines().rev().find_map(|line| line.strip_prefix("data: ")).unwrap_or(&text);
    serde_json::from_str::<Value>(data).unwrap()["result"].clone()
}

/// What a page was answered with.
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Where it sends the browser.
    fn to(&self) -> String {
        assert_eq!(self.status, 303, "{}", self.body);
        self.header("location").to_owned()
    }

    /// The value of a hidden field.
    fn hidden(&self) -> &str {
        let rest =
            self.body.split(r#"name="csrf_token" value=""#).nth(1).unwrap_or_else(|| panic!("{}", self.body));
        rest.split('"').next().unwrap()
    }

    fn says(&self, status: u16, heading: &str) {
        assert_eq!(self.status, status, "{}", self.body);
        assert!(self.body.contains(&format!("<h1>{heading}</h1>")), "{heading}: {}", self.body);
    }
}

/// A browser: it keeps cookies and follows nobody.
struct Browser {
    http: Client,
    cookies: RefCell<BTreeMap<String, String>>,
}

impl Browser {
    fn new() -> Self {
        let http = Client::builder().redirect(Policy::none()).build().unwrap();
        Self { http, cookies: RefCell::default() }
    }

    async fn get(&self, url: &str) -> Answer {
        self.send(Method::GET, url, &[], String::new()).await
    }

    async fn post(&self, url: &str, form: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(form);
        let kind = ("content-type", "application/x-www-form-urlencoded");
        self.send(Method::POST, url, &[&[kind], headers].concat(), body.finish()).await
    }

    async fn send(&self, method: Method, url: &str, headers: &[(&str, &str)], body: String) -> Answer {
        let carried: Vec<_> =
            self.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = self.http.request(method, url).body(body);
        if !carried.is_empty() {
            request = request.header("cookie", carried.join("; "));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        for set in headers.get_all("set-cookie") {
            let (name, value) = set.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
        }
        self.cookies.borrow_mut().retain(|_, value| !value.is_empty());
        Answer { status, headers, body: answer.text().await.unwrap() }
    }

    /// Opens a link and signs in; the address that the browser is sent back to.
    async fn returns(&self, place: &Place, link: &str, user: &str) -> String {
        let page = self.get(&self.get(link).await.to()).await;
        page.says(200, "Sign in to this server");
        let form = [("csrf_token", page.hidden()), ("user", user), ("decision", "allow")];
        let back = self.post(&place.at("/oauth/consent"), &form, &[]).await.to();
        assert!(back.starts_with(&place.at("/connect/callback?")), "{back}");
        back
    }

    /// Opens a link, signs in and comes to the form.
    async fn arrives(&self, place: &Place, link: &str, user: &str) -> Answer {
        let back = self.returns(place, link, user).await;
        let to = self.get(&back).await.to();
        assert_eq!(to, place.at("/connect"), "nothing but the page's own address");
        self.get(&to).await
    }
}
