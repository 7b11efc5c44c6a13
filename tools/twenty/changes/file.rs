//! Opens the store: a file that only this user reads, or memory.

use super::error::JournalError;
use crate::seam::private_file;
use redb::{
    Builder, Database, DatabaseError, StorageError,
    backends::{FileBackend, InMemoryBackend},
};
use std::path::Path;

/// The file's name in the pack's folder.
pub(super) const NAME: &str = "journal.redb";

/// How much of the file is held in memory, in bytes.
const CACHE: usize = 8 << 20;

/// Opens the journal's file, made if need be; or, if another process has it, nothing.
pub(super) fn in_folder(folder: &Path) -> Result<Option<Database>, JournalError> {
    let begin = |new| builder().create_with_backend(FileBackend::new(new)?).map(drop);
    let file = private_file(folder, NAME, begin).map_err(|error| match error {
        DatabaseError::Storage(StorageError::Io(error)) => JournalError::Open(error),
        error => error.into(),
    })?;
    match builder().create_with_backend(FileBackend::new(file)?) {
        Ok(database) => Ok(Some(database)),
        Err(DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// A store that ends with the process.
pub(super) fn in_memory() -> Result<Database, JournalError> {
    Ok(builder().create_with_backend(InMemoryBackend::new())?)
}

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE);
    builder
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::{fs, os::unix::fs::PermissionsExt as _};

    #[test]
    fn nobody_else_reads_the_file() {
        let data_dir = tempfile::tempdir().unwrap();
        let folder = data_dir.path().join("data/twenty");
        let file = folder.join(NAME);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        for _ in 0..2 {
            assert!(in_folder(&folder).unwrap().is_some());
            assert_eq!((mode(&folder), mode(&file)), (0o700, 0o600));
            // What was opened to others is closed again.
            fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        }
    }
}
