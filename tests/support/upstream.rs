//! Twenty as a server under test meets it: a sandbox behind a real port that keeps every document it is sent.

use super::judge;
use bytes::Bytes;
use http::{Method, StatusCode};
use poem::{Body, Endpoint, Request, Response};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;
use twenty_mcp::tools::twenty::sandbox::{
    settings::{Profile, SandboxSettings},
    workspace::{self, Sandbox},
};

/// Permits that never run out.
const ENDLESS: usize = Semaphore::MAX_PERMITS / 2;

/// A sandbox on a port of its own. When the last server on it is dropped, graphql-js judges all that was sent.
pub struct Upstream {
    /// `http://127.0.0.1:PORT`
    pub url: String,
    /// Path and body of every request, in their order.
    pub sent: Arc<Mutex<Vec<(String, Value)>>>,
    /// The `Authorization` of every request, in their order.
    pub keys: Arc<Mutex<Vec<Option<String>>>>,
    /// How many of the next requests are answered with 503, unseen by the sandbox.
    pub failing: Arc<AtomicU32>,
    /// How many of the next requests are carried out and then answered with 502.
    pub losing: Arc<AtomicU32>,
    /// What is made of the next answers, the last one first.
    pub twists: Arc<Mutex<Vec<Twist>>>,
    /// What the workspace calls otherwise than the sandbox does.
    pub words: Arc<Mutex<Vec<Word>>>,
    sandbox: Arc<Sandbox>,
    profile: Profile,
    /// In front of the sandbox.
    pub asking: Arc<Gate>,
    /// Behind it: what waits here has been carried out.
    pub answering: Arc<Gate>,
    stop: CancellationToken,
}

/// A name that people gave something of the workspace: of a field, of an option.
#[derive(Clone, Copy)]
pub struct Word {
    was: &'static str,
    is: &'static str,
    /// Whose workspace it is in; nobody's alone where there is no key.
    key: Option<&'static str>,
}

impl Word {
    /// What was called so is called otherwise from now on.
    pub const fn new(was: &'static str, is: &'static str) -> Self {
        Self { was, is, key: None }
    }

    /// The same in the workspace of this key alone.
    pub const fn of(self, key: &'static str) -> Self {
        Self { key: Some(key), ..self }
    }

    fn counts_for(&self, authorization: Option<&str>) -> bool {
        self.key.is_none_or(|key| authorization.is_some_and(|said| said.ends_with(key)))
    }
}

/// Another answer in the place of the sandbox's.
pub type Twist = fn(Bytes) -> Bytes;

struct Recorder {
    sandbox: Arc<Sandbox>,
    sent: Arc<Mutex<Vec<(String, Value)>>>,
    keys: Arc<Mutex<Vec<Option<String>>>>,
    failing: Arc<AtomicU32>,
    losing: Arc<AtomicU32>,
    twists: Arc<Mutex<Vec<Twist>>>,
    words: Arc<Mutex<Vec<Word>>>,
    asking: Arc<Gate>,
    answering: Arc<Gate>,
}

/// A place that every request passes and that can be closed.
pub struct Gate {
    permits: Semaphore,
    waiting: AtomicU32,
    turned_away: Notify,
}

impl Default for Gate {
    fn default() -> Self {
        Self { permits: Semaphore::new(ENDLESS), waiting: AtomicU32::new(0), turned_away: Notify::new() }
    }
}

impl Gate {
    /// Whether the request may go on.
    async fn passed(&self) -> bool {
        if let Ok(permit) = self.permits.try_acquire() {
            permit.forget();
            return true;
        }
        let turned_away = self.turned_away.notified();
        self.waiting.fetch_add(1, Ordering::SeqCst);
        tokio::select! {
            biased;
            () = turned_away => return false,
            permit = self.permits.acquire() => permit.unwrap().forget(),
        }
        true
    }

    /// Lets this many more pass; the ones after them wait.
    pub fn close_after(&self, count: usize) {
        self.permits.forget_permits(usize::MAX);
        self.permits.add_permits(count);
        self.waiting.store(0, Ordering::SeqCst);
    }

    /// Lets everything pass again but what waits already, which is turned away.
    pub fn open(&self) {
        self.turned_away.notify_waiters();
        self.close_after(ENDLESS);
    }

