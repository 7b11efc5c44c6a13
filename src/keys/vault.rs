//! The vault: a store, the masters above what it keeps, and what was opened a moment ago.

use super::{
    cache::Cache,
    envelope::OwnKey,
    error::VaultError,
    masters::{Masters, NoMaster},
    record::{self, SealedWith},
};
use crate::seam::{KeyOwner, Secret, Shelf, StoredKey};
use jiff::Timestamp;
use std::{fmt, sync::Arc};
use url::Url;

/// How often a change is tried again when others were quicker.
const MOST_TRIES: usize = 8;

/// The keys that users leave with the server. Clones are one vault.
#[derive(Clone)]
pub struct Vault {
    pub(super) shelf: Arc<dyn Shelf>,
    pub(super) masters: Arc<Masters>,
    cache: Arc<Cache>,
}

impl Vault {
    /// A vault over a store; nothing is opened or derived yet.
    #[must_use]
    pub fn new(shelf: Arc<dyn Shelf>, masters: Masters) -> Self {
        Self { shelf, masters: Arc::new(masters), cache: Arc::default() }
    }

    /// The key of an owner; none where they stored none. What the TypeScript server or an older secret sealed is sealed
    /// anew on the way.
    ///
    /// # Errors
    /// The store cannot be read, or what it keeps does not open: no other key may be used then.
    pub async fn open(&self, owner: &KeyOwner) -> Result<Option<Arc<OwnKey>>, VaultError> {
        let mut known = self.cache.of(owner).await;
        if let Some(key) = known.get() {
            return Ok(key);
        }
        known.clear();
        let stored = self.shelf.get(owner).await?;
        let opened = match &stored {
            Some(stored) => record::open(&self.masters, owner, stored).await?.map(|found| (stored, found)),
            None => None,
        };
        let Some((stored, (own, with))) = opened else {
            known.set(None);
            return Ok(None);
        };
        if with != SealedWith::First {
            self.seal_anew(owner, stored, &own).await;
        }
        let own = Arc::new(own);
        known.set(Some(Arc::clone(&own)));
        Ok(Some(own))
    }

    /// Seals a record with the first secret, unless somebody else changed it meanwhile. The key is good all the same
    /// where that fails, so that it is only told to the log.
    async fn seal_anew(&self, owner: &KeyOwner, stored: &StoredKey, own: &OwnKey) {
        let sealed = record::sealed(&self.masters, owner, own, stored.legacy.clone()).await;
        let done = match sealed {
            Ok(new) => self.shelf.replace(owner, Some(stored), Some(&new)).await.map_err(VaultError::from),
            Err(error) => Err(error),
        };
        if let Err(error) = done {
            let (issuer, subject) = (&owner.issuer, &owner.subject);
            tracing::warn!(%issuer, %subject, ?error, "a stored key could not be sealed with the first secret");
        }
    }

    /// Stores a key for an owner in the place of any other, also of what the TypeScript server left; safe when it
    /// returns. `base_url` none is the operator's address. Tells the time that it was stored at.
    ///
    /// # Errors
    /// There is no secret, it is too long, or the store fails.
    pub async fn put(
        &self,
        owner: &KeyOwner,
        key: Secret,
        base_url: Option<Url>,
    ) -> Result<Timestamp, VaultError> {
        let (vault, owner) = (self.clone(), owner.clone());
        carried_out(async move {
            let own = OwnKey { key, base_url, created_at: Timestamp::now() };
            let new = record::sealed(&vault.masters, &owner, &own, None).await?;
            vault.replace(&owner, Some(&new)).await?;
            Ok(own.created_at)
        })
        .await
    }

    /// Deletes what is stored for an owner, also what the TypeScript server left, and whether or not it opens. Tells
    /// whether there was anything.
    ///
    /// # Errors
    /// The store fails.
    pub async fn delete(&self, owner: &KeyOwner) -> Result<bool, VaultError> {
        let (vault, owner) = (self.clone(), owner.clone());
        carried_out(async move { vault.replace(&owner, None).await }).await
    }

