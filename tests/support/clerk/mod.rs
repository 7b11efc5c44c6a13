//! A Clerk application on loopback: its Frontend API with keys and metadata, and its Backend API, which holds every
//! request and every answer of its own against what Clerk describes.

mod description;

pub use description::{Asked, Description};

use super::issuer::{IssuerServer, Key, over};
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

/// The secret key of the application.
pub const SECRET: &str = "sk_test_LEAKsecretkey0123456789";
/// A user in good standing.
pub const ANN: &str = "user_2xhFjEI5X2qWRvtV13BzSj8H6Dk";

/// The application. When it is dropped, no request may have been invalid.
pub struct FakeClerk {
    /// Its Frontend API.
    pub front: IssuerServer,
    /// Its Backend API, as `api_url` names it.
    pub api: String,
    pub state: Arc<Mutex<State>>,
    _stop: DropGuard,
}

/// What the Backend API knows, and how it answers.
#[derive(Default)]
pub struct State {
    /// What it says of an opaque token; 404 of all others.
    pub tokens: HashMap<String, Value>,
    /// What it says of a user; 404 of all others.
    pub users: HashMap<String, Value>,
    /// What it says of a session; 404 of all others.
    pub sessions: HashMap<String, Value>,
    /// The status that it answers instead, and what its Retry-After says.
    pub instead: Option<(u16, Option<&'static str>)>,
    /// What somebody else does to a user's private metadata just after the next change of it.
    pub meanwhile: Option<Value>,
    /// How long an answer takes.
    pub takes: Duration,
    /// The requests that came: method and path.
    pub asked: Vec<String>,
    /// The version that each of them asked for.
    pub versions: Vec<String>,
    faults: Vec<String>,
    descriptions: HashMap<String, Arc<Description>>,
}

impl FakeClerk {
    pub async fn start(keys: &[&Key]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let api = format!("http://{}/v1", listener.local_addr().unwrap());
        let users = HashMap::from([(ANN.to_owned(), user(ANN, json!({})))]);
        let state = Arc::new(Mutex::new(State { users, ..State::default() }));
        let known = Arc::clone(&state);
        let endpoint = make(move |request| {
            let state = Arc::clone(&known);
            async move { answer(&state, request).await }
        });
        let stop = CancellationToken::new();
        tokio::spawn(server::serve(listener, endpoint, stop.clone(), Duration::ZERO));
        Self { front: IssuerServer::start(keys).await, api, state, _stop: stop.drop_guard() }
    }

    /// It knows this opaque token from now on, as good for a server at `resource`; `more` is laid over what it says.
    pub fn knows(&self, token: &str, resource: &str, more: &Value) {
        let now = jiff::Timestamp::now().as_second();
        let answer = json!({
            "object": "clerk_idp_oauth_access_token", "id": "oat_0ef5a7a33d87ed87ee7954c845d80450",
            "client_id": "client_2xhFjEI5X2qWRvtV13BzSj8H6Dk", "subject": ANN, "scopes": ["openid", "email"],
            "revoked": false, "revocation_reason": null, "expired": false, "expiration": now + 86_400,
            "created_at": now, "updated_at": now, "aud": [resource],
        });
        self.state.lock().unwrap().tokens.insert(token.to_owned(), over(answer, more));
    }

    /// Claims of a good signed access token for a server at `resource`.
    pub fn claims(&self, resource: &str) -> Value {
        over(self.front.claims(resource), &json!({ "sub": ANN, "scope": "openid email profile" }))
    }

    /// Claims of a good token of the session `sess_1`, which there is from now on.
    pub fn session(&self, origin: &str) -> Value {
        let session = json!({
            "object": "session", "id": "sess_1", "user_id": ANN, "client_id": "client_1", "status": "active",
            "last_active_at": 1, "expire_at": 2, "abandon_at": 3, "updated_at": 1, "created_at": 1,
        });
        self.state.lock().unwrap().sessions.insert("sess_1".into(), session);
        let more = json!({
            "sub": ANN, "sid": "sess_1", "azp": origin, "fva": [0, -1], "v": 2, "sts": "active",
            "aud": null, "scope": null, "client_id": null,
        });
        over(self.front.claims(""), &more)
    }

    /// How often an operation was asked for whose path holds this.
    pub fn asked(&self, part: &str) -> usize {
        self.state.lock().unwrap().asked.iter().filter(|asked| asked.contains(part)).count()
    }

    /// From now on every answer of the Backend API is this.
    pub fn answers(&self, instead: Option<(u16, Option<&'static str>)>) {
        self.state.lock().unwrap().instead = instead;
    }
}

impl Drop for FakeClerk {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.state.lock().unwrap().faults, [""; 0], "requests that Clerk does not describe");
        }
    }
}

/// A user as Clerk describes one.
pub fn user(id: &str, more: Value) -> Value {
    let user = json!({
        "id": id, "object": "user", "username": null, "first_name": "LEAK-Ann", "last_name": null,
        "has_image": false, "primary_email_address_id": null, "primary_phone_number_id": null,
        "primary_web3_wallet_id": null, "password_enabled": true, "two_factor_enabled": false,
        "totp_enabled": false, "backup_code_enabled": false, "email_addresses": [], "phone_numbers": [],
        "web3_wallets": [], "passkeys": [], "external_accounts": [], "saml_accounts": [],
        "enterprise_accounts": [], "public_metadata": {}, "private_metadata": { "LEAK": "LEAK-metadata" },
        "external_id": null, "last_sign_in_at": null, "banned": false, "locked": false,
        "lockout_expires_in_seconds": null, "verification_attempts_remaining": 100, "created_at": 1,
        "updated_at": 1, "delete_self_enabled": true, "create_organization_enabled": true,
        "last_active_at": null, "mfa_enabled_at": null, "mfa_disabled_at": null, "legal_accepted_at": null,
    });
    over(user, &more)
}

