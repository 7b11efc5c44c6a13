//! A plug-in is one new file: dropped into a scratch checkout, built, served and listed, with nothing else changed.

use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{Mutex, Once},
};

/// Builds share one target folder: one at a time.
static BUILDING: Mutex<()> = Mutex::new(());

const PARTS: [&str; 8] =
    ["Cargo.toml", "Cargo.lock", "config.yaml", "src", "tools", "auth-providers", "tests", "examples"];

struct Scratch {
    folder: tempfile::TempDir,
}

impl Scratch {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for part in PARTS {
            copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join(part), &folder.path().join(part));
        }
        Self { folder }
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    fn write(&self, file: &str, text: &str) {
        fs::create_dir_all(self.path(file).parent().unwrap()).unwrap();
        fs::write(self.path(file), text).unwrap();
    }

    fn build(&self) -> Output {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--offline", "--locked", "--bin", "twenty-mcp"]).current_dir(self.folder.path());
        cargo.env("CARGO_TARGET_DIR", target()).output().unwrap()
    }

    fn built(&self) -> PathBuf {
        let output = self.build();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        target().join("debug/twenty-mcp")
    }

    fn refused(&self) -> String {
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

fn run(binary: &Path, arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(binary);
    command.args(arguments).current_dir(folder.path()).env_clear().env("HOME", folder.path());
    command.output().unwrap()
}

fn names(binary: &Path, arguments: &[&str]) -> Vec<String> {
    let output = run(binary, arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

const HELLO: &str = include_str!("../examples/tools/hello.rs");

#[test]
fn new_files_are_served_and_listed() {
    let _one = BUILDING.lock().unwrap_or_else(|broken| broken.into_inner());
    let scratch = Scratch::new();
    scratch.write("tools/greet.rs", &HELLO.replace("\"hello\"", "\"greet\""));
    let packed = HELLO
        .replace("\"hello\"", "\"greet_from_the_pack\"")
        .replace("type Pack = ();", "type Pack = super::pack::Twenty;")
        .replace("(): &()", "_: &super::pack::Twenty");
    scratch.write("tools/twenty/greet.rs", &packed);
    let provider = include_str!("../auth-providers/static_tokens.rs");
    scratch.write("auth-providers/other_tokens.rs", provider);
    let binary = scratch.built();
    let tools = names(&binary, &["tools", "list", "--json", "--sandbox"]);
    for name in ["hello", "greet", "greet_from_the_pack", "create_contact"] {
        assert!(tools.iter().any(|tool| tool == name), "{name} in {tools:?}");
    }
    let providers = names(&binary, &["providers", "list", "--json"]);
    assert!(providers.contains(&"other-tokens".to_owned()), "{providers:?}");

    fs::remove_file(scratch.path("tools/greet.rs")).unwrap();
    scratch.write("tools/hello_again.rs", HELLO);
    let refused = run(&scratch.built(), &["tools", "list"]);
    assert_eq!(refused.status.code(), Some(2));
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(told.contains("tools/hello.rs") && told.contains("tools/hello_again.rs"), "{told}");
}

#[test]
fn what_registers_nothing_and_bad_names_are_errors() {
    let _one = BUILDING.lock().unwrap_or_else(|broken| broken.into_inner());
    let scratch = Scratch::new();
    scratch.write("tools/empty.rs", "//! Nothing.\n// crate::register!(Nothing);\n");
    scratch.write("tools/void/inner.rs", "//! Nothing.\n");
    scratch.write("tools/Bad-Name.rs", "//! A bad name.\n");
    scratch.write("tools/twenty/deeper/type.rs", "//! A keyword.\n");
    let told = scratch.refused();
    for fault in [
        "tools/empty.rs: nothing here",
        "tools/void: nothing here",
        "tools/Bad-Name.rs: ",
        "tools/twenty/deeper/type.rs: ",
    ] {
        assert!(told.contains(fault), "{fault} in {told}");
    }
}

#[test]
fn without_the_twenty_pack_hello_is_served() {
    let _one = BUILDING.lock().unwrap_or_else(|broken| broken.into_inner());
    let scratch = Scratch::new();
    fs::remove_dir_all(scratch.path("tools/twenty")).unwrap();
    assert_eq!(names(&scratch.built(), &["tools", "list", "--json"]), ["hello"]);
}
