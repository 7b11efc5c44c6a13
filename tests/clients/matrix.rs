//! docs/clients.md against what there is: the tests, the scripts that they run, and the versions that are installed.

use std::{collections::BTreeMap, fs, path::Path};

const PAGE: &str = "docs/clients.md";
/// The files whose every test is one of a client.
const FILES: [(&str, &str); 3] = [
    ("tests/clients.rs", "clients"),
    ("tests/clients/bridge.rs", "clients::bridge"),
    ("tests/clients/rmcp.rs", "clients::rmcp"),
];

fn read(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file))
        .unwrap_or_else(|_| panic!("no {file}"))
}

/// A line of the table. The cells of the client and its version are empty where they are those of the line above.
struct Line {
    client: String,
    version: String,
    proof: String,
}

fn table(page: &str) -> Vec<Line> {
    let lines = page.lines().filter(|line| line.starts_with("| ")).skip(1);
    let cells = lines.map(|line| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>());
    cells
        .map(|cells| match cells[..] {
            [client, version, _, _, proof] => {
                Line { client: client.into(), version: version.into(), proof: proof.into() }
            }
            _ => panic!("five cells: {cells:?}"),
        })
        .collect()
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The names of the scripts that a text links to.
fn scripts(text: &str) -> impl Iterator<Item = &str> {
    text.split("](../tests/clients/").skip(1).filter_map(|rest| rest.split(')').next())
}

/// The packages that tests install, with their versions.
fn installed() -> BTreeMap<String, String> {
    let npm: serde_json::Value = serde_json::from_str(&read("tests/clients/package.json")).unwrap();
    let npm = npm["dependencies"].as_object().unwrap().clone();
    let mut all: BTreeMap<String, String> =
        npm.into_iter().map(|(name, version)| (name, version.as_str().unwrap().to_owned())).collect();
    let pypi = read("tests/clients/requirements.txt");
    all.extend(pypi.lines().filter_map(|line| line.split_once("==")).map(|(n, v)| (n.into(), v.into())));
    let lock = read("Cargo.lock");
    let rmcp = lock.split("name = \"rmcp\"\nversion = \"").nth(1).and_then(|rest| rest.split('"').next());
    all.insert("rmcp".into(), rmcp.unwrap().to_owned());
    all
}

/// The names of the tests in a file.
fn tests(file: &str) -> Vec<String> {
    let text = read(file);
    let marked = text.split("#[test]").flat_map(|part| part.split("#[tokio::test")).skip(1);
    let name =
        |part: &str| part.split_once("fn ").and_then(|(_, rest)| rest.split('(').next()).map(str::to_owned);
    marked.filter_map(name).collect()
}

/// The file of a test that is named by its path.
fn file(test: &str) -> String {
    let (module, _) = test.rsplit_once("::").unwrap_or_else(|| panic!("{test} is no path"));
    format!("tests/{}.rs", module.replace("::", "/"))
}

#[test]
fn every_line_names_tests_that_run_its_scripts() {
    let page = read(PAGE);
    let mut named = Vec::new();
    for line in table(&page) {
        let proofs: Vec<&str> = quoted(&line.proof).collect();
        assert!(!proofs.is_empty(), "a line without a proof: {}", line.client);
        for test in &proofs {
            let (file, name) = (file(test), test.rsplit("::").next().unwrap());
            assert!(tests(&file).iter().any(|there| there == name), "there is no test {test}");
        }
        for script in scripts(&line.proof) {
            assert!(
                Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(script).exists(),
                "no {script}"
            );
            let runs = proofs.iter().any(|test| read(&file(test)).contains(&format!("\"{script}\"")));
            assert!(runs, "{proofs:?} do not run {script}");
        }
        named.extend(proofs.into_iter().map(str::to_owned));
    }
    for (file, module) in FILES {
        for test in tests(file) {
            assert!(named.contains(&format!("{module}::{test}")), "{PAGE} does not name {module}::{test}");
        }
    }
}

#[test]
fn every_version_is_the_one_that_is_installed() {
    let (page, installed) = (read(PAGE), installed());
    let mut named = Vec::new();
    for line in table(&page) {
        let packages: Vec<&str> = quoted(&line.client).collect();
        assert_eq!(packages.is_empty(), line.version.is_empty(), "{}", line.client);
        for package in packages {
            let version = installed.get(package).unwrap_or_else(|| panic!("{package} is not installed"));
            assert_eq!(&line.version, version, "{package}");
            named.push(package.to_owned());
        }
    }
    let clients = ["mcp-remote", "mcp", "fastmcp", "rmcp"];
    for package in installed.keys() {
        let official = package.strip_prefix("@modelcontextprotocol/");
        // Its schemas are what is used of it.
        let client = official.is_some_and(|name| name != "ext-tasks") || clients.contains(&package.as_str());
        assert!(!client || named.contains(package), "{PAGE} does not name {package}");
    }
    for package in ["mcp-remote", "@modelcontextprotocol/inspector"] {
        let pinned = format!("{package}@");
        let shown = page.split(&pinned).skip(1);
        let mut versions = shown.filter_map(|rest| rest.split([' ', '"']).next()).peekable();
        assert!(
            versions.peek().is_some() && versions.all(|version| version == installed[package]),
            "{package}"
        );
    }
}

#[test]
fn what_is_to_be_pasted_is_json() {
    let page = read(PAGE);
    let blocks: Vec<&str> =
        page.split("```json\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(blocks.len() > 3);
    for block in blocks {
        serde_json::from_str::<serde_json::Value>(block).unwrap_or_else(|error| panic!("{error}: {block}"));
    }
}