    async fn replace(&self, owner: &KeyOwner, new: Option<&StoredKey>) -> Result<bool, VaultError> {
        let mut known = self.cache.of(owner).await;
        known.clear();
        for _ in 0..MOST_TRIES {
            let old = self.shelf.get(owner).await?;
            if old.is_none() && new.is_none() {
                return Ok(false);
            }
            if self.shelf.replace(owner, old.as_ref(), new).await? {
                return Ok(old.is_some());
            }
        }
        Err(VaultError::Busy)
    }

    /// Whether a key can be stored here: there is a secret to seal it with.
    ///
    /// # Errors
    /// There is none: `API_KEY_ENCRYPTION_SECRET environment variable is required`.
    pub fn ready(&self) -> Result<(), NoMaster> {
        if self.masters.are_there() { Ok(()) } else { Err(NoMaster::NoSecret) }
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(…)")
    }
}

/// Goes on to its end also where its caller leaves: a change that is under way while its owner's slot is free again
/// would let the old key be remembered.
async fn carried_out<T: Send + 'static>(
    work: impl Future<Output = Result<T, VaultError>> + Send + 'static,
) -> Result<T, VaultError> {
    tokio::spawn(work).await.unwrap_or(Err(VaultError::NoMaster(NoMaster::BrokenOff)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        keys::{legacy::VECTORS, store::memory::Memory},
        seam::{LegacyKey, StoreError},
    };

    const NEW: &str = "a new secret of 32 characters, or so!";

    fn ann() -> KeyOwner {
        KeyOwner::new("https://id.example", "ann", "crm")
    }

    fn vault(shelf: &Arc<Memory>, secrets: &[&str]) -> Vault {
        let secrets: Vec<_> = secrets.iter().map(|secret| Secret::new(*secret)).collect();
        Vault::new(shelf.clone(), Masters::new(&secrets))
    }

    fn left() -> StoredKey {
        let (api_key, base_url) = (VECTORS[0].2.into(), Some("https://old.example".into()));
        StoredKey { sealed: None, legacy: Some(LegacyKey { api_key, base_url, updated_at: None }) }
    }

    async fn key(vault: &Vault) -> Option<String> {
        vault.open(&ann()).await.unwrap().map(|own| own.key.expose().to_owned())
    }

    #[tokio::test(start_paused = true)]
    async fn a_key_is_stored_opened_and_deleted() {
        let shelf = Arc::new(Memory::default());
        let vault = vault(&shelf, &[NEW]);
        assert_eq!(key(&vault).await, None);
        let url: Url = "https://crm.example/".parse().unwrap();
        let at = vault.put(&ann(), Secret::new("hunter2"), Some(url.clone())).await.unwrap();
        let own = vault.open(&ann()).await.unwrap().unwrap();
        assert_eq!((own.key.expose(), own.base_url.as_ref(), own.created_at), ("hunter2", Some(&url), at));
        assert!(!format!("{:?}", shelf.rows()).contains("hunter2"));
        vault.put(&ann(), Secret::new("other"), None).await.unwrap();
        assert_eq!(key(&vault).await.as_deref(), Some("other"), "no old key is remembered");
        assert_eq!(
            vault.open(&KeyOwner::new("https://id.example", "ben", "crm")).await.unwrap().map(|_| ()),
            None
        );
        assert_eq!(vault.delete(&ann()).await, Ok(true));
        assert_eq!((key(&vault).await, vault.delete(&ann()).await), (None, Ok(false)));
    }

    #[tokio::test(start_paused = true)]
    async fn the_store_is_asked_once_for_all_who_wait_and_again_after_a_while() {
        let shelf = Arc::new(Memory::default());
        let (vault, elsewhere) = (vault(&shelf, &[NEW]), vault(&shelf, &[NEW]));
        vault.put(&ann(), Secret::new("one"), None).await.unwrap();
        let before = shelf.reads();
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..10 {
            let vault = vault.clone();
            tasks.spawn(async move { key(&vault).await });
        }
        assert!(tasks.join_all().await.iter().all(|key| key.as_deref() == Some("one")));
        assert_eq!(shelf.reads(), before + 1);
        // Another process changes it: that is seen after a while.
        elsewhere.put(&ann(), Secret::new("two"), None).await.unwrap();
        assert_eq!(key(&vault).await.as_deref(), Some("one"));
        tokio::time::advance(std::time::Duration::from_secs(31)).await;
        assert_eq!(key(&vault).await.as_deref(), Some("two"));
    }

    #[tokio::test]
    async fn what_others_sealed_is_sealed_anew_at_its_first_use() {
        let shelf = Arc::new(Memory::default());
        shelf.rows().insert(ann(), left());
        let old = vault(&shelf, &[VECTORS[0].0]);
        assert_eq!(key(&old).await.as_deref(), Some(VECTORS[0].1));
        let first = shelf.rows()[&ann()].clone();
        assert!(first.sealed.is_some() && first.legacy == left().legacy, "the old fields stay");
        let new = vault(&shelf, &[NEW, VECTORS[0].0]);
        assert_eq!(key(&new).await.as_deref(), Some(VECTORS[0].1));
        let second = shelf.rows()[&ann()].clone();
        assert_ne!(second.sealed, first.sealed);
        let at = |stored: StoredKey| stored.sealed.map(|sealed| sealed.updated_at);
        assert_eq!((at(second.clone()), &second.legacy), (at(first), &left().legacy));
        assert_eq!(key(&vault(&shelf, &[NEW])).await.as_deref(), Some(VECTORS[0].1));
        assert_eq!(shelf.rows()[&ann()], second, "once");
        // What a user stores themselves takes the place of all of it.
        new.put(&ann(), Secret::new("own"), None).await.unwrap();
        assert_eq!(shelf.rows()[&ann()].legacy, None);
    }

    #[tokio::test]
    async fn whoever_changes_a_key_meanwhile_has_the_last_word() {
        let shelf = Arc::new(Memory::default());
        let vault = vault(&shelf, &[NEW, VECTORS[0].0]);
        shelf.rows().insert(ann(), left());
        shelf.before_the_next_change(|rows| drop(rows.remove(&ann())));
        assert_eq!(key(&vault).await.as_deref(), Some(VECTORS[0].1), "it was there when it was read");
        assert!(shelf.rows().is_empty(), "and is not put back");
        shelf.before_the_next_change(|rows| drop(rows.insert(ann(), left())));
        vault.put(&ann(), Secret::new("own"), None).await.unwrap();
        assert_eq!(key(&vault).await.as_deref(), Some("own"));
    }

    #[tokio::test]
    async fn a_failure_is_an_error_and_never_no_key() {
        let shelf = Arc::new(Memory::default());
        let vault = vault(&shelf, &[NEW]);
        vault.put(&ann(), Secret::new("own"), None).await.unwrap();
        shelf.fail(true);
        let unavailable = VaultError::Store(StoreError::Unavailable { retry_after: 7 });
        assert_eq!(vault.open(&ann()).await.err(), Some(unavailable.clone()));
        assert_eq!(vault.put(&ann(), Secret::new("x"), None).await.err(), Some(unavailable.clone()));
        assert_eq!(vault.delete(&ann()).await.err(), Some(unavailable));
        shelf.fail(false);
        assert_eq!(key(&vault).await.as_deref(), Some("own"));
    }

    #[tokio::test]
    async fn without_a_secret_nothing_is_stored_and_what_is_there_can_be_deleted() {
        let shelf = Arc::new(Memory::default());
        let none = vault(&shelf, &[]);
        assert_eq!(key(&none).await, None);
        assert_eq!(none.put(&ann(), Secret::new("x"), None).await.err(), Some(NoMaster::NoSecret.into()));
        assert_eq!(none.ready(), Err(NoMaster::NoSecret));
        shelf.rows().insert(ann(), left());
        let none = vault(&shelf, &[]);
        assert_eq!(none.open(&ann()).await.err(), Some(NoMaster::NoSecret.into()));
        assert_eq!(none.delete(&ann()).await, Ok(true));
        assert_eq!(vault(&shelf, &[NEW]).ready(), Ok(()));
    }
}
