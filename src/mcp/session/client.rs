//! What one client of a session has told of itself, and what it is told of changes.

use super::peer::PeerCaller;
use crate::{
    mcp::changes::{self, LISTS, Told},
    seam::{Caller, Change, CredentialId, LogLevel, Principal},
};
use rmcp::{RoleServer, service::Peer};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::timeout,
};

/// How often is looked whether a client that nothing is told is still there.
const LOOK: Duration = Duration::from_secs(30);
/// The most resources that one client may subscribe to.
const MOST: usize = 256;

/// One client.
#[derive(Debug)]
pub(super) struct Client {
    log: Mutex<LogLevel>,
    listens: AtomicBool,
    subscribed: Mutex<Subscribed>,
}

/// The resources that a client wants to hear of, and whose client it is.
#[derive(Debug, Default)]
struct Subscribed {
    caller: Option<Principal>,
    uris: BTreeSet<String>,
}

impl Default for Client {
    /// Before a client says a level the server may choose (MCP 2025-11-25, Logging).
    fn default() -> Self {
        Self {
            log: Mutex::new(LogLevel::Info),
            listens: AtomicBool::new(false),
            subscribed: Mutex::default(),
        }
    }
}

impl Client {
    /// The least grave log messages that it wants.
    pub(super) fn log(&self) -> LogLevel {
        *self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It wants messages from this level on.
    pub(super) fn wants(&self, level: LogLevel) {
        *self.log.lock().unwrap_or_else(PoisonError::into_inner) = level;
    }

    /// This caller's client wants to hear when this resource changes; false where it hears of too many already.
    pub(super) fn subscribe(&self, caller: Principal, uri: String) -> bool {
        let mut subscribed = self.subscribed();
        let room = subscribed.uris.len() < MOST || subscribed.uris.contains(&uri);
        if room {
            subscribed.caller = Some(caller);
            subscribed.uris.insert(uri);
        }
        room
    }

    /// It no longer wants to hear of this resource.
    pub(super) fn unsubscribe(&self, uri: &str) {
        self.subscribed().uris.remove(uri);
    }

    fn subscribed(&self) -> MutexGuard<'_, Subscribed> {
        self.subscribed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the client, whose caller has these credentials, of every change from now on; once is enough.
    pub(super) fn listen(
        self: &Arc<Self>,
        peer: Peer<RoleServer>,
        credentials: Vec<CredentialId>,
        changes: Receiver<Change>,
    ) {
        if !self.listens.swap(true, Ordering::Relaxed) {
            tokio::spawn(self.clone().tell_changes(peer, credentials, changes));
        }
    }

    async fn tell_changes(
        self: Arc<Self>,
        peer: Peer<RoleServer>,
        credentials: Vec<CredentialId>,
        mut changes: Receiver<Change>,
    ) {
        while !peer.is_transport_closed() {
            let told = match timeout(LOOK, changes.recv()).await {
                Ok(Ok(change)) => self.told(&change, &credentials),
                Ok(Err(RecvError::Lagged(_))) => self.everything(),
                Ok(Err(RecvError::Closed)) => return,
                Err(_) => Vec::new(),
            };
            for (method, params) in told {
                PeerCaller(peer.clone()).notify(method, Value::Object(params)).await;
            }
        }
    }

    fn told(&self, change: &Change, credentials: &[CredentialId]) -> Vec<Told> {
        let Subscribed { caller, uris } = &*self.subscribed();
        changes::wanted(change, caller.as_ref(), credentials, uris, |_| true)
    }

    /// Who missed some takes everything for changed.
    fn everything(&self) -> Vec<Told> {
        let lists = LISTS.map(|(_, change)| change);
        changes::all(&lists, &self.subscribed().uris)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_hears_of_lists_and_of_what_it_subscribed_to() {
        let client = Client::default();
        let one = Change::Resource("a://1".into());
        assert!(client.told(&one, &[]).is_empty());
        assert!(client.subscribe(Principal::Local, "a://1".into()));
        assert_eq!(client.told(&one, &[])[0].0, "notifications/resources/updated");
        assert_eq!(client.told(&Change::Prompts, &[])[0].0, "notifications/prompts/list_changed");
        assert_eq!(client.everything().len(), 4);
        client.unsubscribe("a://1");
        assert!(client.told(&one, &[]).is_empty());
    }

    #[test]
    fn subscriptions_are_bounded() {
        let client = Client::default();
        assert!((0..MOST).all(|n| client.subscribe(Principal::Local, format!("a://{n}"))));
        assert!(!client.subscribe(Principal::Local, "a://more".into()));
        assert!(client.subscribe(Principal::Local, "a://0".into()), "again is no more");
    }
}
