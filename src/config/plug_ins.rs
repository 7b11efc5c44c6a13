//! The plug-ins that a configuration can name.

use crate::seam::{AuthProviderEntry, KeyStoreEntry, LiveToolsEntry, PackEntry, ToolEntry};
use std::any::TypeId;

/// The plug-ins that a configuration can name.
#[derive(Default)]
pub struct PlugIns {
    /// What tools share.
    pub packs: Vec<&'static PackEntry>,
    /// Tools, with and without a pack.
    pub tools: Vec<&'static ToolEntry>,
    /// Sources of tools that come and go.
    pub live: Vec<&'static LiveToolsEntry>,
    /// Ways to sign in.
    pub providers: Vec<&'static AuthProviderEntry>,
    /// Places for stored keys.
    pub stores: Vec<&'static KeyStoreEntry>,
}

impl PlugIns {
    /// Every plug-in that is linked in.
    #[must_use]
    pub fn registered() -> Self {
        Self {
            packs: PackEntry::all(),
            tools: ToolEntry::all(),
            live: LiveToolsEntry::all(),
            providers: AuthProviderEntry::all(),
            stores: KeyStoreEntry::all(),
        }
    }

    /// The pack with a key.
    pub(super) fn pack(&self, key: &str) -> Option<&'static PackEntry> {
        self.packs.iter().copied().find(|pack| pack.origin.key() == key)
    }

    /// The provider with a key.
    pub(super) fn provider(&self, key: &str) -> Option<&'static AuthProviderEntry> {
        self.providers.iter().copied().find(|provider| provider.origin.key() == key)
    }

    /// The store with a key.
    pub(super) fn store(&self, key: &str) -> Option<&'static KeyStoreEntry> {
        self.stores.iter().copied().find(|store| store.origin.key() == key)
    }

    /// The tools that stand alone.
    pub(super) fn alone(&self) -> impl Iterator<Item = &'static ToolEntry> {
        self.tools.iter().copied().filter(|tool| (tool.pack)() == TypeId::of::<()>())
    }

    /// The tools of a pack.
    pub(super) fn tools_of(&self, pack: &PackEntry) -> impl Iterator<Item = &'static ToolEntry> {
        let id = (pack.id)();
        self.tools.iter().copied().filter(move |tool| (tool.pack)() == id)
    }

    /// Whether a pack has tools that come and go.
    pub(super) fn has_live(&self, pack: &PackEntry) -> bool {
        let id = (pack.id)();
        self.live.iter().any(|source| (source.pack)() == id)
    }

    /// The providers' keys, as messages list them.
    pub(super) fn provider_names(&self) -> String {
        let names: Vec<String> = self.providers.iter().map(|entry| entry.origin.key()).collect();
        if names.is_empty() { "none in this build".into() } else { names.join(", ") }
    }
}
