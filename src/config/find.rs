//! Where the configuration is looked for.

use super::{MOST_BYTES, dotenv};
use std::{
    fmt,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

/// The configuration that the binary carries.
const SHIPPED: &str = include_str!("../../config.yaml");
/// The largest `.env` that is read, in bytes.
const MOST_ENV: usize = 64 << 10;

/// A configuration file, found and not yet judged.
pub struct Found {
    /// Its name, as messages show it.
    pub name: String,
    /// Its text; one byte more than is allowed where it is too long.
    pub text: String,
    /// The folder that it names files from.
    pub base: Option<PathBuf>,
    /// The process's environment.
    pub env: Vec<(String, String)>,
    /// The variables of the `.env` beside the file.
    pub dotenv: Vec<(String, String)>,
    /// Whether it is the copy inside the binary.
    pub shipped: bool,
}

impl fmt::Debug for Found {
    /// Where it was found, never what it holds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Found").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Why no configuration could be read.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// The file that was named, or found, cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

/// Where the configuration is looked for.
struct Places {
    /// The working directory; over stdio nothing is read from it.
    here: Option<PathBuf>,
    /// The user's own folder.
    user: Option<PathBuf>,
    /// The process's environment.
    env: Vec<(String, String)>,
}

/// Finds the configuration: the file that `--config` names, else `./config.yaml` (not over stdio: clients start the
/// server inside folders that others wrote), else the user's own, else the copy inside the binary.
///
/// # Errors
/// A file is there and cannot be read; `--config` names one that is not there.
pub fn find(config_flag: Option<&Path>, stdio: bool) -> Result<Found, FindError> {
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    let env: Vec<(String, String)> = std::env::vars_os().filter_map(text).collect();
    let here = (!stdio).then(|| PathBuf::from("."));
    Places { here, user: user_folder(&env), env }.find(config_flag)
}

/// The user's own folder: `$XDG_CONFIG_HOME/twenty-mcp`, else `~/.config/twenty-mcp` (XDG Base Directory
/// Specification: a relative path counts as unset).
fn user_folder(env: &[(String, String)]) -> Option<PathBuf> {
    own_folder(env, "XDG_CONFIG_HOME", ".config")
}

/// Where the user's state lives: `$XDG_DATA_HOME/twenty-mcp`, else `~/.local/share/twenty-mcp`.
pub(super) fn data_folder(env: &[(String, String)]) -> Option<PathBuf> {
    own_folder(env, "XDG_DATA_HOME", ".local/share")
}

fn own_folder(env: &[(String, String)], variable: &str, below_home: &str) -> Option<PathBuf> {
    let absolute = |name: &str| {
        let (_, value) = env.iter().find(|(key, _)| key == name)?;
        Some(PathBuf::from(value)).filter(|path| path.is_absolute())
    };
    let folder = absolute(variable).or_else(|| Some(absolute("HOME")?.join(below_home)));
    folder.map(|folder| folder.join("twenty-mcp"))
}

/// The built-in file alone, with nothing of this machine over it.
#[must_use]
pub fn shipped() -> Found {
    let (name, text) = ("the built-in config.yaml".to_owned(), SHIPPED.to_owned());
    Found { name, text, base: None, env: Vec::new(), dotenv: Vec::new(), shipped: true }
}

impl Places {
    fn find(self, config_flag: Option<&Path>) -> Result<Found, FindError> {
        if let Some(path) = config_flag {
            let text =
                read(path, MOST_BYTES).map_err(|error| FindError::Unreadable { path: path.into(), error })?;
            return Self::found(self.env, path, text);
        }
        for folder in [&self.here, &self.user].into_iter().flatten() {
            let path = folder.join("config.yaml");
            match read(&path, MOST_BYTES) {
                Ok(text) => return Self::found(self.env, &path, text),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(FindError::Unreadable { path, error }),
            }
        }
        let folders = [self.here.clone(), self.user.clone()];
        let beside = folders.iter().flatten().find(|folder| folder.join(".env").exists());
        let dotenv = beside.map_or_else(|| Ok(Vec::new()), |folder| variables(folder))?;
        Ok(Found { env: self.env, dotenv, ..shipped() })
    }

    fn found(env: Vec<(String, String)>, path: &Path, text: String) -> Result<Found, FindError> {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        let dotenv = variables(&folder)?;
        let name = path.strip_prefix(".").unwrap_or(path).display().to_string();
        Ok(Found { name, text, base: Some(folder), env, dotenv, shipped: false })
    }
}

/// The variables of a folder's `.env`. Of two lines for one name the last counts, as in a shell.
fn variables(folder: &Path) -> Result<Vec<(String, String)>, FindError> {
    let path = folder.join(".env");
    match read(&path, MOST_ENV) {
        Ok(text) if text.len() > MOST_ENV => {
            let error = io::Error::other(format!("it is larger than {} KiB", MOST_ENV >> 10));
            Err(FindError::Unreadable { path, error })
        }
        Ok(text) => Ok(dotenv::parse(&text).into_iter().rev().collect()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(FindError::Unreadable { path, error }),
    }
}

/// Reads at most one byte more than `most`: what is longer is refused by whoever reads it.
fn read(path: &Path, most: usize) -> io::Result<String> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > most {
        return Ok(String::from_utf8_lossy(&bytes).into_owned());
    }
    String::from_utf8(bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn value<'a>(found: &'a Found, name: &str) -> Option<&'a str> {
        let mut all = found.env.iter().chain(&found.dotenv);
        all.find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    #[test]
    fn the_first_file_found_is_the_file_and_its_env_counts() {
        let dir = tempfile::tempdir().unwrap();
        let (here, user) = (dir.path().join("here"), dir.path().join("user"));
        fs::create_dir_all(&here).unwrap();
        fs::create_dir_all(&user).unwrap();
        let env = vec![("A".to_owned(), "process".to_owned())];
        let find = |stdio: bool, flag: Option<&Path>| {
            let here = (!stdio).then(|| here.clone());
            Places { here, user: Some(user.clone()), env: env.clone() }.find(flag)
        };
        assert!(find(false, None).unwrap().shipped);
        fs::write(user.join("config.yaml"), "user: 1").unwrap();
        fs::write(user.join(".env"), "A=user\nB=user\n").unwrap();
        fs::write(here.join("config.yaml"), "here: 1").unwrap();
        fs::write(here.join(".env"), "A=here\nB=one\nB=two\n").unwrap();
        let http = find(false, None).unwrap();
        assert_eq!((http.text.as_str(), http.shipped), ("here: 1", false));
        assert_eq!((value(&http, "A"), value(&http, "B")), (Some("process"), Some("two")));
        let stdio = find(true, None).unwrap();
        assert_eq!((stdio.text.as_str(), value(&stdio, "B")), ("user: 1", Some("user")));
        let named = find(true, Some(&here.join("config.yaml"))).unwrap();
        assert_eq!((named.text.as_str(), named.base.as_deref()), ("here: 1", Some(here.as_path())));
        let error = find(false, Some(&here.join("none.yaml"))).unwrap_err();
        assert!(error.to_string().contains("none.yaml"), "{error}");
    }

    #[test]
    fn over_stdio_nothing_of_the_working_directory_is_read() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(".env"), "B=here\n").unwrap();
        let http = Places { here: Some(dir.path().into()), user: None, env: Vec::new() }.find(None).unwrap();
        assert_eq!(value(&http, "B"), Some("here"));
        let stdio = Places { here: None, user: None, env: Vec::new() }.find(None).unwrap();
        assert_eq!(value(&stdio, "B"), None);
        assert!(stdio.shipped);
    }

    #[test]
    fn a_relative_config_home_counts_as_unset() {
        let env = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
        };
        let folder = user_folder(&env(&[("XDG_CONFIG_HOME", "rel"), ("HOME", "/home/ada")]));
        assert_eq!(folder, Some("/home/ada/.config/twenty-mcp".into()));
        assert_eq!(user_folder(&env(&[("HOME", "")])), None);
        let data = data_folder(&env(&[("XDG_DATA_HOME", "rel"), ("HOME", "/home/ada")]));
        assert_eq!(data, Some("/home/ada/.local/share/twenty-mcp".into()));
        assert_eq!(data_folder(&env(&[("XDG_DATA_HOME", "/data")])), Some("/data/twenty-mcp".into()));
    }
}
