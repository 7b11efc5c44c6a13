//! Opens the store: a file that only this user reads, or memory.

use super::error::JournalError;
use redb::{
    Builder, Database, DatabaseError,
    backends::{FileBackend, InMemoryBackend},
};
use std::{
    fs::{self, File, OpenOptions},
    io,
    path::Path,
};

/// The file's name in the pack's folder.
pub(super) const NAME: &str = "journal.redb";

/// How much of the file is held in memory, in bytes.
const CACHE: usize = 8 << 20;

/// Opens the journal's file, made if need be; or, if another process has it, nothing.
pub(super) fn in_folder(folder: &Path) -> Result<Option<Database>, JournalError> {
    private_folder(folder).map_err(JournalError::Open)?;
    let file = private_file(&folder.join(NAME)).map_err(JournalError::Open)?;
    // A new file's name must survive a loss of power as its contents do.
    #[cfg(unix)]
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(JournalError::Open)?;
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

#[cfg(unix)]
fn private_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    if fs::metadata(folder)?.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}

#[cfg(unix)]
fn private_file(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
    let file =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
    }
    Ok(file)
}

#[cfg(not(unix))]
fn private_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(not(unix))]
fn private_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

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
