//! The table and its rows.

use super::disk::broken;
use crate::{
    keys::store::read,
    seam::{KeyOwner, StoreError, StoredKey},
};
use redb::{Database, ReadTransaction, ReadableTable as _, TableDefinition, TableError};
use std::ops::Bound;

/// Issuer, subject and provider.
type OwnerKey = (&'static str, &'static str, &'static str);
/// The number is that of the layout.
const KEYS: TableDefinition<'_, OwnerKey, &[u8]> = TableDefinition::new("keys-1");

fn key(owner: &KeyOwner) -> (&str, &str, &str) {
    (owner.issuer.as_str(), owner.subject.as_str(), &owner.provider)
}

/// What is kept for an owner, as bytes.
pub(super) fn get(transaction: &ReadTransaction, owner: &KeyOwner) -> Result<Option<Vec<u8>>, redb::Error> {
    match transaction.open_table(KEYS) {
        Ok(table) => Ok(table.get(key(owner))?.map(|bytes| bytes.value().to_vec())),
        Err(TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The owners behind one of them.
pub(super) fn list(
    transaction: &ReadTransaction,
    after: Option<&KeyOwner>,
    most: usize,
) -> Result<Vec<KeyOwner>, redb::Error> {
    let table = match transaction.open_table(KEYS) {
        Ok(table) => table,
        Err(TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let from = after.map_or(Bound::Unbounded, |after| Bound::Excluded(key(after)));
    let rows = table.range::<(&str, &str, &str)>((from, Bound::Unbounded))?.take(most);
    let owner = |row: Result<(redb::AccessGuard<'_, OwnerKey>, _), redb::StorageError>| {
        let (row, _) = row?;
        let (issuer, subject, provider) = row.value();
        Ok(KeyOwner::new(issuer, subject, provider))
    };
    rows.map(owner).collect()
}

/// Compares and sets in one durable transaction.
pub(super) fn replace(
    database: &Database,
    owner: &KeyOwner,
    expected: Option<&StoredKey>,
    new: Option<&[u8]>,
) -> Result<bool, StoreError> {
    let transaction = database.begin_write().map_err(broken)?;
    {
        let mut table = transaction.open_table(KEYS).map_err(broken)?;
        let kept = table.get(key(owner)).map_err(broken)?.map(|bytes| read(bytes.value())).transpose()?;
        if kept.as_ref() != expected {
            return Ok(false);
        }
        match new {
            Some(bytes) => drop(table.insert(key(owner), bytes).map_err(broken)?),
            None => drop(table.remove(key(owner)).map_err(broken)?),
        }
    }
    transaction.commit().map_err(broken)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::{
        super::{FileSettings, FileStore, disk::open_on},
        *,
    };
    use crate::{
        keys::store::{
            contract::{legacy, stored},
            other_process, written,
        },
        seam::{KeyStore, Sealer, Setup},
    };
    use redb::{BackendError, ReadableDatabase as _, StorageBackend, backends::FileBackend};
    use std::{
        io,
        path::Path,
        sync::atomic::{AtomicUsize, Ordering},
        thread,
    };

    fn ann() -> KeyOwner {
        KeyOwner::new("https://id.example", "ann", "crm")
    }

    /// A file that stands still for ever before the n-th of the operations that change it.
    #[derive(Debug)]
    struct Halting(FileBackend);

    /// How many operations are left until one stands still.
    static LEFT: AtomicUsize = AtomicUsize::new(0);

    impl Halting {
        fn step() {
            if other_process::halts(&LEFT) {
                loop {
                    thread::park();
                }
            }
        }
    }

    type Io<T> = Result<T, io::Error>;

    impl StorageBackend for Halting {
        fn len(&self) -> Io<u64> {
            self.0.len()
        }

        fn read(&self, offset: u64, out: &mut [u8]) -> Io<()> {
            self.0.read(offset, out)
        }

        fn set_len(&self, len: u64) -> Io<()> {
            Self::step();
            self.0.set_len(len)
        }

        fn sync_data(&self) -> Io<()> {
            Self::step();
            self.0.sync_data()
        }

        fn write(&self, offset: u64, data: &[u8]) -> Io<()> {
            Self::step();
            self.0.write(offset, data)
        }

        fn close(&self) -> Io<()> {
            self.0.close()
        }

        fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
            self.0.try_lock_range(start, end)
        }
    }

    /// Opens the file, replaces and closes it, and stands still before the n-th change of the file.
    #[test]
    fn the_other_process() {
        let Some(said) = other_process::said() else { return };
        let (halt, folder) = said.split_once(' ').unwrap();
        let folder = Path::new(folder);
        LEFT.store(halt.parse().unwrap(), Ordering::SeqCst);
        let database = open_on(folder, |file| Ok(Halting(FileBackend::new(file)?))).unwrap();
        let new = written(&stored("v2.new")).unwrap();
        // One change that takes what was there, or makes the first.
        let old = database.begin_read().unwrap();
        let old = get(&old, &ann()).unwrap().map(|bytes| read(&bytes).unwrap());
        assert!(replace(&database, &ann(), old.as_ref(), Some(&new)).unwrap());
        drop(database);
        other_process::done();
    }

    /// Kills the other process before each change of the file in turn; tells how many there are.
    async fn killed_everywhere(begin: Option<&StoredKey>) -> usize {
        let other = KeyOwner::new("https://id.example", "ben", "crm");
        let (mut halt, mut changed) = (0, 0);
        loop {
            halt += 1;
            let data_dir = tempfile::tempdir().unwrap();
            let setup = Setup::new(Some(data_dir.path()), "keys", false, Sealer::default());
            let store = FileStore::build(FileSettings::default(), &setup).unwrap();
            if let Some(begin) = begin {
                for owner in [&ann(), &other] {
                    assert!(KeyStore::replace(&store, owner, None, Some(begin)).await.unwrap());
                }
            }
            let said = format!("{halt} {}", store.folder.display());
            let halted =
                other_process::killed("keys::stores::file::rows::tests::the_other_process", said).await;
            // What was there, or what was to be: nothing between, and the next change works.
            let now = KeyStore::get(&store, &ann()).await.unwrap();
            assert!(now.as_ref() == begin || now == Some(stored("v2.new")), "{halt}: {now:?}");
            changed += usize::from(now.as_ref() != begin);
            assert_eq!(KeyStore::get(&store, &other).await.unwrap().as_ref(), begin);
            assert!(KeyStore::replace(&store, &ann(), now.as_ref(), Some(&stored("v2.next"))).await.unwrap());
            assert_eq!(KeyStore::get(&store, &ann()).await, Ok(Some(stored("v2.next"))));
            if !halted {
                assert!(changed > 1, "it was killed before and after the change took hold");
                return halt - 1;
            }
        }
    }

    #[tokio::test]
    async fn killed_between_any_two_writes_it_holds_the_old_key_or_the_new_one() {
        assert!(killed_everywhere(Some(&legacy("old"))).await > 3);
    }

    #[tokio::test]
    async fn killed_while_the_file_is_made_it_is_made_again() {
        assert!(killed_everywhere(None).await > 3);
    }
}
