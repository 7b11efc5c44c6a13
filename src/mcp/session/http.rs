//! Sessions over Streamable HTTP: capped, each bound to the principal that opened it and the keys that came then, and
//! every answer in the form of the protocol.

use super::{
    busy::{Busy, UnderWay},
    handler::{Entrance, Handler},
};
use crate::{
    mcp::{
        SessionLimits,
        caller::{Asker, Owner},
        door::{EVENTS, Fault, JSON, SESSION, accepts, single},
    },
    registry::Registry,
};
use futures_util::StreamExt;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use poem::{Body, Endpoint, Request, Response, endpoint::TowerCompatExt};
use rmcp::transport::streamable_http_server::{
    SessionManager, StreamableHttpServerConfig, StreamableHttpService, session::local::LocalSessionManager,
};
use serde_json::value::RawValue;
use std::{collections::HashMap, sync::Arc};
use tokio::sync::Mutex;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

type Service = StreamableHttpService<Handler, LocalSessionManager>;

/// Serves the revisions with sessions. What it gets is well-formed.
pub(in crate::mcp) struct Sessions {
    service: Service,
    open: Arc<LocalSessionManager>,
    limits: SessionLimits,
    owners: Mutex<HashMap<String, Owner>>,
    busy: Busy,
    replies: TaskTracker,
}

impl Sessions {
    /// Serves the registry's tools; `stop` ends every session's streams.
    ///
    /// # Errors
    /// A tool's definition is no MCP tool.
    pub(in crate::mcp) fn new(
        registry: Arc<Registry>,
        limits: SessionLimits,
        stop: CancellationToken,
    ) -> Result<Self, serde_json::Error> {
        let handler = Handler::new(registry, Entrance::Http)?;
        let mut manager = LocalSessionManager::default();
        manager.session_config.keep_alive = Some(limits.idle);
        let open = Arc::new(manager);
        // Host and Origin are checked in front of every route, bodies are bounded at the door.
        let mut config = StreamableHttpServerConfig::default().disable_allowed_hosts();
        config.cancellation_token = stop;
        config.max_request_body_bytes = usize::MAX;
        let service = StreamableHttpService::new(move || Ok(handler.fresh()), open.clone(), config);
        let (owners, busy, replies) = (Mutex::default(), Busy::default(), TaskTracker::new());
        Ok(Self { service, open, limits, owners, busy, replies })
    }

    /// The answers under way: a server that stops waits for them before it ends the sessions.
    pub(in crate::mcp) fn replies(&self) -> TaskTracker {
        self.replies.clone()
    }

    /// Answers a request of this id; one that `begins` opens a session.
    ///
    /// # Errors
    /// There is no such session, or none may be opened; the id is in use; rmcp refuses the request.
    pub(in crate::mcp) async fn ask(
        &self,
        request: Request,
        id: &RawValue,
        begins: bool,
    ) -> Result<Response, Fault> {
        let owner = Asker::of(request.extensions()).owner();
        let session = self.session(request.headers(), &owner).await?.map(str::to_owned);
        let under_way = match &session {
            Some(session) => Some(self.busy.begin(session, id).ok_or_else(|| {
                Fault::invalid("a request of this id is under way in this session; ids are used once")
            })?),
            None if begins => self.room().await.map(|()| None)?,
            None => return Err(no_session()),
        };
        let response = self.passed_on(request, begins).await?;
        if let Some(id) = response.headers().get(SESSION).and_then(|id| id.to_str().ok())
            && session.is_none()
        {
            self.bind(id, owner).await;
        }
        Ok(self.tracked(response, under_way))
    }

    /// Hands on a notification or a response.
    ///
    /// # Errors
    /// There is no such session.
    pub(in crate::mcp) async fn tell(&self, request: Request) -> Result<Response, Fault> {
        self.joined(&request).await?;
        let response = self.passed_on(request, false).await?;
        Ok(self.tracked(response, None))
    }

