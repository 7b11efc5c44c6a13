//! Sessions over Streamable HTTP: each bound to the principal that opened it and the keys that came then, its streams
//! open to their client again after a connection is lost.

use super::{
    conversation::Conversation,
    event,
    handler::{Entrance, Handler},
    log::Unbegun,
    open::Open,
    own::Kind,
    peer::Way,
    reader::Reader,
    waiting::Waiting,
};
use crate::{
    mcp::{
        SessionLimits,
        caller::{Asker, Owner},
        door::{EVENTS, Fault, JSON, SESSION, VERSION, accepts, single},
        revisions::SESSIONS,
        tasks::Tasks,
    },
    registry::Registry,
};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method, StatusCode, header};
use poem::{Body, Request, Response};
use rmcp::{
    model::{
        ClientJsonRpcMessage, ClientNotification, ClientRequest, GetExtensions, JsonRpcMessage,
        JsonRpcRequest,
    },
    service::serve_server_with_ct,
};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// The event after which a client wants a stream to go on (WHATWG HTML, Server-sent events).
const LAST_EVENT: HeaderName = HeaderName::from_static("last-event-id");
/// How long rmcp may take for an answer to `initialize`.
const BEGINNING: Duration = Duration::from_secs(30);

/// Serves the revisions with sessions. What it gets is well-formed.
pub(in crate::mcp) struct Sessions {
    handler: Handler,
    open: Arc<Open>,
    replies: TaskTracker,
}

impl Sessions {
    /// Serves the registry's tools; `stop` ends every session.
    ///
    /// # Errors
    /// A tool's definition is no MCP tool.
    pub(in crate::mcp) fn new(
        registry: Arc<Registry>,
        limits: SessionLimits,
        stop: CancellationToken,
    ) -> Result<Self, serde_json::Error> {
        let handler = Handler::new(registry, Entrance::Http)?;
        Ok(Self { handler, open: Open::new(limits, stop), replies: TaskTracker::new() })
    }

    /// The same, which keep their tasks here.
    pub(in crate::mcp) fn keeping(self, tasks: Tasks) -> Self {
        Self { handler: self.handler.keeping(tasks), ..self }
    }

    /// The answers under way: a server that stops waits for them before it ends the sessions.
    pub(in crate::mcp) fn replies(&self) -> TaskTracker {
        self.replies.clone()
    }

    /// The clients whose users were sent to a page.
    pub(in crate::mcp) fn waiting(&self) -> Waiting {
        self.handler.waiting.clone()
    }

    /// Answers a request; one that begins a session opens it where it names none.
    ///
    /// # Errors
    /// There is no such session, or none may be opened; the id is in use; too many requests are under way.
    pub(in crate::mcp) async fn ask(
        &self,
        request: Request,
        body: &Bytes,
        kind: Kind,
    ) -> Result<Response, Fault> {
        let asker = Asker::of(request.extensions());
        let session = self.session(request.headers(), &asker.owner())?;
        let asked = kind.read(body).map_err(|_| not_understood())?;
        match (session, kind) {
            (Some(session), Kind::Polls) => self.answer_at_once(&session, asked, asker).await,
            (Some(session), _) => self.answer(&session, asked, asker).await,
            (None, Kind::Begins) => self.begin(request.headers(), asked, asker).await,
            (None, _) => Err(no_session()),
        }
    }

    /// Hands on a notification or a response.
    ///
    /// # Errors
    /// There is no such session.
    pub(in crate::mcp) async fn tell(&self, request: Request, body: &Bytes) -> Result<Response, Fault> {
        let asker = Asker::of(request.extensions());
        let session = self.joined(request.headers(), &asker)?;
        let mut message: ClientJsonRpcMessage = serde_json::from_slice(body).map_err(|_| not_understood())?;
        if let JsonRpcMessage::Notification(note) = &mut message {
            if let ClientNotification::CancelledNotification(of) = &note.notification
                && let Some(request) = &of.params.request_id
            {
                session.give_up(request);
            }
            note.notification.extensions_mut().insert(asker);
        }
        session.tell(message).await;
        Ok(StatusCode::ACCEPTED.into())
    }

    /// Opens a session's own stream, or one that goes on behind an event; or ends the session.
    ///
    /// # Errors
    /// There is no such session; the client does not take a stream; the event is not kept.
    pub(in crate::mcp) async fn open(&self, request: Request) -> Result<Response, Fault> {
        let headers = request.headers();
        let session = self.joined(headers, &Asker::of(request.extensions()))?;
        if request.method() != Method::GET {
            self.open.end(&session);
            return Ok(StatusCode::ACCEPTED.into());
        }
        accepts(headers, &[EVENTS], "Accept must name text/event-stream, or be left out")?;
        let after = single(headers, &LAST_EVENT);
        let after = after.map_err(|_| Fault::invalid("Last-Event-ID must stand once"))?;
        let reader = match after {
            None => session.open(),
            Some(after) => after.parse().ok().and_then(|after| session.resume(after)),
        };
        let reader = reader.ok_or_else(|| {
            let message = "what followed this event is no longer kept, or there was no such event; ask again for what \
                           is missing";
            Fault::invalid(message)
        })?;
        Ok(events(reader, ()))
    }

