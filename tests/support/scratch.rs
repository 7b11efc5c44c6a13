//! Scratch checkouts: a plug-in is one new file, dropped in and built.

use super::running::Running;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{Mutex, MutexGuard, Once, OnceLock},
};

/// Builds share one target folder: one at a time.
static BUILDING: Mutex<()> = Mutex::new(());

const PARTS: [&str; 8] =
    ["Cargo.toml", "Cargo.lock", "config.yaml", "src", "tools", "auth-providers", "tests", "examples"];

/// A copy of the crate, to drop files into.
pub struct Scratch {
    folder: tempfile::TempDir,
    _one: MutexGuard<'static, ()>,
}

impl Scratch {
    /// The crate as it is; one at a time.
    pub fn new() -> Self {
        let one = BUILDING.lock().unwrap_or_else(|broken| broken.into_inner());
        let folder = tempfile::tempdir().unwrap();
        for part in PARTS {
            copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join(part), &folder.path().join(part));
        }
        Self { folder, _one: one }
    }

    /// Where a file of it is.
    pub fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    /// Drops a file in.
    pub fn write(&self, file: &str, text: &str) {
        fs::create_dir_all(self.path(file).parent().unwrap()).unwrap();
        fs::write(self.path(file), text).unwrap();
    }

    fn build(&self) -> Output {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--offline", "--locked", "--bin", "twenty-mcp"]).current_dir(self.folder.path());
        cargo.env("CARGO_TARGET_DIR", target()).output().unwrap()
    }

    /// The binary, which must build.
    pub fn built(&self) -> PathBuf {
        let output = self.build();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        target().join("debug/twenty-mcp")
    }

    /// What the build says, which must fail.
    pub fn refused(&self) -> String {
        let output = self.build();
        assert!(!output.status.success(), "the build passed");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }
}

/// A target folder that shares the tests' own compiled dependencies, by links; the binary under test is left alone.
fn target() -> PathBuf {
    static LINKED: Once = Once::new();
    let own = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let target = own.join("drop-ins");
    LINKED.call_once(|| {
        for part in ["deps", "build", ".fingerprint"] {
            link(&own.join("debug").join(part), &target.join("debug").join(part));
        }
    });
    target
}

fn link(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        let ours = name.to_string_lossy();
        if ["twenty_mcp-", "libtwenty_mcp-", "twenty-mcp-", "behaviour-"]
            .iter()
            .any(|own| ours.starts_with(own))
        {
            continue;
        }
        let to = to.join(&name);
        if entry.path().is_dir() {
            link(&entry.path(), &to);
        } else if !to.exists() {
            fs::hard_link(entry.path(), to).unwrap();
        }
    }
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::copy(from, to).unwrap();
    }
}

/// The binary with the examples and the plug-ins that tests have for themselves, built once.
pub fn with_plug_ins() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let scratch = Scratch::new();
        for folder in ["examples/tools", "tests/plug_ins"] {
            for entry in fs::read_dir(scratch.path(folder)).unwrap() {
                let from = entry.unwrap().path();
                fs::copy(&from, scratch.path("tools").join(from.file_name().unwrap())).unwrap();
            }
        }
        let kept = target().join("with-plug-ins");
        fs::copy(scratch.built(), &kept).unwrap();
        kept
    })
}

/// A server of that binary.
pub async fn serving_plug_ins(arguments: &[&str]) -> Running {
    let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
    let started = tokio::task::spawn_blocking(move || {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        Running::start_binary(with_plug_ins(), &arguments, |_| {})
    });
    started.await.unwrap()
}