    /// Opens a session's own stream, or ends the session.
    ///
    /// # Errors
    /// There is no such session; the client does not take a stream.
    pub(in crate::mcp) async fn open(&self, mut request: Request) -> Result<Response, Fault> {
        self.joined(&request).await?;
        if request.method() == Method::GET {
            accepts(request.headers(), &[EVENTS], "Accept must name text/event-stream, or be left out")?;
            request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static(EVENTS));
        }
        self.passed_on(request, false).await
    }

    /// Checks that a request names an open session of its caller's.
    async fn joined(&self, request: &Request) -> Result<(), Fault> {
        self.session(request.headers(), &Asker::of(request.extensions()).owner())
            .await?
            .map(drop)
            .ok_or_else(no_session)
    }

    /// The open session that a request names. To others than its owner it does not exist.
    async fn session<'a>(&self, headers: &'a HeaderMap, asker: &Owner) -> Result<Option<&'a str>, Fault> {
        let said = single(headers, &SESSION);
        let Some(id) = said.map_err(|_| Fault::invalid("Mcp-Session-Id must stand once"))? else {
            return Ok(None);
        };
        let known = self.open.has_session(&Arc::from(id)).await.unwrap_or(false);
        let own = self.owners.lock().await.get(id).is_some_and(|owner| owner.is_same(asker));
        if known && own {
            return Ok(Some(id));
        }
        let message = "there is no such session, or it has ended; begin a new one with `initialize`";
        Err(Fault::http(StatusCode::NOT_FOUND, message).coded(-32001))
    }

    /// Checks that there is room for one more session.
    async fn room(&self) -> Result<(), Fault> {
        if self.open.sessions.read().await.len() < self.limits.most {
            return Ok(());
        }
        let full =
            Fault::http(StatusCode::TOO_MANY_REQUESTS, "too many sessions are open; try again shortly");
        Err(full.coded(-32000).header(header::RETRY_AFTER, "30"))
    }

    /// What rmcp answers; its refusals are texts, which no client of the protocol reads.
    async fn passed_on(&self, request: Request, begins: bool) -> Result<Response, Fault> {
        let answered = self.service.clone().compat().call(request).await;
        let response = answered.map_err(|error| Fault::internal(error.to_string()))?;
        let status = response.status();
        let refused = status.is_client_error() || status.is_server_error();
        if !refused || response.content_type() == Some(JSON) {
            return Ok(response);
        }
        if begins && status == StatusCode::BAD_REQUEST {
            return Err(Fault::params("the parameters of `initialize` are not understood"));
        }
        let text = response.into_body().into_string().await.unwrap_or_default();
        Err(Fault::new(status, -32600, text))
    }

    /// Remembers whose a new session is, and forgets those that have ended.
    async fn bind(&self, id: &str, owner: Owner) {
        let open = self.open.sessions.read().await;
        let mut owners = self.owners.lock().await;
        owners.retain(|id, _| open.contains_key(id.as_str()));
        owners.insert(id.to_owned(), owner);
    }

    /// The answer, which counts as under way until it is sent or its client has left.
    fn tracked(&self, mut response: Response, under_way: Option<UnderWay>) -> Response {
        let reply = (self.replies.token(), under_way);
        let body = response.take_body().into_bytes_stream();
        response.set_body(Body::from_bytes_stream(body.inspect(move |_| {
            let _until_then = &reply;
        })));
        response
    }
}

fn no_session() -> Fault {
    Fault::invalid("Mcp-Session-Id is missing: begin with `initialize`, and name the session that it opens")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::{collections::BTreeMap, time::Duration};

    async fn ask(
        sessions: &Sessions,
        headers: &[(&str, &str)],
        method: &str,
    ) -> Result<Option<String>, Vec<u8>> {
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
        }});
        let id: Box<RawValue> = serde_json::from_str("1").unwrap();
        let asked = sessions.ask(request.body(body.to_string()), &id, method == "initialize").await;
        let response = asked.map_err(|fault| fault.message())?;
        assert_eq!(response.status(), 200);
        Ok(response.header("mcp-session-id").map(str::to_owned))
    }

    #[tokio::test]
    async fn when_sessions_are_at_their_most_those_that_are_open_go_on() {
        let registry = Registry::new(Vec::new(), &BTreeMap::new(), Duration::from_secs(1)).unwrap();
        let limits = SessionLimits { most: 2, ..SessionLimits::default() };
        let sessions = Sessions::new(Arc::new(registry), limits, CancellationToken::new()).unwrap();
        assert!(ask(&sessions, &[], "tools/list").await.is_err(), "without a session");
        let first = ask(&sessions, &[], "initialize").await.unwrap().unwrap();
        ask(&sessions, &[], "initialize").await.unwrap().unwrap();
        let full = String::from_utf8(ask(&sessions, &[], "initialize").await.unwrap_err()).unwrap();
        assert!(full.contains("too many sessions"), "{full}");
        assert!(ask(&sessions, &[("mcp-session-id", &first)], "tools/list").await.is_ok());
        assert_eq!(sessions.open.sessions.read().await.len(), 2);
    }
}
