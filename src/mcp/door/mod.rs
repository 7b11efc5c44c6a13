//! The door of HTTP: every request is read strictly here, before anything else sees it, and led to its revision.
//!
//! | order | what is looked at | what is answered otherwise |
//! |---|---|---|
//! | 1 | method | 405 with `Allow` |
//! | 2 | keys that the caller sends | 400 |
//! | 3 | Content-Type, Content-Encoding; Accept | 415; 406 |
//! | 4 | the body's length, time and end | 413, 408, 400 |
//! | 5 | UTF-8, JSON; the envelope; strict parameters | 400 with -32700; -32600; -32602 |
//! | 6 | whether a signed-in caller has the scope of what it asks | 403 with the way to get it |
//! | 7 | the revision: the body counts as much as the header | `stateless` and `session` say what |
//!
//! Host, Origin and the caller's token have been looked at before (`server`, `auth`).

mod body;
mod fault;
mod headers;
mod message;
mod own_keys;
mod plain;
mod strict;

pub use body::{Unread, read_body};
pub(super) use fault::Fault;
pub(super) use headers::{EVENTS, JSON, METHOD, NAME, SESSION, VERSION, accepts, repeated, single};
pub(super) use message::{Message, Said};
pub use own_keys::OwnKeys;
pub use plain::{Plain, Unfit};
pub(super) use strict::Members;

use super::{
    Asking, SessionLimits,
    caller::Asker,
    replica::Replica,
    revisions::{SESSIONS, STATELESS, VERSION_KEY},
    session::{Sessions, Waiting, check},
    stateless::{Scope, Stateless},
};
use crate::{
    registry::{Asked, Registry},
    seam::{ByteSize, Challenge, MissingScope},
    telemetry::Source,
};
use bytes::Bytes;
use http::{Method, StatusCode, header};
use poem::{Endpoint, Request, Response};
use serde_json::value::RawValue;
use std::sync::Arc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// The methods that are answered, in sessions at least.
const ALLOWED: &str = "POST, GET, DELETE";

/// The endpoint of `/mcp`, in every revision.
pub struct Door {
    sessions: Sessions,
    stateless: Stateless,
    own_keys: Arc<OwnKeys>,
    registry: Arc<Registry>,
    challenge: Option<Arc<dyn Challenge>>,
    replica: Replica,
    most: usize,
}

impl Door {
    /// Serves the registry's tools to requests with bodies of at most `most`; `stop` ends every open stream.
    ///
    /// # Errors
    /// A tool's definition is no MCP tool.
    pub fn new(
        registry: Arc<Registry>,
        asking: Asking,
        limits: SessionLimits,
        most: ByteSize,
        stop: CancellationToken,
    ) -> Result<Self, serde_json::Error> {
        let stateless = Stateless::new(registry.clone(), asking, stop.clone());
        let sessions = Sessions::new(registry.clone(), limits, stop)?.keeping(stateless.tasks().apart());
        let own_keys = Arc::default();
        let replica = Replica::default();
        Ok(Self { sessions, stateless, own_keys, registry, challenge: None, replica, most: most.0 })
    }

    /// The same at one of several replicas: the ids of sessions and tasks begin with its name (letters, digits, `-` and
    /// `_`) and a dot.
    #[must_use]
    pub fn at(mut self, replica: &str) -> Self {
        self.replica = Replica::named(replica);
        self.stateless = self.stateless.at(self.replica.clone());
        self.sessions = self.sessions.keeping(self.stateless.tasks().apart());
        self
    }

    /// The same door, where callers may send these keys.
    #[must_use]
    pub fn taking(self, own_keys: Arc<OwnKeys>) -> Self {
        Self { own_keys, ..self }
    }

    /// The same where callers sign in: who lacks a scope is told so by `challenge`, and lists are their caller's alone.
    #[must_use]
    pub fn challenging(mut self, challenge: Arc<dyn Challenge>) -> Self {
        self.stateless = self.stateless.listing(Scope::Private);
        self.challenge = Some(challenge);
        self
    }

    /// The answers under way in sessions: a server that stops waits for them before it ends the sessions.
    #[must_use]
    pub fn replies(&self) -> TaskTracker {
        self.sessions.replies()
    }

    /// The clients in sessions whose users were sent to a page.
    #[must_use]
    pub fn waiting(&self) -> Waiting {
        self.sessions.waiting()
    }

