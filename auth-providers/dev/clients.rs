//! Who may ask for tokens: clients that registered here, and clients that say who they are at an address of their own.

use super::{
    answer::Fault,
    documents::Documents,
    metadata::{Client, OWN},
    shelf::{Shelf, key},
};
use crate::auth::kit;
use crate::seam::{DurationText, ProtectedResource, SetupError};
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, Mutex, PoisonError};

/// The most clients that are registered at once.
const MOST: usize = 1000;
/// How long a registration is good.
const LIFETIME: DurationText = DurationText::seconds(30 * 24 * 3600);

/// The clients.
pub struct Clients {
    registered: Mutex<Shelf<Arc<Client>>>,
    documents: Documents,
}

impl Clients {
    /// None yet.
    ///
    /// # Errors
    /// TLS cannot be set up on this machine.
    pub fn new() -> Result<Self, SetupError> {
        Ok(Self { registered: Mutex::new(Shelf::new(MOST)), documents: Documents::new()? })
    }

    /// Registers a client under a new id.
    pub fn register(&self, client: Client) -> (String, Timestamp) {
        let (id, now) = (kit::random(), Timestamp::now());
        let span = SignedDuration::try_from(LIFETIME.0).ok();
        let until = span.and_then(|span| now.checked_add(span).ok()).unwrap_or(now);
        let mut registered = self.registered.lock().unwrap_or_else(PoisonError::into_inner);
        registered.put(key(&id), Arc::new(client), until, now);
        (id, now)
    }

    /// The client with an id.
    ///
    /// # Errors
    /// Nobody here knows it, or its document cannot be had or is none.
    pub async fn find(&self, id: &str, here: &ProtectedResource) -> Result<Arc<Client>, Fault> {
        if id == OWN {
            return Ok(Arc::new(Client::this_server(here)));
        }
        if let Some(client) = self.registered(id) {
            return Ok(client);
        }
        if id.contains("://") {
            return self.documents.client(id).await.map(Arc::new);
        }
        Err(Fault::no_client("nobody here knows this client; it must register again, at `/oauth/register`"))
    }

    /// Whether an id can be a client's that comes for tokens, without asking anybody.
    #[must_use]
    pub fn may_be(&self, id: &str) -> bool {
        id.contains("://") || self.registered(id).is_some()
    }

    fn registered(&self, id: &str) -> Option<Arc<Client>> {
        let registered = self.registered.lock().unwrap_or_else(PoisonError::into_inner);
        registered.get(&key(id), Timestamp::now()).cloned()
    }
}
