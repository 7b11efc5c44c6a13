//! The Twenty pack on a sandbox behind a real port that keeps every document it is sent.

use poem::{Body, Endpoint, Request, Response};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio_util::sync::CancellationToken;
use twenty_mcp::{
    keys::Whose,
    registry::{Answer, Incoming, Registry, ServedPack},
    seam::{PackEntry, Principal, Setup, Silent, Trace},
    tools::twenty::sandbox::{
        settings::SandboxSettings,
        workspace::{self, Sandbox},
    },
};

pub const PROFILES: [&str; 2] = ["current", "legacy"];

pub struct Crm {
    pub registry: Arc<Registry>,
    /// Path and body of every request, in their order.
    pub sent: Arc<Mutex<Vec<(String, Value)>>>,
    /// How many of the next requests are answered with 503, unseen by the sandbox.
    pub failing: Arc<AtomicU32>,
    stop: CancellationToken,
}

struct Recorder {
    sandbox: Arc<Sandbox>,
    failing: Arc<AtomicU32>,
    sent: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Endpoint for Recorder {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let path = request.uri().path().to_owned();
        let authorization = request.header("authorization").map(|value| value.to_owned().into());
        let method = request.method().clone();
        let body = request.take_body().into_bytes().await.unwrap();
        let document = serde_json::from_slice(&body).unwrap_or_default();
        self.sent.lock().unwrap().push((path.clone(), document));
        let fails = |left: u32| left.checked_sub(1);
        if self.failing.fetch_update(Ordering::SeqCst, Ordering::SeqCst, fails).is_ok() {
            return Ok(Response::builder().status(http::StatusCode::SERVICE_UNAVAILABLE).finish());
        }
        let answer = self.sandbox.answer(workspace::Request { method, path, authorization, body }).await;
        let mut response = Response::builder().status(answer.status).body(Body::from_bytes(answer.body));
        response.headers_mut().extend(answer.headers);
        Ok(response)
    }
}

impl Crm {
    /// A sandbox with these settings, and the registry of a server that has only the Twenty pack.
    pub async fn start(sandbox: Value, timeout: Duration) -> Self {
        let settings: SandboxSettings = serde_json::from_value(sandbox).unwrap();
        let (sandbox, sent, failing) =
            (Arc::new(Sandbox::new(&settings).unwrap()), Arc::default(), Arc::default());
        let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let recorder = Recorder { sandbox, sent: Arc::clone(&sent), failing: Arc::clone(&failing) };
        let stop = CancellationToken::new();
        tokio::spawn(twenty_mcp::server::serve(listener, recorder, stop.clone(), Duration::ZERO));
        let registry = registry(json!({ "base_url": url, "api_key": "test-key" }), timeout);
        Self { registry, sent, failing, stop }
    }

    pub async fn of_profile(profile: &str) -> Self {
        Self::start(json!({ "profile": profile, "people": 60 }), Duration::from_secs(30)).await
    }

    pub async fn call(&self, tool: &str, arguments: Value) -> Answer {
        call(&self.registry, tool, arguments).await
    }

    /// A call that must succeed; its `structuredContent`.
    pub async fn done(&self, tool: &str, arguments: Value) -> Value {
        let answer = self.call(tool, arguments).await;
        assert_eq!(answer.error, None, "{tool}: {}", answer.text);
        answer.structured.unwrap()
    }
}

impl Drop for Crm {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

pub fn registry(settings: Value, timeout: Duration) -> Arc<Registry> {
    let entry = PackEntry::all().into_iter().find(|entry| entry.origin.key() == "twenty").unwrap();
    let settings = (entry.settings.read)(settings).unwrap();
    let built = (entry.build)(settings, &Setup::default()).unwrap();
    let credentials = Arc::new(Whose::new(None, built.operator));
    let pack = ServedPack { entry, pack: built.pack, credentials, tools: BTreeMap::new() };
    Arc::new(Registry::new(vec![pack], &BTreeMap::new(), timeout).unwrap())
}

pub async fn call(registry: &Registry, tool: &str, arguments: Value) -> Answer {
    let incoming = Incoming {
        tool: tool.to_owned(),
        arguments: arguments.as_object().cloned().unwrap(),
        principal: Principal::Local,
        caller: Arc::new(Silent),
        cancelled: CancellationToken::new(),
        progress: None,
        trace: Trace::new(None),
    };
    registry.call(incoming).await.unwrap()
}
