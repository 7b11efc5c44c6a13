//! What the operator does to all stored keys: look at them, seal them anew, take out what the TypeScript server left.
//!
//! Every change is a compare-and-set of one record which holds the key before and after, so that nothing is lost
//! wherever it is broken off, and a user who changes their key at the same time has the last word.

use super::{
    error::VaultError,
    record::{self, SealedWith},
    vault::Vault,
};
use crate::seam::{KeyOwner, StoreError, StoredKey};
use jiff::Timestamp;

/// How many owners are asked for at once.
const PAGE: usize = 100;
/// How often a record is looked at again when others were quicker.
const MOST_TRIES: usize = 8;

/// What is to be done to each record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upkeep {
    /// What an older secret sealed is sealed with the first.
    Rotate,
    /// What the TypeScript server alone sealed is sealed with the first secret, beside the old fields.
    Migrate,
    /// The same; and where a record is sealed and opens, the old fields are taken out.
    MigrateAndRemove,
}

/// What was done to a record, or would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Done {
    /// Nothing was to be done.
    Nothing,
    /// It was sealed with the first secret.
    Sealed,
    /// The TypeScript server's fields were taken out.
    Removed,
    /// Both.
    SealedAndRemoved,
}

/// A record, looked at.
#[derive(Clone, Debug)]
pub struct Seen {
    /// When the user stored the key, where that is told.
    pub updated_at: Option<Timestamp>,
    /// What it is sealed with, or why it does not open.
    pub sealed: Result<SealedWith, VaultError>,
    /// Whether the TypeScript server's fields are there.
    pub legacy: bool,
}