    /// What only some requests wait for is in boxes, so that all others need no room for it.
    async fn answer(&self, mut request: Request) -> Result<Response, Fault> {
        self.replica.take_off(request.headers_mut())?;
        self.own_keys.hint(&request)?;
        match *request.method() {
            Method::POST => self.take_keys(&mut request)?,
            Method::GET | Method::DELETE if has_sessions(&request)? => {
                self.take_keys(&mut request)?;
                return Box::pin(self.sessions.open(request)).await;
            }
            _ => {
                let message = "the MCP endpoint takes POST, and in sessions GET and DELETE";
                let fault = Fault::http(StatusCode::METHOD_NOT_ALLOWED, message);
                return Err(fault.header(header::ALLOW, ALLOWED));
            }
        }
        headers::content(request.headers())?;
        let both = "Accept must name application/json and text/event-stream, or be left out";
        accepts(request.headers(), &[JSON, EVENTS], both)?;
        let body = read_body(&mut request, self.most).await;
        let body = body.map_err(|unread| Fault::http(unread.status(), unread.message()))?;
        match Message::read(&body)? {
            Message::Request(id, said) => {
                let answered = self.asked(request, &body, id, said).await;
                answered.map_err(|fault| fault.of(id))
            }
            Message::Notification(said) => {
                if !is_stateless(&request, &said)? {
                    return Box::pin(self.sessions.tell(request, &body)).await;
                }
                if said.is_note() {
                    return Ok(StatusCode::ACCEPTED.into());
                }
                Err(Fault::invalid("a request needs an id"))
            }
            Message::Response { .. } if has_sessions(&request)? => {
                Box::pin(self.sessions.tell(request, &body)).await
            }
            Message::Response { .. } => {
                Err(Fault::invalid("a request is expected: this revision takes no responses"))
            }
        }
    }

    /// Takes the caller's keys out of a request, to where an `Asker` finds them.
    fn take_keys(&self, request: &mut Request) -> Result<(), Fault> {
        let keys = self.own_keys.take(request)?;
        if !keys.is_empty() {
            request.extensions_mut().insert(keys);
        }
        Ok(())
    }

    async fn asked(
        &self,
        request: Request,
        body: &Bytes,
        id: &RawValue,
        said: Said<'_>,
    ) -> Result<Response, Fault> {
        let asker = Asker::of(request.extensions());
        if let Some(challenge) = &self.challenge
            && let Some((name, missing)) = Box::pin(self.lacking(&said, &asker)).await
        {
            return Ok(challenge.insufficient(&request, &name, missing));
        }
        if is_stateless(&request, &said)? {
            let reply = self.stateless.serve(id, said, Some(request.headers()), asker).await?;
            return Ok(reply.response());
        }
        let kind = check(id, said)?;
        Box::pin(self.sessions.ask(request, body, kind)).await
    }

    /// What a caller lacks for what it asks, where it is told so. The registry judges every call again.
    async fn lacking(&self, said: &Said<'_>, asker: &Asker) -> Option<(String, MissingScope)> {
        self.registry.lacking(asked(said)?, &asker.principal, &asker.keys).await
    }
}

/// What a message is for, where that takes a scope.
fn asked<'a>(said: &'a Said<'_>) -> Option<Asked<'a>> {
    match &*said.method {
        "tools/call" => said.params.peek("name").map(Asked::Tool),
        "prompts/get" => said.params.peek("name").map(Asked::Prompt),
        "resources/read" | "resources/subscribe" => said.params.peek("uri").map(Asked::Resource),
        _ => None,
    }
}

impl Endpoint for Door {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let source = Source::of(request.extensions());
        let mut response =
            Box::pin(self.answer(request)).await.unwrap_or_else(|fault| fault.response(&source));
        self.replica.put_on(response.headers_mut());
        Ok(response)
    }
}

/// Whether a request is of the stateless revision, or of one that nobody knows: the body says a version, or the header
/// says one that no revision with sessions has. A header alone may be missing, or older than the body.
fn is_stateless(request: &Request, said: &Said<'_>) -> Result<bool, Fault> {
    let in_body = said.meta.as_ref().is_some_and(|meta| meta.has(VERSION_KEY));
    let header = single(request.headers(), &VERSION)?;
    Ok(in_body || header.is_some_and(|version| !SESSIONS.contains(&version)))
}

/// Whether a request without a message of its own is of a revision with sessions.
fn has_sessions(request: &Request) -> Result<bool, Fault> {
    Ok(single(request.headers(), &VERSION)? != Some(STATELESS))
}
