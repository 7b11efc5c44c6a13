//! The schemas that were fetched: once for each credential, by one caller for all who wait.

use super::{fetch::fetch, schema::Workspace};
use crate::{
    seam::{Common, CredentialId, ToolError},
    tools::twenty::api::client::Client,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// The most workspaces that are kept; the one fetched first makes room.
const MOST: usize = 256;

type Slot = Arc<tokio::sync::Mutex<Kept>>;

/// What came of the last fetch.
#[derive(Default)]
enum Kept {
    #[default]
    Nothing,
    Fetched(Instant, Arc<Workspace>),
    Failed(Instant, ToolError),
}

/// The schemas, by credential.
pub struct Workspaces {
    fresh: Duration,
    slots: Mutex<HashMap<CredentialId, (Instant, Slot)>>,
}

impl Workspaces {
    /// None yet; each is fetched anew after so long.
    #[must_use]
    pub fn new(fresh: Duration) -> Self {
        Self { fresh, slots: Mutex::default() }
    }

    /// After how long a schema is fetched anew.
    #[must_use]
    pub const fn fresh(&self) -> Duration {
        self.fresh
    }

    /// The schema of the workspace that this call's credential opens.
    ///
    /// # Errors
    /// There is no credential, or the workspace does not answer.
    pub async fn of(&self, client: &Client, cx: &Common) -> Result<Arc<Workspace>, ToolError> {
        let credential = cx.credential().await?;
        let slot = self.slot(credential.id());
        let asked = Instant::now();
        let mut kept = slot.lock().await;
        match &*kept {
            Kept::Fetched(since, workspace) if since.elapsed() < self.fresh => return Ok(workspace.clone()),
            // Those who waited for a fetch that failed are told so, and do not fail one after the other.
            Kept::Failed(at, error) if *at >= asked => return Err(error.clone()),
            _ => (),
        }
        match fetch(client, cx, &credential).await {
            Ok(workspace) => {
                // The tools that were listed of an older one may be others now.
                cx.outdate();
                let workspace = Arc::new(workspace);
                *kept = Kept::Fetched(Instant::now(), workspace.clone());
                Ok(workspace)
            }
            Err(error) => {
                // One whose own time is over knows nothing of the workspace.
                if !cx.left().is_zero() && !cx.cancelled.is_cancelled() {
                    *kept = Kept::Failed(Instant::now(), error.clone());
                    // Keys that open nothing take no room from those that do; who waits here hears of it all the same.
                    self.forget(credential.id());
                }
                Err(error)
            }
        }
    }

    /// Forgets a schema that an answer has contradicted.
    pub fn forget(&self, id: CredentialId) {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }

    fn slot(&self, id: CredentialId) -> Slot {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= MOST
            && !slots.contains_key(&id)
            && let Some(oldest) = slots.iter().min_by_key(|(_, (since, _))| *since).map(|(id, _)| *id)
        {
            slots.remove(&oldest);
        }
        slots.entry(id).or_insert_with(|| (Instant::now(), Slot::default())).1.clone()
    }
}