    /// Opens a session for the caller of an `initialize`.
    async fn begin(
        &self,
        headers: &HeaderMap,
        asked: JsonRpcRequest<ClientRequest>,
        asker: Asker,
    ) -> Result<Response, Fault> {
        let ClientRequest::InitializeRequest(said) = &asked.request else {
            return Err(Fault::params("the parameters of `initialize` are not understood"));
        };
        let version = single(headers, &VERSION)?;
        if version.is_some_and(|version| version != said.params.protocol_version.as_str()) {
            return Err(Fault::invalid("MCP-Protocol-Version and `protocolVersion` say different revisions"));
        }
        let (session, link) = self.open.begin(&asker).ok_or_else(|| {
            let message = "too many sessions are open; try again shortly";
            Fault::http(StatusCode::TOO_MANY_REQUESTS, message)
                .coded(-32000)
                .header(header::RETRY_AFTER, "30")
        })?;
        let (open, serving, handler) = (self.open.clone(), session.clone(), self.handler.fresh());
        let link = link.offering(handler.offer);
        tokio::spawn(async move {
            let ended = serving.ended().clone();
            let served = async {
                match serve_server_with_ct(handler, link, ended).await {
                    Ok(served) => drop(served.waiting().await),
                    Err(error) => tracing::debug!(%error, "a session did not begin"),
                }
            };
            tokio::select! {
                () = served => {}
                () = serving.idles(open.limits().idle) => {}
            }
            open.end(&serving);
        });
        let mut reader = self.asked(&session, asked, asker).await?;
        let answer = timeout(BEGINNING, reader.event()).await.ok().flatten();
        let Some(answer) = answer else {
            self.open.end(&session);
            return Err(Fault::internal("the session did not begin"));
        };
        let response = Response::builder().content_type(JSON);
        if !session.has_begun() {
            self.open.end(&session);
            return Ok(response.body(event::data(&answer)));
        }
        Ok(response.header(SESSION, session.id()).body(event::data(&answer)))
    }

    /// Answers a request of a session with a stream.
    async fn answer(
        &self,
        session: &Arc<Conversation>,
        asked: JsonRpcRequest<ClientRequest>,
        asker: Asker,
    ) -> Result<Response, Fault> {
        let reader = self.asked(session, asked, asker).await?;
        Ok(events(reader, self.replies.token()))
    }

    /// Answers a request of a session with one message: who asks again and again wants no stream (MCP 2025-11-25, Tasks).
    async fn answer_at_once(
        &self,
        session: &Arc<Conversation>,
        asked: JsonRpcRequest<ClientRequest>,
        asker: Asker,
    ) -> Result<Response, Fault> {
        let _replying = self.replies.token();
        let mut reader = self.asked(session, asked, asker).await?;
        match reader.event().await {
            Some(answer) => Ok(Response::builder().content_type(JSON).body(event::data(&answer))),
            // It was taken back, or the session has ended.
            None => Ok(events(reader, ())),
        }
    }

    /// Hands a request on.
    async fn asked(
        &self,
        session: &Arc<Conversation>,
        mut asked: JsonRpcRequest<ClientRequest>,
        asker: Asker,
    ) -> Result<Reader, Fault> {
        let (stream, reader) = session.begin(asked.id.clone()).map_err(|unbegun| match unbegun {
            Unbegun::Twice => {
                Fault::invalid("a request of this id is under way in this session; ids are used once")
            }
            Unbegun::Full => {
                let message = "too many requests of this session are under way; wait for their answers";
                let full = Fault::http(StatusCode::TOO_MANY_REQUESTS, message);
                full.coded(-32000).header(header::RETRY_AFTER, "5")
            }
        })?;
        let extensions = asked.request.extensions_mut();
        extensions.insert(asker);
        extensions.insert(Way { session: session.clone(), stream });
        session.tell(JsonRpcMessage::Request(asked)).await;
        Ok(reader)
    }

    /// The open session that a request must name.
    fn joined(&self, headers: &HeaderMap, asker: &Asker) -> Result<Arc<Conversation>, Fault> {
        let version = single(headers, &VERSION)?;
        if version.is_some_and(|version| !SESSIONS.contains(&version)) {
            return Err(Fault::invalid("MCP-Protocol-Version names no revision with sessions"));
        }
        self.session(headers, &asker.owner())?.ok_or_else(no_session)
    }

    /// The open session that a request names. To others than its owner it does not exist.
    fn session(&self, headers: &HeaderMap, owner: &Owner) -> Result<Option<Arc<Conversation>>, Fault> {
        let said = single(headers, &SESSION);
        let Some(id) = said.map_err(|_| Fault::invalid("Mcp-Session-Id must stand once"))? else {
            return Ok(None);
        };
        let session = self.open.get(id, owner).ok_or_else(|| {
            let message = "there is no such session, or it has ended; begin a new one with `initialize`";
            Fault::http(StatusCode::NOT_FOUND, message).coded(-32001)
        })?;
        session.touch();
        Ok(Some(session))
    }
}

fn not_understood() -> Fault {
    Fault::invalid("the message is not understood")
}

/// A stream of events, which holds `held` as long as its connection is open.
fn events(reader: Reader, held: impl Send + 'static) -> Response {
    Response::builder()
        .content_type(EVENTS)
        .header(header::CACHE_CONTROL, "no-store")
        .header("x-accel-buffering", "no")
        .body(Body::from_bytes_stream(reader.sent(held)))
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
        let asked = sessions.ask(request.finish(), &body.to_string().into(), Kind::of(method)).await;
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
    }
}