fn errors(code: &str) -> Value {
    json!({ "errors": [{ "message": code, "long_message": code, "code": code }], "clerk_trace_id": "1" })
}

async fn answer(state: &Mutex<State>, mut request: Request) -> Response {
    let body = request.take_body().into_string().await.unwrap();
    let headers: Vec<(String, String)> = request
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), value.to_str().unwrap().to_owned()))
        .collect();
    let (method, uri) = (request.method().to_string(), request.uri().clone());
    let asked =
        Asked { method: &method, path: uri.path(), query: uri.query(), headers: &headers, body: &body };
    let takes = state.lock().unwrap().takes;
    tokio::time::sleep(takes).await;
    let mut state = state.lock().unwrap();
    let (status, retry_after, answer) = state.answer(&asked);
    let response = Response::builder().status(StatusCode::from_u16(status).unwrap());
    let response = response.content_type("application/json");
    let response = match retry_after {
        Some(seconds) => response.header("retry-after", seconds),
        None => response,
    };
    response.body(answer.to_string())
}

impl State {
    fn answer(&mut self, asked: &Asked<'_>) -> (u16, Option<&'static str>, Value) {
        let told = format!("{} {}", asked.method, asked.path);
        self.asked.push(told.clone());
        let header =
            |name: &str| asked.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        let version = header("clerk-api-version").cloned().unwrap_or_default();
        self.versions.push(version.clone());
        let Some(description) = self.description(&version) else {
            self.faults.push(format!("{told}: there is no version `{version}`"));
            return (400, None, errors("invalid_version"));
        };
        let faults = description.faults_of(asked);
        if !faults.is_empty() {
            self.faults.extend(faults.iter().map(|fault| format!("{told}: {fault}")));
            return (422, None, errors("invalid_request"));
        }
        if let Some((status, retry_after)) = self.instead {
            return (status, retry_after, errors("instead"));
        }
        if header("authorization").is_none_or(|said| *said != format!("Bearer {SECRET}")) {
            return (401, None, errors("clerk_key_invalid"));
        }
        let segments: Vec<&str> = asked.path.split('/').skip(2).collect();
        let found = match (asked.method, segments.as_slice()) {
            ("GET", ["users"]) => Some(self.listed(asked.query.unwrap_or_default())),
            ("PATCH", ["users", id, "metadata"]) => self.merged(id, asked.body),
            (_, ["users", id]) => self.users.get(*id).cloned(),
            (_, ["sessions", id]) => self.sessions.get(*id).cloned(),
            _ => {
                let shown: Value = serde_json::from_str(asked.body).unwrap();
                self.tokens.get(shown["access_token"].as_str().unwrap()).cloned()
            }
        };
        let (status, body) = found.map_or_else(|| (404, errors("resource_not_found")), |found| (200, found));
        // What its libraries read beside what the description has.
        let described = match &body {
            Value::Object(_) => over(body.clone(), &json!({ "aud": null, "act": null })),
            list => list.clone(),
        };
        let faults = description.faults_of_answer(asked, status, &described);
        assert!(faults.is_empty(), "the answer to {told} is not Clerk's: {faults:?}");
        (status, None, body)
    }

    /// The users behind the one that a query names, in the order of their making.
    fn listed(&self, query: &str) -> Value {
        let query: HashMap<_, _> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let mut users: Vec<_> = self.users.values().collect();
        users.sort_by_key(|user| (user["created_at"].as_i64(), user["id"].as_str()));
        let begin = query.get("starting_after").map(|last| {
            users.iter().position(|user| user["id"] == last.as_str()).expect("a user to start after") + 1
        });
        let most = query.get("limit").map_or(10, |limit| limit.parse().unwrap());
        users.into_iter().skip(begin.unwrap_or_default()).take(most).cloned().collect()
    }

    /// A user with this merged into their metadata.
    fn merged(&mut self, id: &str, change: &str) -> Option<Value> {
        let user = self.users.get_mut(id)?;
        merge(user, &serde_json::from_str(change).unwrap());
        assert!(user["private_metadata"].to_string().len() <= 8192, "more than Clerk keeps");
        let told = user.clone();
        if let Some(other) = self.meanwhile.take() {
            merge(user, &json!({ "private_metadata": other }));
        }
        Some(told)
    }

    fn description(&mut self, version: &str) -> Option<Arc<Description>> {
        if let Some(known) = self.descriptions.get(version) {
            return Some(Arc::clone(known));
        }
        let description = Arc::new(Description::of(version)?);
        self.descriptions.insert(version.to_owned(), Arc::clone(&description));
        Some(description)
    }
}

/// Merges at any depth; what is null is taken away.
fn merge(value: &mut Value, change: &Value) {
    let Some(change) = change.as_object() else {
        *value = change.clone();
        return;
    };
    if !value.is_object() {
        *value = json!({});
    }
    for (name, change) in change {
        let members = value.as_object_mut().unwrap();
        if change.is_null() {
            members.remove(name);
        } else {
            merge(members.entry(name).or_insert(Value::Null), change);
        }
    }
}
