//! What clients may have kept and must ask for anew.

use super::{CredentialId, Principal};
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::sync::broadcast;

/// How many changes a listener may be behind; one that is further behind must take everything for changed.
const BEHIND: usize = 64;

/// Something that clients may have kept is no longer so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The list of tools.
    Tools,
    /// The list of tools that those see who call with this credential.
    ToolsOf(CredentialId),
    /// The list of prompts.
    Prompts,
    /// The list of resources, or of their templates.
    Resources,
    /// What a resource says to everybody: its URI.
    Resource(String),
    /// What resources say to one caller: their URIs. Under the same ones others may see something else.
    ResourcesOf(Principal, BTreeSet<String>),
}

/// Where changes are told and heard of; clones are one.
#[derive(Clone, Debug)]
pub struct Changes {
    tell: broadcast::Sender<Change>,
    told: Arc<AtomicU64>,
}

impl Default for Changes {
    fn default() -> Self {
        Self { tell: broadcast::channel(BEHIND).0, told: Arc::default() }
    }
}

impl Changes {
    /// Tells everybody who listens.
    pub fn tell(&self, change: Change) {
        if matches!(change, Change::Tools | Change::Prompts | Change::Resources) {
            self.told.fetch_add(1, Ordering::Release);
        }
        // Nobody need listen.
        let _ = self.tell.send(change);
    }

    /// What is told from now on.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Change> {
        self.tell.subscribe()
    }

    /// How often a list has changed: what was made of lists under another number may be outdated.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.told.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_change_is_heard_by_those_who_listen_and_counted_for_the_others() {
        let changes = Changes::default();
        changes.tell(Change::Prompts);
        let (mut one, mut other) = (changes.listen(), changes.clone().listen());
        changes.tell(Change::Tools);
        assert_eq!(one.recv().await, Ok(Change::Tools));
        assert_eq!(other.recv().await, Ok(Change::Tools));
        assert_eq!(changes.version(), 2);
    }
}
