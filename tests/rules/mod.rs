//! The rules of docs/authorization.md: those that no other test holds, and that every row names tests that there are.

mod sign_in;
mod transport;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Every Rust file of ours, with its text.
fn sources() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    for folder in ["src", "tools", "auth-providers", "tests"] {
        collect(&Path::new(ROOT).join(folder), &mut files);
    }
    files
}

fn collect(folder: &Path, files: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            files.push((path, text));
        }
    }
}

/// Whether there is a test of this name, as in `kit::discovery::name`.
fn is_there(test: &str, sources: &[(PathBuf, String)]) -> bool {
    let (module, name) = test.rsplit_once("::").unwrap();
    let module = module.replace("::", "/");
    sources.iter().any(|(path, text)| {
        let of = path.with_extension("");
        let of = if of.ends_with("mod") { of.parent().unwrap() } else { &of };
        of.ends_with(&module) && text.contains(&format!("fn {name}("))
    })
}

/// The rows of a table under a heading: the cells of each.
fn rows(document: &str, heading: &str) -> Vec<Vec<String>> {
    let section = document.split(&format!("\n## {heading}\n")).nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| ")).skip(1);
    rows.map(|line| line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect())
        .collect()
}

fn named(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

#[test]
fn every_rule_has_a_test_that_is_named_after_it() {
    let (document, sources) =
        (fs::read_to_string(Path::new(ROOT).join("docs/authorization.md")).unwrap(), sources());
    let rules = rows(&document, "Rules and their tests");
    assert!(rules.len() >= 22, "{}", rules.len());
    let mut told = BTreeSet::new();
    for (index, row) in rules.iter().enumerate() {
        let number = format!("{:02}", index + 1);
        assert_eq!(row[0], number, "rules are numbered one after the other, and keep their numbers");
        let tests = named(row.last().unwrap());
        assert!(
            tests.iter().any(|test| test.contains(&format!("::rule_{number}_"))),
            "rule {number}: {tests:?}"
        );
        for test in tests {
            assert!(is_there(test, &sources), "rule {number}: there is no `{test}`");
            told.extend(test.rsplit("::").next().filter(|name| name.starts_with("rule_")).map(str::to_owned));
        }
    }
    for row in rows(&document, "What else is tested") {
        for test in named(row.last().unwrap()) {
            assert!(is_there(test, &sources), "there is no `{test}`");
        }
    }
    for (path, text) in &sources {
        for name in
            text.split("fn rule_").skip(1).filter_map(|rest| rest.split_once('(')).map(|(name, _)| name)
        {
            let is_name = name.starts_with(|c: char| c.is_ascii_digit());
            assert!(!is_name || told.contains(&format!("rule_{name}")), "{} is of no rule", path.display());
        }
    }
}
