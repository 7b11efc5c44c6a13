//! Folders and files that this user alone reads: what a plug-in keeps below [`Setup::folder`](super::Setup::folder).

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind},
    path::Path,
};
use uuid::Uuid;

/// Opens a file in a folder of its own, to be read and written: both are made if need be, and closed to others (modes 0600
/// and 0700). `begin` gets a new file, and writes what it begins with.
///
/// A new file is made under another name first and then given its own, so that there is none which was begun and not
/// finished, wherever that is broken off.
///
/// # Errors
/// The folder or the file cannot be made, opened or closed to others; or `begin` fails.
pub fn private_file<E: From<io::Error>>(
    folder: &Path,
    name: &str,
    begin: impl FnOnce(File) -> Result<(), E>,
) -> Result<File, E> {
    close_folder(folder)?;
    let path = folder.join(name);
    if !path.exists() {
        let new = folder.join(format!("{name}.{}.new", Uuid::new_v4()));
        let made = begin(opened(&new)?).and_then(|()| Ok(named(&new, &path)?));
        // Nothing hangs on a file that is left behind under the other name.
        let _ = fs::remove_file(&new);
        made?;
        // A new file's name must survive a loss of power as its contents do.
        #[cfg(unix)]
        File::open(folder)?.sync_all()?;
    }
    Ok(opened(&path)?)
}

/// Gives a file its name. Where another process was quicker, its file is the one.
fn named(new: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(new, path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        // Not every file system has links.
        Err(_) if !path.exists() => fs::rename(new, path),
        done => done,
    }
}

#[cfg(unix)]
fn close_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    if fs::metadata(folder)?.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}

#[cfg(unix)]
fn opened(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
    let mut options = OpenOptions::new();
    let file = options.read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
    }
    Ok(file)
}

#[cfg(not(unix))]
fn close_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(not(unix))]
fn opened(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read as _, Write as _};

    fn begin(mut file: File) -> io::Result<()> {
        file.write_all(b"begun")
    }

    #[test]
    fn what_was_begun_and_not_finished_is_nothing_and_a_file_begins_once() {
        let data_dir = tempfile::tempdir().unwrap();
        let folder = data_dir.path().join("data/own");
        let broken = |file: File| begin(file).and(Err(io::Error::other("broken off")));
        assert!(private_file(&folder, "file", broken).is_err());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        for _ in 0..2 {
            let mut text = String::new();
            private_file(&folder, "file", begin).unwrap().read_to_string(&mut text).unwrap();
            assert_eq!(text, "begun");
        }
        let again = |_| -> io::Result<()> { panic!("it is there") };
        assert!(private_file(&folder, "file", again).is_ok());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_reads_the_file_and_what_was_opened_to_others_is_closed() {
        use std::os::unix::fs::PermissionsExt as _;
        let data_dir = tempfile::tempdir().unwrap();
        let top = data_dir.path().join("data");
        let (folder, file) = (top.join("own"), top.join("own/file"));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        for _ in 0..2 {
            private_file(&folder, "file", begin).unwrap();
            assert_eq!([mode(&top), mode(&folder), mode(&file)], [0o700, 0o700, 0o600]);
            fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        }
    }
}
