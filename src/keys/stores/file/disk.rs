//! Opens the file: for its owner alone, and as soon as no other process has it.

use crate::seam::StoreError;
use redb::{
    Builder, Database, DatabaseError, ReadTransaction, ReadableDatabase, StorageBackend,
    backends::FileBackend,
};
use std::{
    fmt::Display,
    fs::{self, File, OpenOptions},
    io,
    path::Path,
    thread,
    time::{Duration, Instant},
};
use uuid::Uuid;

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
    private_folder(folder)?;
    let path = folder.join(NAME);
    if !path.exists() {
        make(folder, &path, &backend)?;
    }
    builder().create_with_backend(backend(private_file(&path)?)?)
}

/// Makes the file under another name first: one that was begun and not finished can never be opened again. Where
/// another process was quicker, its file is the one.
fn make<B: StorageBackend>(
    folder: &Path,
    path: &Path,
    backend: impl Fn(File) -> Result<B, DatabaseError>,
) -> Result<(), DatabaseError> {
    let new = folder.join(format!("{NAME}.{}.new", Uuid::new_v4()));
    let made = backend(private_file(&new)?).and_then(|file| builder().create_with_backend(file)).map(drop);
    let made = made.and_then(|()| match fs::hard_link(&new, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error.into()),
        _ => Ok(()),
    });
    // Nothing hangs on a file that is left behind under the other name.
    let _ = fs::remove_file(&new);
    made?;
    // A new file's name must survive a loss of power as its contents do.
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
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
    let mut options = OpenOptions::new();
    let file = options.read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
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
