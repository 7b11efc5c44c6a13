//! Clients whose users were sent to a page of this server: those of this process are told when it is done.

use super::{calling::can, peer::PeerCaller};
use crate::{
    mcp::{answer::Failure, caller::client_name},
    registry::Unanswered,
    seam::{Caller, Connect},
};
use rmcp::{
    ErrorData, RoleServer,
    model::{ClientCapabilities, ErrorCode},
    service::Peer,
};
use serde_json::json;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// How long a client waits: as long as a link is good, and somewhat longer.
const LONGEST: Duration = Duration::from_secs(660);
/// The most links that are waited for at once.
const MOST: usize = 10_000;
/// That a URL must be visited first (MCP 2025-11-25, `URLElicitationRequiredError`).
const URL_REQUIRED: i32 = -32042;

type Sent = HashMap<String, (Instant, Peer<RoleServer>)>;

/// The clients that wait, by the ids of their links. Clones are one.
#[derive(Clone, Default)]
pub struct Waiting(Arc<Mutex<Sent>>);

impl Waiting {
    /// Tells the client that was given this link that it was followed to its end.
    pub fn done(&self, id: &str) {
        let Some((_, peer)) = self.sent(|sent| sent.remove(id)) else { return };
        let (id, method) = (id.to_owned(), "notifications/elicitation/complete");
        tokio::spawn(async move {
            PeerCaller(peer).notify(method, json!({ "elicitationId": id })).await;
        });
    }

    fn wait(&self, id: &str, peer: &Peer<RoleServer>) {
        self.sent(|sent| {
            if sent.len() >= MOST {
                sent.retain(|_, (since, peer)| since.elapsed() < LONGEST && !peer.is_transport_closed());
            }
            // Who is not told calls again at the user's word.
            if sent.len() < MOST {
                sent.insert(id.to_owned(), (Instant::now(), peer.clone()));
            }
        });
    }

    fn sent<T>(&self, change: impl FnOnce(&mut Sent) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// How one client is told what it gets instead of an answer.
pub(super) struct Back {
    pub(super) waiting: Waiting,
    pub(super) peer: Peer<RoleServer>,
    /// What the client says that it can do.
    pub(super) client: Option<ClientCapabilities>,
}

impl Back {
    /// The error by which the client sends its user to a page; none where it cannot.
    pub(super) fn connect(&self, connect: &Connect) -> Option<ErrorData> {
        if !can(self.client.clone()).url {
            return None;
        }
        let Connect { id, url, message } = connect;
        self.waiting.wait(id, &self.peer);
        let elicitation = json!({ "mode": "url", "elicitationId": id, "url": url, "message": message });
        let data = json!({ "elicitations": [elicitation] });
        Some(ErrorData::new(ErrorCode(URL_REQUIRED), "No API key configured", Some(data)))
    }

    /// The error in the place of a resource, a prompt, a list or proposals.
    pub(super) fn failure(&self, unanswered: &Unanswered, uri: Option<&str>) -> ErrorData {
        if let Unanswered::Failed(error) = unanswered
            && let Some(connect) = error.connect().and_then(|connect| self.connect(connect))
        {
            return connect;
        }
        failure(unanswered, uri)
    }
}

/// The same for a client that is sent nowhere.
pub(super) fn failure(unanswered: &Unanswered, uri: Option<&str>) -> ErrorData {
    let Failure { code, message, data } = Failure::new(unanswered, uri);
    ErrorData::new(ErrorCode(code), message, Some(data))
}

/// What a client calls itself.
pub(super) fn app(peer: &Peer<RoleServer>) -> Option<String> {
    let said = serde_json::to_value(&peer.peer_info()?.client_info).ok()?;
    client_name(&said)
}
