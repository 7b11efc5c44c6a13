//! Faulty files and what is said of them, word for word. `UPDATE_EXPECT=1` writes the words anew.

use super::wrong;
use std::{fs, path::Path};
use twenty_mcp::config::Flags;

/// A file may begin with `# env: NAME=value` and `# flag: --name value` lines.
fn faults(text: &str) -> String {
    let head = |word: &'static str| text.lines().filter_map(move |line| line.strip_prefix(word));
    let env: Vec<(&str, &str)> = head("# env: ").filter_map(|line| line.split_once('=')).collect();
    let mut flags = Flags::default();
    for flag in head("# flag: ") {
        match flag.split_once(' ').unwrap_or((flag, "")) {
            ("--port", port) => flags.port = port.parse().ok(),
            ("--auth", name) => flags.auth = Some(name.into()),
            ("--sandbox", _) => flags.sandbox = true,
            ("--sandbox-profile", profile) => flags.sandbox_profile = Some(profile.into()),
            other => panic!("no flag {other:?}"),
        }
    }
    wrong(text, &env, flags)
}

#[test]
fn every_fault_is_told_as_expected_and_no_secret_is() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config/faults");
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "yaml"));
    files.sort();
    assert!(files.len() >= 30, "{} files", files.len());
    let mut differing = Vec::new();
    for path in files {
        let said = faults(&fs::read_to_string(&path).unwrap());
        assert!(!said.contains("LEAK"), "{}:\n{said}", path.display());
        let expected = path.with_extension("txt");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&expected, &said).unwrap();
        } else if fs::read_to_string(&expected).unwrap_or_default() != said {
            differing.push(format!("{}:\n{said}", path.display()));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn a_file_that_is_too_large_is_not_parsed() {
    let said = wrong(&"# LEAK\n".repeat(200_000), &[], Flags::default());
    assert!(said.contains("larger than 1024 KiB") && !said.contains("LEAK"), "{said}");
}

#[test]
fn hostile_files_are_refused() {
    for text in [
        "x: 1\n".repeat(100_000),
        "[".repeat(100_000),
        format!("- {}", "- ".repeat(5000)),
        "- 1\n".repeat(50_000),
    ] {
        let said = wrong(&text, &[], Flags::default());
        assert!(said.ends_with("in the configuration\n"), "{}", said.get(..200).unwrap_or(&said));
    }
}

#[test]
fn of_many_faults_the_first_are_shown_and_the_rest_counted() {
    let keys: String = (0..120).map(|i| format!("k{i}: 1\n")).collect();
    let said = wrong(&keys, &[], Flags::default());
    assert_eq!(said.matches("unknown key").count(), 50);
    assert!(said.contains("70 more") && said.ends_with("error: 120 faults in the configuration\n"));
}

#[test]
fn colour_is_given_where_it_is_asked_for() {
    let faults = super::with("servr: {}", &[], Flags::default()).err().unwrap();
    assert!(faults.render(true).contains("\u{1b}["));
    assert!(!faults.render(false).contains("\u{1b}["));
}
