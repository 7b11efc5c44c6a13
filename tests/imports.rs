//! Who may import whom, and how long a file may be.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The modules of `src` and what each may name of ours; `server` and `cli` may name all (server not cli).
const MAY: [(&str, &[&str]); 8] = [
    ("seam", &[]),
    ("telemetry", &["seam"]),
    ("seal", &["seam"]),
    ("config", &["seam"]),
    ("registry", &["seam", "telemetry"]),
    ("auth", &["seam", "telemetry"]),
    ("keys", &["seam", "seal", "telemetry"]),
    ("mcp", &["seam", "registry", "seal", "telemetry"]),
];

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The modules of ours that a text names: whatever follows `crate::`, alone or in braces.
fn named(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let code: String =
        text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    for after in code.split("crate::").skip(1) {
        match after.strip_prefix('{') {
            None => {
                names.insert(path(after));
            }
            Some(group) => {
                let (mut depth, mut item) = (0, String::new());
                for letter in group.chars() {
                    match letter {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => {
                            names.insert(path(std::mem::take(&mut item).trim()));
                        }
                        letter if depth == 0 => item.push(letter),
                        _ => {}
                    }
                }
                names.insert(path(item.trim()));
            }
        }
    }
    names.retain(|name| !name.is_empty() && !name.starts_with("register!"));
    names
}

fn path(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '!')).collect()
}

fn within(name: &str, module: &str) -> bool {
    name == module || name.starts_with(&format!("{module}::"))
}

#[test]
fn modules_import_only_what_they_may() {
    let mut faults = Vec::new();
    for (module, may) in MAY {
        let folder = root().join("src").join(module);
        if !folder.exists() {
            continue;
        }
        for file in rust_files(&folder) {
            for name in named(&fs::read_to_string(&file).unwrap()) {
                if !within(&name, module) && !may.iter().any(|allowed| within(&name, allowed)) {
                    faults.push(format!("{} names crate::{name}", file.display()));
                }
            }
        }
    }
    for file in rust_files(&root().join("src/server")) {
        faults.extend(
            named(&fs::read_to_string(&file).unwrap())
                .into_iter()
                .filter(|name| within(name, "cli"))
                .map(|name| format!("{} names crate::{name}", file.display())),
        );
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn plug_ins_import_the_seam_and_their_own_folder() {
    let mut faults = Vec::new();
    for (folder, module) in [("tools", "tools"), ("auth-providers", "auth_providers")] {
        for file in rust_files(&root().join(folder)) {
            let inside = file.strip_prefix(root().join(folder)).unwrap();
            let own = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
            for name in named(&fs::read_to_string(&file).unwrap()) {
                let kit = module == "auth_providers"
                    && (within(&name, "auth::kit") || within(&name, "keys::store"));
                if !within(&name, "seam") && !within(&name, &format!("{module}::{own}")) && !kit {
                    faults.push(format!("{} names crate::{name}", file.display()));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn stores_import_the_seam_and_their_own_folder() {
    let mut faults = Vec::new();
    let folder = root().join("src/keys/stores");
    for file in rust_files(&folder) {
        let own = file.strip_prefix(&folder).unwrap().iter().next().unwrap().to_str().unwrap();
        let own = format!("keys::stores::{}", own.trim_end_matches(".rs"));
        for name in named(&fs::read_to_string(&file).unwrap()) {
            if !["seam", "keys::store", &own].iter().any(|may| within(&name, may)) {
                faults.push(format!("{} names crate::{name}", file.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn core_names_no_plug_in() {
    let mut faults = Vec::new();
    for file in rust_files(&root().join("src")) {
        let text = fs::read_to_string(&file).unwrap();
        faults.extend(
            named(&text)
                .into_iter()
                .filter(|name| within(name, "tools") || within(name, "auth_providers"))
                .map(|name| format!("{} names crate::{name}", file.display())),
        );
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn rmcp_is_named_in_one_place() {
    for file in rust_files(&root().join("src")) {
        let inside = file.starts_with(root().join("src/mcp/session"));
        let names = fs::read_to_string(&file)
            .unwrap()
            .lines()
            .any(|line| line.contains("rmcp::") && !line.contains("\"rmcp::"));
        assert!(inside || !names, "{} names rmcp", file.display());
    }
}

#[test]
fn no_file_is_longer_than_400_lines() {
    for folder in ["src", "tools", "auth-providers"] {
        for file in rust_files(&root().join(folder)) {
            let lines = fs::read_to_string(&file).unwrap().lines().count();
            assert!(lines <= 400, "{} has {lines} lines", file.display());
        }
    }
}

#[test]
fn the_reader_of_imports_sees_groups_and_paths() {
    let text = "use crate::seam::Call;\nuse crate::{\n    auth::{Guard, kit},\n    keys,\n};\n// crate::cli\ncrate::register!(X);";
    let found: Vec<String> = named(text).into_iter().collect();
    assert_eq!(found, ["auth::", "keys", "seam::Call"]);
}