impl Vault {
    /// The owners of stored keys behind one of them, some at a time; none at the end.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn owners(&self, after: Option<&KeyOwner>) -> Result<Vec<KeyOwner>, StoreError> {
        self.shelf.list(after, PAGE).await
    }

    /// Looks at a record; none where it is gone.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn look(&self, owner: &KeyOwner) -> Result<Option<Seen>, StoreError> {
        let Some(stored) = self.shelf.get(owner).await? else { return Ok(None) };
        let opened = record::open(&self.masters, owner, &stored).await;
        let left = stored.legacy.as_ref().and_then(|legacy| legacy.updated_at.as_deref()?.parse().ok());
        Ok(opened.map(|opened| opened.map(|(_, with)| with)).transpose().map(|sealed| Seen {
            updated_at: stored.sealed.map(|sealed| sealed.updated_at).or(left),
            sealed,
            legacy: stored.legacy.is_some(),
        }))
    }

    /// Does it to one record; with `dry_run` it only tells what it would do.
    ///
    /// # Errors
    /// The record does not open, in which case nothing of it is changed; or the store fails.
    pub async fn keep_up(&self, owner: &KeyOwner, upkeep: Upkeep, dry_run: bool) -> Result<Done, VaultError> {
        let mut done = Done::Nothing;
        for _ in 0..MOST_TRIES {
            let Some(stored) = self.shelf.get(owner).await? else { return Ok(done) };
            let Some((new, step)) = self.step(owner, &stored, upkeep).await? else { return Ok(done) };
            if dry_run {
                let both = step == Done::Sealed && upkeep == Upkeep::MigrateAndRemove;
                return Ok(if both { Done::SealedAndRemoved } else { step });
            }
            if self.shelf.replace(owner, Some(&stored), Some(&new)).await? {
                done = if done == Done::Nothing { step } else { Done::SealedAndRemoved };
            }
        }
        Err(VaultError::Busy)
    }

    /// The next change of a record; none where it is as it should be. That the old fields go is a change of its own,
    /// made of what was read again and opened again.
    async fn step(
        &self,
        owner: &KeyOwner,
        stored: &StoredKey,
        upkeep: Upkeep,
    ) -> Result<Option<(StoredKey, Done)>, VaultError> {
        let Some((own, with)) = record::open(&self.masters, owner, stored).await? else { return Ok(None) };
        let to_seal = match with {
            SealedWith::First => false,
            SealedWith::Older => upkeep == Upkeep::Rotate,
            SealedWith::Legacy => upkeep != Upkeep::Rotate,
        };
        if to_seal {
            let new = record::sealed(&self.masters, owner, &own, stored.legacy.clone()).await?;
            return Ok(Some((new, Done::Sealed)));
        }
        let removes = upkeep == Upkeep::MigrateAndRemove && stored.legacy.is_some();
        Ok(removes.then(|| (StoredKey { legacy: None, ..stored.clone() }, Done::Removed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        keys::{
            Masters, OwnKey,
            legacy::VECTORS,
            store::{memory::Memory, other_process},
        },
        seam::{BoxFuture, KeyStoreEntry, LegacyKey, Sealer, Secret, Setup, Shelf},
    };
    use serde_json::json;
    use std::{
        path::Path,
        sync::{Arc, atomic::AtomicUsize},
    };

    const NEW: &str = "a new secret of 32 characters, or so!";

    fn owner(subject: &str) -> KeyOwner {
        KeyOwner::new("https://id.example", subject, "crm")
    }

    fn vault(shelf: &Arc<Memory>, secrets: &[&str]) -> Vault {
        let secrets: Vec<_> = secrets.iter().map(|secret| Secret::new(*secret)).collect();
        Vault::new(shelf.clone(), Masters::new(&secrets))
    }

    fn left() -> StoredKey {
        let (api_key, updated_at) = (VECTORS[0].2.into(), Some("2025-01-02T03:04:05Z".into()));
        StoredKey { sealed: None, legacy: Some(LegacyKey { api_key, base_url: None, updated_at }) }
    }

    /// One record of each kind, and a vault whose first secret is new.
    async fn all_kinds() -> (Arc<Memory>, Vault) {
        let shelf = Arc::new(Memory::default());
        let vault = vault(&shelf, &[NEW, VECTORS[0].0]);
        let old = self::vault(&shelf, &[VECTORS[0].0]);
        old.put(&owner("older"), Secret::new("older's"), None).await.unwrap();
        vault.put(&owner("first"), Secret::new("first's"), None).await.unwrap();
        shelf.rows().insert(owner("legacy"), left());
        let stranger = self::vault(&shelf, &["a secret that nobody has any more...."]);
        stranger.put(&owner("unknown"), Secret::new("unknown's"), None).await.unwrap();
        (shelf, vault)
    }

    #[tokio::test]
    async fn each_record_is_told_for_what_it_is() {
        let (_, vault) = all_kinds().await;
        let owners = vault.owners(None).await.unwrap();
        assert_eq!(
            owners.iter().map(|owner| owner.subject.as_str()).collect::<Vec<_>>(),
            ["first", "legacy", "older", "unknown"]
        );
        assert_eq!(vault.owners(owners.last()).await.unwrap(), []);
        for (subject, sealed, legacy) in [
            ("first", Some(SealedWith::First), false),
            ("older", Some(SealedWith::Older), false),
            ("legacy", Some(SealedWith::Legacy), true),
            ("unknown", None, false),
        ] {
            let seen = vault.look(&owner(subject)).await.unwrap().unwrap();
            assert_eq!((seen.sealed.clone().ok(), seen.legacy), (sealed, legacy), "{subject}");
            assert!(seen.updated_at.is_some());
        }
        assert!(vault.look(&owner("nobody")).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn each_kind_of_upkeep_does_its_own_and_a_dry_run_nothing() {
        for (upkeep, done) in [
            (Upkeep::Rotate, [Done::Nothing, Done::Nothing, Done::Sealed]),
            (Upkeep::Migrate, [Done::Nothing, Done::Sealed, Done::Nothing]),
            (Upkeep::MigrateAndRemove, [Done::Nothing, Done::SealedAndRemoved, Done::Nothing]),
        ] {
            let (shelf, vault) = all_kinds().await;
            let before = shelf.rows().clone();
            for dry_run in [true, false] {
                for (subject, done) in ["first", "legacy", "older"].into_iter().zip(done) {
                    let was = vault.keep_up(&owner(subject), upkeep, dry_run).await;
                    assert_eq!(was, Ok(done), "{upkeep:?} {subject}");
                }
                let unknown = vault.keep_up(&owner("unknown"), upkeep, dry_run).await;
                assert!(matches!(unknown, Err(VaultError::UnknownMaster(_))));
                assert_eq!(vault.keep_up(&owner("nobody"), upkeep, dry_run).await, Ok(Done::Nothing));
                assert!(!dry_run || *shelf.rows() == before);
            }
            for (subject, key) in [("first", "first's"), ("legacy", VECTORS[0].1), ("older", "older's")] {
                assert_eq!(vault.open(&owner(subject)).await.unwrap().unwrap().key.expose(), key);
            }
            assert_eq!(shelf.rows()[&owner("unknown")], before[&owner("unknown")]);
            let legacy = shelf.rows()[&owner("legacy")].clone();
            assert_eq!(legacy.legacy.is_none(), upkeep == Upkeep::MigrateAndRemove);
        }
    }

    #[tokio::test]
    async fn old_fields_go_only_where_what_is_sealed_opens() {
        let (shelf, vault) = all_kinds().await;
        let unknown = shelf.rows()[&owner("unknown")].clone();
        let both = StoredKey { legacy: left().legacy, ..unknown };
        shelf.rows().insert(owner("both"), both.clone());
        assert!(vault.keep_up(&owner("both"), Upkeep::MigrateAndRemove, false).await.is_err());
        assert_eq!(shelf.rows()[&owner("both")], both);
    }

    #[tokio::test]
    async fn a_user_who_changes_their_key_meanwhile_has_the_last_word() {
        for upkeep in [Upkeep::Rotate, Upkeep::MigrateAndRemove] {
            let (shelf, vault) = all_kinds().await;
            let subject = if upkeep == Upkeep::Rotate { "older" } else { "legacy" };
            let own = OwnKey { key: Secret::new("changed"), base_url: None, created_at: Timestamp::now() };
            let changed = record::sealed(&vault.masters, &owner(subject), &own, None).await.unwrap();
            shelf.before_the_next_change({
                let changed = changed.clone();
                let subject = owner(subject);
                move |rows| drop(rows.insert(subject, changed))
            });
            assert_eq!(vault.keep_up(&owner(subject), upkeep, false).await, Ok(Done::Nothing));
            assert_eq!(shelf.rows()[&owner(subject)], changed);
            assert_eq!(vault.open(&owner(subject)).await.unwrap().unwrap().key.expose(), "changed");

            let (shelf, vault) = all_kinds().await;
            shelf.before_the_next_change({
                let subject = owner(subject);
                move |rows| drop(rows.remove(&subject))
            });
            assert_eq!(vault.keep_up(&owner(subject), upkeep, false).await, Ok(Done::Nothing));
            assert!(!shelf.rows().contains_key(&owner(subject)), "what was deleted is not put back");
        }
    }

    /// A store that stands still for ever before the n-th moment that is before or after a change.
    struct Halting(Arc<dyn Shelf>, AtomicUsize);

    impl Halting {
        async fn step(&self) {
            if other_process::halts(&self.1) {
                std::future::pending().await
            }
        }
    }

    impl Shelf for Halting {
        fn get<'a>(&'a self, owner: &'a KeyOwner) -> BoxFuture<'a, Result<Option<StoredKey>, StoreError>> {
            self.0.get(owner)
        }

        fn replace<'a>(
            &'a self,
            owner: &'a KeyOwner,
            expected: Option<&'a StoredKey>,
            new: Option<&'a StoredKey>,
        ) -> BoxFuture<'a, Result<bool, StoreError>> {
            Box::pin(async move {
                self.step().await;
                let done = self.0.replace(owner, expected, new).await;
                self.step().await;
                done
            })
        }

        fn list<'a>(
            &'a self,
            after: Option<&'a KeyOwner>,
            most: usize,
        ) -> BoxFuture<'a, Result<Vec<KeyOwner>, StoreError>> {
            self.0.list(after, most)
        }
    }

    fn file(data_dir: &Path) -> Arc<dyn Shelf> {
        let entry = KeyStoreEntry::all().into_iter().find(|entry| entry.origin.key() == "file").unwrap();
        let setup = Setup::new(Some(data_dir), "keys", false, Sealer::default());
        (entry.build)((entry.settings.read)(json!({})).unwrap(), &setup).unwrap()
    }

    fn on(shelf: Arc<dyn Shelf>) -> Vault {
        Vault::new(shelf, Masters::new(&[Secret::new(NEW), Secret::new(VECTORS[0].0)]))
    }

    async fn all_of(vault: &Vault, upkeep: Upkeep) {
        for owner in vault.owners(None).await.unwrap() {
            vault.keep_up(&owner, upkeep, false).await.unwrap();
        }
    }

    const KINDS: [Upkeep; 3] = [Upkeep::Rotate, Upkeep::Migrate, Upkeep::MigrateAndRemove];

    #[tokio::test]
    async fn the_other_process() {
        let Some(said) = other_process::said() else { return };
        let said: Vec<&str> = said.splitn(3, ' ').collect();
        let halting = Halting(file(Path::new(said[2])), AtomicUsize::new(said[0].parse().unwrap()));
        all_of(&on(Arc::new(halting)), KINDS[said[1].parse::<usize>().unwrap()]).await;
        other_process::done();
    }

    #[tokio::test]
    async fn killed_between_any_two_writes_nothing_is_lost_and_the_rest_is_done_later() {
        let (begun, _) = all_kinds().await;
        begun.rows().remove(&owner("unknown"));
        let begun = begun.rows().clone();
        for (kind, upkeep) in KINDS.into_iter().enumerate() {
            for halt in 1.. {
                let data_dir = tempfile::tempdir().unwrap();
                for (owner, stored) in &begun {
                    assert_eq!(file(data_dir.path()).replace(owner, None, Some(stored)).await, Ok(true));
                }
                let said = format!("{halt} {kind} {}", data_dir.path().display());
                let halted = other_process::killed("keys::upkeep::tests::the_other_process", said).await;
                for again in [false, true] {
                    let vault = on(file(data_dir.path()));
                    if again {
                        all_of(&vault, upkeep).await;
                    }
                    for (subject, key) in
                        [("first", "first's"), ("legacy", VECTORS[0].1), ("older", "older's")]
                    {
                        let stored = vault.shelf.get(&owner(subject)).await.unwrap().unwrap();
                        let (own, with) =
                            record::open(&vault.masters, &owner(subject), &stored).await.unwrap().unwrap();
                        assert_eq!(own.key.expose(), key, "{upkeep:?} {halt} {subject}");
                        let migrated = subject == "legacy" && upkeep != Upkeep::Rotate;
                        let rotated = subject == "older" && upkeep == Upkeep::Rotate;
                        if again && (migrated || rotated) {
                            assert_eq!(with, SealedWith::First);
                            assert_eq!(stored.legacy.is_some(), migrated && upkeep == Upkeep::Migrate);
                        }
                    }
                }
                if !halted {
                    // Before and after each of its changes.
                    assert_eq!(halt, if upkeep == Upkeep::MigrateAndRemove { 5 } else { 3 });
                    break;
                }
            }
        }
    }
}
