//! Opens the file: for its owner alone, and as soon as no other process has it.

use crate::seam::{StoreError, private_file};
use redb::{
    Builder, Database, DatabaseError, ReadTransaction, ReadableDatabase, StorageBackend,
    backends::FileBackend,
};
use std::{
    fmt::Display,
    fs::File,
    path::Path,
    thread,
    time::{Duration, Instant},
};

/// The file's name in its folder.
pub(super) const NAME: &str = "keys.redb";
/// How much of the file is held in memory, in bytes.
const CACHE: usize = 1 << 20;
/// How long another process may have the file.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it is looked whether that is over.
const PAUSE: Duration = Duration::from_millis(5);

/// Whether anything was ever written.
pub(super) fn is_there(folder: &Path) -> bool {
    folder.join(NAME).exists()
}

/// Reads what is there; where nothing was ever written, nothing is made.
pub(super) fn reading<T: Default>(
    folder: &Path,
    work: impl FnOnce(&ReadTransaction) -> Result<T, redb::Error>,
) -> Result<T, StoreError> {
    if !is_there(folder) {
        return Ok(T::default());
    }
    let database = waited_for(|| open_to_read(folder))?;
    let done = database.begin_read().map_err(redb::Error::from).and_then(|transaction| work(&transaction));
    done.map_err(broken)
}

/// The file, made if need be, to be written.
pub(super) fn to_write(folder: &Path) -> Result<Database, StoreError> {
    waited_for(|| open(folder))
}

fn open_to_read(folder: &Path) -> Result<Box<dyn ReadableDatabase>, DatabaseError> {
    match builder().open_read_only(folder.join(NAME)) {
        Ok(database) => Ok(Box::new(database)),
        Err(DatabaseError::DatabaseAlreadyOpen) => Err(DatabaseError::DatabaseAlreadyOpen),
        // After a crash it must be opened for writing once.
        Err(_) => Ok(Box::new(open(folder)?)),
    }
}

fn open(folder: &Path) -> Result<Database, DatabaseError> {
    open_on(folder, FileBackend::new)
}

/// Opens the file, made if need be, on what `backend` makes of it.
pub(super) fn open_on<B: StorageBackend>(
    folder: &Path,
    backend: impl Fn(File) -> Result<B, DatabaseError>,
) -> Result<Database, DatabaseError> {
    let begin = |new| builder().create_with_backend(backend(new)?).map(drop);
    builder().create_with_backend(backend(private_file(folder, NAME, begin)?)?)
}

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE);
    builder
}

/// Opens the file as soon as no other process has it, in a bounded time.
fn waited_for<T>(mut open: impl FnMut() -> Result<T, DatabaseError>) -> Result<T, StoreError> {
    let end = Instant::now() + PATIENCE;
    loop {
        match open() {
            Err(DatabaseError::DatabaseAlreadyOpen) if Instant::now() < end => thread::sleep(PAUSE),
            Err(DatabaseError::DatabaseAlreadyOpen) => {
                return Err(StoreError::Unavailable { retry_after: 1 });
            }
            done => return done.map_err(broken),
        }
    }
}

pub(super) fn broken(error: impl Display) -> StoreError {
    StoreError::Broken(format!("{NAME} in the folder `keys` of `server.data_dir`: {error}"))
}
