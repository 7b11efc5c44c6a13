//! What a plug-in works with: its pack, and whose credentials its calls use.

use super::{RegistryError, ServedPack};
use crate::seam::{
    Access, Credentials, Effect, MissingScope, Need, NoCredentials, Origin, PackEntry, Principal,
};
use std::{
    any::{Any, TypeId},
    sync::Arc,
};

/// A pack that is served, or nothing for plug-ins that stand alone.
#[derive(Clone)]
pub(super) struct Home {
    pub(super) pack: Arc<dyn Any + Send + Sync>,
    pub(super) credentials: Arc<dyn Credentials>,
    /// What it takes to read of the pack; nothing where there is none.
    need: Option<Need>,
}

impl Home {
    /// What this caller lacks to read of the pack.
    pub(super) fn lacking(&self, principal: &Principal) -> Option<MissingScope> {
        let need = self.need.as_ref().filter(|need| !need.is_met_by(principal))?;
        Some(MissingScope { scope: need.scope.clone(), effect: Effect::Read })
    }
}

/// Every home that there is.
pub(super) struct Homes<'a> {
    packs: &'a [ServedPack],
    alone: Home,
}

impl<'a> Homes<'a> {
    pub(super) fn new(packs: &'a [ServedPack]) -> Self {
        Self { packs, alone: Home { pack: Arc::new(()), credentials: Arc::new(NoCredentials), need: None } }
    }

    /// The home of plug-ins that work with a pack of this type; none where that is not served.
    pub(super) fn of(&self, pack: TypeId) -> Option<Home> {
        if pack == TypeId::of::<()>() {
            return Some(self.alone.clone());
        }
        self.pack(pack).map(|served| Home {
            pack: served.pack.clone(),
            credentials: served.credentials.clone(),
            need: Need::new(&served.entry.origin.key(), Access::Read),
        })
    }

    /// The served pack of this type.
    pub(super) fn pack(&self, pack: TypeId) -> Option<&'a ServedPack> {
        self.packs.iter().find(|served| (served.entry.id)() == pack)
    }
}

/// Holds that a plug-in's pack is registered.
pub(super) fn registered(
    what: &str,
    origin: Origin,
    pack: TypeId,
    packs: &[&PackEntry],
) -> Result<(), RegistryError> {
    if pack == TypeId::of::<()>() || packs.iter().any(|entry| (entry.id)() == pack) {
        return Ok(());
    }
    Err(RegistryError::new(format_args!(
        "{}: {what} works with a pack that no file registers; add `crate::register!(pack …);` to the pack's file",
        origin.place()
    )))
}
