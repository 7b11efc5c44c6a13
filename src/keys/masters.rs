//! The keys above all stored keys: made of the configuration's secrets, once, when the first is needed; each known by its
//! id.

use super::legacy::LegacyMaster;
use crate::seam::Secret;
use aes_gcm::{Aes256Gcm, KeyInit};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hkdf::Hkdf;
use sha2::Sha256;
use std::{fmt, sync::Arc};
use tokio::{sync::OnceCell, task::spawn_blocking};
use zeroize::Zeroizing;

/// The salt of all masters: a secret makes the same ones everywhere, so that replicas open each other's records.
const SALT: &[u8] = b"twenty-mcp stored keys v2";
/// The cost: N = 2^15, r = 8, p = 1, which is 32 MiB of memory.
const COST: (u8, u32, u32) = (15, 8, 1);
/// The labels of what is derived: no two are one key.
const MASTER: &[u8] = b"twenty-mcp stored keys v2: master";
const ID: &[u8] = b"twenty-mcp stored keys v2: id";
const RECORD: &[u8] = b"twenty-mcp stored keys v2: record";

/// Tells masters apart and nothing more: it is derived beside the master, not from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MasterId(pub(super) [u8; 8]);

impl fmt::Display for MasterId {
    /// As sealed texts name it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

/// One master; wiped when it is dropped.
pub(super) struct Master {
    id: MasterId,
    key: Zeroizing<[u8; 32]>,
}

impl Master {
    /// Derives the master of a secret; takes the time and the memory that scrypt is for.
    pub(super) fn derive(secret: &Secret) -> Self {
        let (log_n, r, p) = COST;
        let mut root = Zeroizing::new([0; 32]);
        let cost = scrypt::Params::new(log_n, r, p).ok();
        let made =
            cost.and_then(|cost| scrypt::scrypt(secret.expose().as_bytes(), SALT, &cost, &mut *root).ok());
        let Some(()) = made else { unreachable!("scrypt takes this cost and gives 32 bytes") };
        let hkdf = Hkdf::<Sha256>::new(None, &*root);
        let (mut id, mut key) = ([0; 8], Zeroizing::new([0; 32]));
        expand(&hkdf, ID, &mut id);
        expand(&hkdf, MASTER, &mut *key);
        Self { id: MasterId(id), key }
    }

    pub(super) const fn id(&self) -> MasterId {
        self.id
    }

    /// The cipher of one record: by the record's own random salt no two records share a key.
    pub(super) fn record(&self, salt: [u8; 16]) -> Aes256Gcm {
        let mut key = Zeroizing::new([0; 32]);
        expand(&Hkdf::new(Some(&salt), &*self.key), RECORD, &mut *key);
        Aes256Gcm::new((&*key).into())
    }
}

fn expand(hkdf: &Hkdf<Sha256>, label: &[u8], out: &mut [u8]) {
    let Ok(()) = hkdf.expand(label, out) else { unreachable!("HKDF gives up to 8160 bytes") };
}

impl fmt::Debug for Master {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Master(…)")
    }
}

/// Why there is no master.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoMaster {
    /// The configuration has no secret.
    #[error("API_KEY_ENCRYPTION_SECRET environment variable is required")]
    NoSecret,
    /// The server is stopping.
    #[error("the work on the keys broke off")]
    BrokenOff,
}

/// The masters of a server: the first seals, all of them open.
pub struct Masters {
    secrets: Arc<[Secret]>,
    masters: OnceCell<Vec<Master>>,
    legacy: OnceCell<Vec<LegacyMaster>>,
}

impl Masters {
    /// The masters of `keys.secrets`. Nothing is derived yet.
    #[must_use]
    pub fn new(secrets: &[Secret]) -> Self {
        Self { secrets: secrets.into(), masters: OnceCell::new(), legacy: OnceCell::new() }
    }

    /// Whether there is a secret.
    #[must_use]
    pub fn are_there(&self) -> bool {
        !self.secrets.is_empty()
    }

    /// The master that seals.
    pub(super) async fn first(&self) -> Result<&Master, NoMaster> {
        self.all().await?.first().ok_or(NoMaster::NoSecret)
    }

    /// The master of an id. It alone is tried: a text must not open under several keys.
    pub(super) async fn of(&self, id: MasterId) -> Result<Option<&Master>, NoMaster> {
        Ok(self.all().await?.iter().find(|master| master.id() == id))
    }

    /// The TypeScript server's keys. Its texts name none, so that each must be tried.
    pub(super) async fn legacy(&self) -> Result<&[LegacyMaster], NoMaster> {
        let derived = self.legacy.get_or_try_init(|| {
            self.derived(|secrets| secrets.iter().filter_map(LegacyMaster::derive).collect())
        });
        Ok(derived.await?)
    }

    async fn all(&self) -> Result<&[Master], NoMaster> {
        let derived = self
            .masters
            .get_or_try_init(|| self.derived(|secrets| secrets.iter().map(Master::derive).collect()));
        Ok(derived.await?)
    }

    async fn derived<T: Send + 'static>(
        &self,
        derive: impl FnOnce(&[Secret]) -> T + Send + 'static,
    ) -> Result<T, NoMaster> {
        if self.secrets.is_empty() {
            return Err(NoMaster::NoSecret);
        }
        let secrets = Arc::clone(&self.secrets);
        spawn_blocking(move || derive(&secrets)).await.map_err(|_| NoMaster::BrokenOff)
    }
}

impl fmt::Debug for Masters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Masters(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "an old secret of 32 characters, or so";
    const NEW: &str = "a new secret of 32 characters, or so!";

    fn masters(secrets: &[&str]) -> Masters {
        Masters::new(&secrets.iter().map(|secret| Secret::new(*secret)).collect::<Vec<_>>())
    }

    #[tokio::test]
    async fn the_first_seals_and_each_is_found_by_its_id() {
        let (both, old) = (masters(&[NEW, OLD]), masters(&[OLD]));
        let (first, older) = (both.first().await.unwrap().id(), old.first().await.unwrap().id());
        assert_ne!(first, older);
        for id in [first, older] {
            assert_eq!(both.of(id).await.unwrap().unwrap().id(), id);
        }
        assert!(old.of(first).await.unwrap().is_none());
        assert_eq!(both.legacy().await.unwrap().len(), 2);
        assert!(both.are_there());
    }

    #[tokio::test]
    async fn without_a_secret_the_variable_is_named() {
        let none = masters(&[]);
        assert!(!none.are_there());
        let error = none.first().await.unwrap_err();
        assert_eq!(error, NoMaster::NoSecret);
        assert_eq!(error.to_string(), "API_KEY_ENCRYPTION_SECRET environment variable is required");
        assert!(none.of(MasterId([0; 8])).await.is_err() && none.legacy().await.is_err());
    }

    #[test]
    fn masters_are_the_same_everywhere_and_shown_nowhere() {
        let master = Master::derive(&Secret::new(NEW));
        // Another id would leave the records of every server behind.
        assert_eq!(master.id().to_string(), "5-8yDJ65VlM");
        assert_eq!(format!("{master:?} {:?}", masters(&[NEW])), "Master(…) Masters(…)");
    }
}
