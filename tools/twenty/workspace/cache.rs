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
/// A schema is fetched anew after this time.
const FRESH: Duration = Duration::from_mins(10);

type Slot = Arc<tokio::sync::Mutex<Option<(Instant, Arc<Workspace>)>>>;

/// The schemas, by credential.
#[derive(Default)]
pub struct Workspaces {
    slots: Mutex<HashMap<CredentialId, (Instant, Slot)>>,
}

impl Workspaces {
    /// The schema of the workspace that this call's credential opens.
    ///
    /// # Errors
    /// There is no credential, or the workspace does not answer.
    pub async fn of(&self, client: &Client, cx: &Common) -> Result<Arc<Workspace>, ToolError> {
        let credential = cx.credential().await?;
        let slot = self.slot(credential.id());
        let mut kept = slot.lock().await;
        if let Some((since, workspace)) = kept.as_ref()
            && since.elapsed() < FRESH
        {
            return Ok(workspace.clone());
        }
        let workspace = Arc::new(fetch(client, cx, &credential).await?);
        *kept = Some((Instant::now(), workspace.clone()));
        Ok(workspace)
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
