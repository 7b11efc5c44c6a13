//! Stored keys in a file of `server.data_dir`, `keys/keys.redb`, for its owner alone.
//!
//! The file is opened for each operation and no longer, so that `twenty-mcp keys` works while a server runs.

mod disk;
mod rows;

use crate::{
    keys::store::{read, written},
    seam::{KeyOwner, KeyStore, Setup, SetupError, StoreError, StoredKey},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{path::Path, sync::Arc};
use tokio::{sync::Mutex, task::spawn_blocking};

/// Keys in a file of `server.data_dir`, for one machine.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FileSettings {}

crate::register!(key-store FileStore);

/// Keys in a file. One caller at a time works on it, so that those who wait for the disk take up no threads.
pub struct FileStore {
    folder: Arc<Path>,
    one: Arc<Mutex<()>>,
}

impl KeyStore for FileStore {
    type Settings = FileSettings;

    fn build(FileSettings {}: FileSettings, setup: &Setup) -> Result<Self, SetupError> {
        let nowhere = || SetupError::at(&[], "there is no folder for it: set `server.data_dir`");
        let folder = setup.folder().ok_or_else(nowhere)?.into();
        Ok(Self { folder, one: Arc::default() })
    }

    async fn get(&self, owner: &KeyOwner) -> Result<Option<StoredKey>, StoreError> {
        let owner = owner.clone();
        let bytes =
            self.blocking(move |folder| disk::reading(folder, |transaction| rows::get(transaction, &owner)));
        bytes.await?.map(|bytes| read(&bytes)).transpose()
    }

    async fn replace(
        &self,
        owner: &KeyOwner,
        expected: Option<&StoredKey>,
        new: Option<&StoredKey>,
    ) -> Result<bool, StoreError> {
        let (owner, expected) = (owner.clone(), expected.cloned());
        let new = new.map(written).transpose()?;
        self.blocking(move |folder| {
            if expected.is_some() && !disk::is_there(folder) {
                return Ok(false);
            }
            rows::replace(&disk::to_write(folder)?, &owner, expected.as_ref(), new.as_deref())
        })
        .await
    }

    async fn list(&self, after: Option<&KeyOwner>, most: usize) -> Result<Vec<KeyOwner>, StoreError> {
        let after = after.cloned();
        self.blocking(move |folder| {
            disk::reading(folder, |transaction| rows::list(transaction, after.as_ref(), most))
        })
        .await
    }
}

impl FileStore {
    /// Works where it may block. The work goes on to its end even if its caller goes, and nobody else's begins before.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Path) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let turn = Arc::clone(&self.one).lock_owned().await;
        let folder = Arc::clone(&self.folder);
        let done = spawn_blocking(move || {
            let done = work(&folder);
            drop(turn);
            done
        });
        done.await.unwrap_or(Err(StoreError::Unavailable { retry_after: 1 }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        keys::store::contract::{self, stored},
        seam::{Sealer, Shelf},
    };
    use disk::NAME;
    use std::fs;

    fn store(data_dir: &Path) -> FileStore {
        let setup = Setup::new(Some(data_dir), "keys", false, Sealer::default());
        KeyStore::build(FileSettings::default(), &setup).unwrap()
    }

    fn ann() -> KeyOwner {
        KeyOwner::new("https://id.example", "ann", "crm")
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn it_is_a_store_and_two_on_one_file_are_one() {
        let data_dir = tempfile::tempdir().unwrap();
        contract::holds(Arc::new(store(data_dir.path()))).await;
        let shelves: [Arc<dyn Shelf>; 2] =
            [Arc::new(store(data_dir.path())), Arc::new(store(data_dir.path()))];
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..20 {
            let shelf = Arc::clone(&shelves[number % 2]);
            tasks.spawn(async move {
                shelf.replace(&ann(), None, Some(&stored(&number.to_string()))).await.unwrap()
            });
        }
        assert_eq!(tasks.join_all().await.into_iter().filter(|won| *won).count(), 1);
        assert_eq!(shelves[0].get(&ann()).await, shelves[1].get(&ann()).await);
    }

    #[tokio::test]
    async fn nothing_is_made_by_reading_and_nowhere_is_told() {
        let data_dir = tempfile::tempdir().unwrap();
        let (folder, store) = (data_dir.path().join("data"), store(&data_dir.path().join("data")));
        assert_eq!(KeyStore::get(&store, &ann()).await, Ok(None));
        assert_eq!(KeyStore::list(&store, None, 5).await, Ok(vec![]));
        assert_eq!(KeyStore::replace(&store, &ann(), Some(&stored("x")), None).await, Ok(false));
        assert!(!folder.exists());
        let nowhere = FileStore::build(FileSettings::default(), &Setup::default()).err().unwrap();
        assert!(nowhere.message.contains("server.data_dir"));
    }

    #[tokio::test]
    async fn a_file_that_is_none_is_told_to_the_log() {
        let data_dir = tempfile::tempdir().unwrap();
        fs::create_dir(data_dir.path().join("keys")).unwrap();
        fs::write(data_dir.path().join("keys").join(NAME), "no keys".repeat(1000)).unwrap();
        let store = store(data_dir.path());
        for error in [
            KeyStore::get(&store, &ann()).await.unwrap_err(),
            KeyStore::replace(&store, &ann(), None, Some(&stored("x"))).await.unwrap_err(),
        ] {
            let StoreError::Broken(text) = error else { panic!("{error:?}") };
            assert!(text.contains("keys.redb"), "{text}");
        }
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn nobody_else_reads_the_file() {
        use std::os::unix::fs::PermissionsExt as _;
        let data_dir = tempfile::tempdir().unwrap();
        let top = data_dir.path().join("data");
        let (folder, store) = (top.join("keys"), store(&top));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let (mut old, texts) = (None, ["v2.one", "v2.two"]);
        for text in texts {
            let new = stored(text);
            assert_eq!(KeyStore::replace(&store, &ann(), old.as_ref(), Some(&new)).await, Ok(true));
            let modes = [mode(&top), mode(&folder), mode(&folder.join(NAME))];
            assert_eq!(modes, [0o700, 0o700, 0o600]);
            // What was opened to others is closed again.
            fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
            fs::set_permissions(folder.join(NAME), fs::Permissions::from_mode(0o644)).unwrap();
            old = Some(new);
        }
    }

    #[tokio::test]
    async fn who_waits_too_long_for_another_process_is_told_to_come_again() {
        let data_dir = tempfile::tempdir().unwrap();
        let store = store(data_dir.path());
        KeyStore::replace(&store, &ann(), None, Some(&stored("x"))).await.unwrap();
        let held = disk::to_write(&store.folder).unwrap();
        let waited = KeyStore::get(&store, &ann()).await;
        assert_eq!(waited, Err(StoreError::Unavailable { retry_after: 1 }));
        let waiting = tokio::spawn({
            let store = FileStore { folder: store.folder.clone(), one: store.one.clone() };
            async move { KeyStore::get(&store, &ann()).await }
        });
        drop(held);
        assert_eq!(waiting.await.unwrap(), Ok(Some(stored("x"))));
    }
}
