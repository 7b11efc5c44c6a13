//! MCP over Streamable HTTP: sessions capped, and each bound to the principal that opened it.

use super::handler::{Entrance, Handler};
use crate::{mcp::SessionLimits, registry::Registry, seam::Principal};
use futures_util::StreamExt;
use http::{HeaderMap, Method, StatusCode, header};
use poem::{Body, Endpoint, Request, Response, endpoint::TowerCompatExt};
use rmcp::transport::streamable_http_server::{
    SessionManager, StreamableHttpServerConfig, StreamableHttpService, session::local::LocalSessionManager,
};
use serde_json::json;
use std::{collections::HashMap, sync::Arc};
use tokio::sync::Mutex;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

const SESSION: &str = "mcp-session-id";

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
    async fn refusal(&self, headers: &HeaderMap, principal: &Principal) -> Option<Response> {
        let said = headers.get(SESSION).map(|value| value.to_str().unwrap_or_default());
        match said {
            Some(id) => {
                let known = self.open.has_session(&Arc::from(id)).await.unwrap_or(false);
                let own = self.owners.lock().await.get(id).is_some_and(|owner| owner == principal);
                (!known || !own).then(|| {
                    let message =
                        "there is no such session, or it has ended; begin a new one with `initialize`";
                    problem(StatusCode::NOT_FOUND, -32001, message)
                })
            }
            None if self.open.sessions.read().await.len() >= self.limits.most => {
                let message = "too many sessions are open; try again shortly";
                let mut full = problem(StatusCode::SERVICE_UNAVAILABLE, -32000, message);
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
        if let Some(refusal) = self.refusal(request.headers(), &principal).await {
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

fn problem(status: StatusCode, code: i32, message: &str) -> Response {
    let body = json!({ "jsonrpc": "2.0", "error": { "code": code, "message": message } });
    Response::builder()
        .status(status)
        .content_type("application/json")
        .body(Body::from_string(body.to_string()))
}