    /// Waits until somebody waits.
    pub async fn held(&self) {
        while self.waiting.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Endpoint for Recorder {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let path = request.uri().path().to_owned();
        let key = request.header("authorization").map(str::to_owned);
        let authorization = key.clone().map(Into::into);
        let mut words = self.words.lock().unwrap().clone();
        words.retain(|word| word.counts_for(key.as_deref()));
        self.keys.lock().unwrap().push(key);
        let method = request.method().clone();
        let body = request.take_body().into_bytes().await.unwrap();
        let known = words.iter().fold(body.clone(), |body, word| replaced(body, word.is, word.was));
        let document = serde_json::from_slice(&known).unwrap_or_default();
        // Under its old name there is nothing any more.
        let body = words.iter().fold(body, |body, word| {
            replaced(replaced(body, word.was, &format!("{}Gone", word.was)), word.is, word.was)
        });
        self.sent.lock().unwrap().push((path.clone(), document));
        if !self.asking.passed().await || takes_one(&self.failing) {
            return Ok(Response::builder().status(StatusCode::SERVICE_UNAVAILABLE).finish());
        }
        let answer = self.sandbox.answer(workspace::Request { method, path, authorization, body }).await;
        if !self.answering.passed().await || takes_one(&self.losing) {
            return Ok(Response::builder().status(StatusCode::BAD_GATEWAY).finish());
        }
        let twist = self.twists.lock().unwrap().pop();
        let body = twist.map_or_else(|| answer.body.clone(), |twist| twist(answer.body.clone()));
        let body = words.iter().fold(body, |body, word| replaced(body, word.was, word.is));
        let mut response = Response::builder().status(answer.status).body(Body::from_bytes(body));
        response.headers_mut().extend(answer.headers);
        Ok(response)
    }
}

fn replaced(body: Bytes, from: &str, to: &str) -> Bytes {
    str::from_utf8(&body).unwrap().replace(from, to).into()
}

fn takes_one(left: &AtomicU32) -> bool {
    left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
}

impl Upstream {
    /// A sandbox with these settings.
    pub async fn start(settings: Value) -> Arc<Self> {
        let settings: SandboxSettings = serde_json::from_value(settings).unwrap();
        let sandbox = Arc::new(Sandbox::new(&settings).unwrap());
        let (sent, failing, losing) = (Arc::default(), Arc::default(), Arc::default());
        let (keys, twists, words) = (Arc::default(), Arc::default(), Arc::default());
        let (asking, answering) = (Arc::<Gate>::default(), Arc::<Gate>::default());
        let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let recorder = Recorder {
            sandbox: Arc::clone(&sandbox),
            sent: Arc::clone(&sent),
            keys: Arc::clone(&keys),
            failing: Arc::clone(&failing),
            losing: Arc::clone(&losing),
            twists: Arc::clone(&twists),
            words: Arc::clone(&words),
            asking: Arc::clone(&asking),
            answering: Arc::clone(&answering),
        };
        let stop = CancellationToken::new();
        tokio::spawn(twenty_mcp::server::serve(listener, recorder, stop.clone(), Duration::ZERO));
        Arc::new(Self {
            url,
            sent,
            keys,
            failing,
            losing,
            twists,
            words,
            sandbox,
            profile: settings.profile,
            asking,
            answering,
            stop,
        })
    }

    /// The schema that documents to `/graphql` or `/metadata` have to keep to.
    pub fn schema(&self, path: &str) -> PathBuf {
        let file = match (path, self.profile) {
            ("/metadata", _) => "tools/twenty/sandbox/metadata/metadata.graphql",
            (_, Profile::Current) => "tests/schema/sandbox.graphql",
            (_, Profile::Legacy) => "tests/schema/sandbox-legacy.graphql",
        };
        Path::new(env!("CARGO_MANIFEST_DIR")).join(file)
    }

    /// How many requests there have been.
    pub fn requests(&self) -> usize {
        self.sent.lock().unwrap().len()
    }

    /// Asks the sandbox itself, past the server and uncounted: the data of a document that must succeed.
    pub async fn ask(&self, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables }).to_string().into();
        let (path, authorization) = ("/graphql".to_owned(), Some("Bearer CANARY-test-key".into()));
        let request = workspace::Request { method: Method::POST, path, authorization, body };
        let answer = self.sandbox.answer(request).await;
        let mut answer: Value = serde_json::from_slice(&answer.body).unwrap();
        assert!(answer.get("errors").is_none(), "{query}\n{answer:#}");
        answer["data"].take()
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.stop.cancel();
        if std::thread::panicking() {
            return;
        }
        let sent = self.sent.lock().unwrap();
        for path in ["/graphql", "/metadata"] {
            let documents = sent.iter().filter(|(to, _)| to == path).map(|(_, body)| body);
            judge::valid(&self.schema(path), &documents.collect::<Vec<_>>());
        }
    }
}
