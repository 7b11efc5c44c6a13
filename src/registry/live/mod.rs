//! Tools that sources list: for each credential its own list, the last good one as long as there is no other.

mod listed;
mod shelf;
mod source;

use super::{Registry, ServedTool};
use crate::seam::{CallerKeys, CredentialId, Principal};
use listed::Listed;
pub(super) use source::Source;
use std::{any::Any, sync::Arc};

/// The tools that one caller sees.
pub struct View<'a> {
    registry: &'a Registry,
    listed: Vec<Arc<Listed>>,
}

impl View<'_> {
    /// The tools, registered ones first, each in the order of its file and line, listed ones in that of their source. Where
    /// two have one name, it is the first one's.
    pub fn tools(&self) -> impl Iterator<Item = &Arc<ServedTool>> {
        let listed = self.listed.iter().enumerate().flat_map(|(at, list)| {
            let before = self.listed.get(..at).unwrap_or_default();
            list.tools().iter().filter(move |tool| before.iter().all(|list| list.tool(tool.name()).is_none()))
        });
        self.registry.tools.iter().chain(listed)
    }

    /// The tool of this name.
    #[must_use]
    pub fn tool(&self, name: &str) -> Option<&Arc<ServedTool>> {
        self.registry.tool(name).or_else(|| self.listed.iter().find_map(|list| list.tool(name)))
    }

    /// What tells the listed tools of two views apart: other numbers, other tools.
    #[must_use]
    pub fn stamps(&self) -> Vec<u64> {
        self.listed.iter().map(|list| list.stamp()).collect()
    }
}

impl Registry {
    /// The tools that a caller sees who calls with these keys, whether or not it may call them. Lists that are due are
    /// asked for on the way, and waited for where there is none yet.
    pub async fn view(&self, principal: &Principal, keys: &CallerKeys) -> View<'_> {
        let mut listed = Vec::with_capacity(self.sources.len());
        for source in &self.sources {
            listed.push(source.list(principal, keys).await);
        }
        View { registry: self, listed }
    }

    /// The tool that clients know by this name who call with these keys.
    pub async fn tool_for(
        &self,
        name: &str,
        principal: &Principal,
        keys: &CallerKeys,
    ) -> Option<Arc<ServedTool>> {
        if let Some(tool) = self.tool(name) {
            return Some(tool.clone());
        }
        for source in &self.sources {
            if let Some(tool) = source.list(principal, keys).await.tool(name) {
                return Some(tool.clone());
            }
        }
        None
    }

    /// Whether there are tools that come and go.
    #[must_use]
    pub fn is_live(&self) -> bool {
        !self.sources.is_empty()
    }

    /// Where tools that come and go are registered.
    #[must_use]
    pub fn live(&self) -> Vec<String> {
        self.sources.iter().map(|source| source.origin().file()).collect()
    }

    /// The credentials by which this caller sees listed tools: whoever listens hears of changes of theirs alone.
    pub async fn credentials(&self, principal: &Principal, keys: &CallerKeys) -> Vec<CredentialId> {
        let mut ids = Vec::new();
        for source in &self.sources {
            ids.extend(source.shared_by(principal, keys).await.flatten());
        }
        ids
    }

    /// Asks for the lists that callers with the operator's credentials see, now and whenever they are due, until the
    /// registry closes.
    pub fn follow(&self) {
        for source in &self.sources {
            tokio::spawn(source.clone().follow());
        }
    }

    /// Asks anew for the lists that such a caller of a pack's sees.
    pub(super) async fn renew(
        &self,
        pack: &Arc<dyn Any + Send + Sync>,
        principal: &Principal,
        keys: &CallerKeys,
    ) {
        for source in self.sources.iter().filter(|source| source.is_of(pack)) {
            source.renew(principal, keys).await;
        }
    }
}
