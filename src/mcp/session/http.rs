//! MCP over Streamable HTTP: sessions capped, and each bound to the principal that opened it.

use super::handler::{Entrance, Handler};
use crate::{mcp::SessionLimits, registry::Registry, seam::Principal, telemetry::Source};
use futures_util::StreamExt;
use http::{HeaderMap, Method, StatusCode, header};
use poem::{Body, Endpoint, Request, Response, endpoint::TowerCompatExt};
use rmcp::{
    model::ProtocolVersion,
    transport::streamable_http_server::{
        SessionManager, StreamableHttpServerConfig, StreamableHttpService,
        session::local::LocalSessionManager,
    },
};
use serde_json::json;
use std::{collections::HashMap, sync::Arc};
use tokio::sync::Mutex;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

const SESSION: &str = "mcp-session-id";
/// MCP 2026-07-28, Streamable HTTP: standard request headers.
const METHOD: &str = "mcp-method";
const VERSION: &str = "mcp-protocol-version";

type Service = StreamableHttpService<Handler, LocalSessionManager>;

/// The endpoint of `/mcp`.
pub struct Sessions {
    service: Service,
    open: Arc<LocalSessionManager>,
    limits: SessionLimits,
    owners: Mutex<HashMap<String, Principal>>,
    replies: TaskTracker,
}

impl Sessions {
    /// Serves the registry's tools; `stop` ends every session's streams.
    ///
    /// # Errors
    /// A tool's definition is no MCP tool.
    pub fn new(
        registry: Arc<Registry>,
        limits: SessionLimits,
        stop: CancellationToken,
    ) -> Result<Self, serde_json::Error> {
        let handler = Handler::new(registry, Entrance::Http)?;
        let mut manager = LocalSessionManager::default();
        manager.session_config.keep_alive = Some(limits.idle);
        let open = Arc::new(manager);
        // Host and Origin are checked in front of every route, bodies are bounded there.
        let mut config = StreamableHttpServerConfig::default().disable_allowed_hosts();
        config.cancellation_token = stop;
        config.max_request_body_bytes = usize::MAX;
        let service = StreamableHttpService::new(move || Ok(handler.clone()), open.clone(), config);
        Ok(Self { service, open, limits, owners: Mutex::default(), replies: TaskTracker::new() })
    }

    /// The answers under way: a server that stops waits for them before it ends the sessions.
    #[must_use]
    pub fn replies(&self) -> TaskTracker {
        self.replies.clone()
    }

    /// Why a request is not let through to rmcp.
    async fn refusal(&self, headers: &HeaderMap, principal: &Principal, source: &Source) -> Option<Response> {
        let said = headers.get(SESSION).map(|value| value.to_str().unwrap_or_default());
        match said {
            Some(id) => {
                let known = self.open.has_session(&Arc::from(id)).await.unwrap_or(false);
                let own = self.owners.lock().await.get(id).is_some_and(|owner| owner.is_same(principal));
                (!known || !own).then(|| {
                    let message =
                        "there is no such session, or it has ended; begin a new one with `initialize`";
                    problem(StatusCode::NOT_FOUND, -32001, message, source)
                })
            }
            None if begins(headers) && self.open.sessions.read().await.len() >= self.limits.most => {
                let message = "too many sessions are open; try again shortly";
                let mut full = problem(StatusCode::SERVICE_UNAVAILABLE, -32000, message, source);
                full.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("30"));
                Some(full)
            }
            None => None,
        }
    }

    /// Remembers whose a new session is, and forgets those that have ended.
    async fn bind(&self, id: &str, principal: Principal) {
        let open = self.open.sessions.read().await;
        let mut owners = self.owners.lock().await;
        owners.retain(|id, _| open.contains_key(id.as_str()));
        owners.insert(id.to_owned(), principal);
    }
}

impl Endpoint for Sessions {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let principal = request.extensions().get::<Principal>().cloned().unwrap_or(Principal::Anonymous);
        let source = Source::of(request.extensions());
        if let Some(refusal) = self.refusal(request.headers(), &principal, &source).await {
            return Ok(refusal);
        }
        let reply = (request.method() == Method::POST).then(|| self.replies.token());
        let joins = request.headers().contains_key(SESSION);
        let mut response = self.service.clone().compat().call(request).await?;
        if let Some(id) = response.headers().get(SESSION).and_then(|id| id.to_str().ok())
            && !joins
        {
            self.bind(id, principal).await;
        }
        if let Some(reply) = reply {
            let body = response.take_body().into_bytes_stream();
            response.set_body(Body::from_bytes_stream(body.inspect(move |_| {
                let _under_way = &reply;
            })));
        }
        Ok(response)
    }
}

/// Whether a request may begin a session. One of a stateless revision names its method in a header, and rmcp refuses an
/// `initialize` under another name there.
fn begins(headers: &HeaderMap) -> bool {
    let said = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let stateless = said(VERSION).is_some_and(|version| version >= ProtocolVersion::V_2026_07_28.as_str());
    !stateless || said(METHOD).is_none_or(|method| method == "initialize")
}

fn problem(status: StatusCode, code: i32, message: &str, source: &Source) -> Response {
    let trace = source.trace.to_string();
    let message = format!("{message} (trace {trace})");
    let error = json!({ "code": code, "message": message, "data": { "trace_id": trace } });
    let body = json!({ "jsonrpc": "2.0", "error": error });
    Response::builder()
        .status(status)
        .content_type("application/json")
        .body(Body::from_string(body.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::BTreeMap, time::Duration};

    /// The status of a request with these headers, and whether it began a session.
    async fn post(sessions: &Sessions, headers: &[(&str, &str)], method: &str) -> (u16, bool) {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri_str("http://127.0.0.1/mcp")
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": {
            "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "raw", "version": "1" },
            "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": {},
                "io.modelcontextprotocol/clientInfo": { "name": "raw", "version": "1" },
            },
        }});
        let response = sessions.call(request.body(body.to_string())).await.unwrap();
        (response.status().as_u16(), response.headers().contains_key(SESSION))
    }

    #[tokio::test]
    async fn when_sessions_are_at_their_most_only_stateless_calls_are_served() {
        let registry = Registry::new(Vec::new(), &BTreeMap::new(), Duration::from_secs(1)).unwrap();
        let limits = SessionLimits { most: 2, ..SessionLimits::default() };
        let sessions = Sessions::new(Arc::new(registry), limits, CancellationToken::new()).unwrap();
        for _ in 0..2 {
            assert_eq!(post(&sessions, &[], "initialize").await, (200, true));
        }
        let version = (VERSION, "2026-07-28");
        let list = [version, (METHOD, "tools/list")];
        assert_eq!(post(&sessions, &list, "tools/list").await, (200, false));
        for headers in [&[][..], &[(METHOD, "initialize")], &[(METHOD, "tools/list")], &[version]] {
            assert_eq!(post(&sessions, headers, "initialize").await, (503, false), "{headers:?}");
        }
        assert_eq!(post(&sessions, &list, "initialize").await, (400, false));
        assert_eq!(sessions.open.sessions.read().await.len(), 2);
    }
}
