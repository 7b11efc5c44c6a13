//! An authorization server on loopback that is asked what tokens say (RFC 7662): its answers, its status and how long it
//! takes are a test's.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use poem::{Request, Response, endpoint::make, http::StatusCode};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use twenty_mcp::server;

/// Who may ask; both hold characters that are encoded on their way.
pub const ID: &str = "mcp:rs";
pub const SECRET: &str = "LEAK s+cr%t&ü";

/// A status, a body and a header line.
pub type Instead = (u16, String, Option<(&'static str, &'static str)>);

/// How the endpoint answers.
#[derive(Default)]
pub struct Script {
    /// What it says of a token; `{"active": false}` of all others.
    pub tokens: HashMap<String, Value>,
    /// What it answers instead.
    pub instead: Option<Instead>,
    /// How long an answer takes.
    pub takes: Duration,
    /// The forms that came, with how the client said who it is.
    pub asked: Vec<(String, HashMap<String, String>)>,
}

pub struct Introspector {
    pub url: String,
    pub script: Arc<Mutex<Script>>,
    _stop: DropGuard,
}

impl Introspector {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let script: Arc<Mutex<Script>> = Arc::default();
        let endpoint = {
            let (url, script) = (url.clone(), script.clone());
            make(move |request: Request| {
                let (url, script) = (url.clone(), script.clone());
                async move {
                    match request.uri().path() {
                        "/.well-known/oauth-authorization-server" => said(&json!({
                            "issuer": url,
                            "introspection_endpoint": format!("{url}/introspect"),
                        })),
                        "/introspect" => answer(&script, request).await,
                        _ => Response::builder().status(StatusCode::NOT_FOUND).finish(),
                    }
                }
            })
        };
        let stop = CancellationToken::new();
        tokio::spawn(server::serve(listener, endpoint, stop.clone(), Duration::ZERO));
        Self { url, script, _stop: stop.drop_guard() }
    }

    /// It knows this token from now on, as good for a server at `resource`; `more` is laid over what it says.
    pub fn knows(&self, token: &str, resource: &str, more: &Value) {
        let now = jiff::Timestamp::now().as_second();
        let good = json!({
            "active": true, "iss": self.url, "sub": "ann", "aud": resource, "client_id": "c1",
            "scope": "twenty:read", "token_type": "Bearer", "iat": now, "exp": now + 300,
        });
        self.script().tokens.insert(token.into(), super::issuer::over(good, more));
    }

    pub fn script(&self) -> std::sync::MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        self.script().asked.len()
    }
}

async fn answer(script: &Mutex<Script>, mut request: Request) -> Response {
    assert_eq!(
        (request.method().as_str(), request.content_type()),
        ("POST", Some("application/x-www-form-urlencoded"))
    );
    let basic = request.header("authorization").map(str::to_owned);
    let body = request.take_body().into_vec().await.unwrap();
    let form: HashMap<String, String> = url::form_urlencoded::parse(&body).into_owned().collect();
    let known = who(basic.as_deref(), &form) == Some((ID.into(), SECRET.into()));
    let how = if basic.is_some() { "basic" } else { "post" };
    let takes = script.lock().unwrap().takes;
    tokio::time::sleep(takes).await;
    let mut script = script.lock().unwrap();
    let token = form["token"].clone();
    script.asked.push((how.into(), form));
    match &script.instead {
        Some((status, body, line)) => {
            let response = Response::builder().status(StatusCode::from_u16(*status).unwrap());
            let response =
                line.iter().fold(response, |response, (name, value)| response.header(*name, *value));
            response.body(body.clone())
        }
        None if !known => {
            Response::builder().status(StatusCode::UNAUTHORIZED).body(r#"{"error":"invalid_client"}"#)
        }
        None => said(script.tokens.get(&token).unwrap_or(&json!({ "active": false }))),
    }
}

/// The client's id and secret, from wherever they are.
fn who(basic: Option<&str>, form: &HashMap<String, String>) -> Option<(String, String)> {
    let Some(basic) = basic else {
        return Some((form.get("client_id")?.clone(), form.get("client_secret")?.clone()));
    };
    let both = String::from_utf8(STANDARD.decode(basic.strip_prefix("Basic ")?).ok()?).ok()?;
    let (id, secret) = both.split_once(':')?;
    let decoded = |text: &str| {
        let pair = format!("x={text}");
        url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned())
    };
    Some((decoded(id)?, decoded(secret)?))
}

fn said(document: &Value) -> Response {
    Response::builder().content_type("application/json").body(document.to_string())
}
