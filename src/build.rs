//! Makes a module of every file and folder in `tools/` and `auth-providers/`, so that no list of plug-ins is kept by hand.

use std::{env, error::Error, fmt::Write as _, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let (root, out) = (env::var("CARGO_MANIFEST_DIR")?, env::var("OUT_DIR")?);
    println!("cargo::rerun-if-changed=src/build.rs");
    for (folder, file) in [("tools", "tools.rs"), ("auth-providers", "auth_providers.rs")] {
        println!("cargo::rerun-if-changed={folder}");
        let mut modules = String::new();
        for (name, path) in entries(&Path::new(&root).join(folder), Path::new(folder))? {
            if !module(&name, &path, Path::new(&root), &mut modules)? {
                println!(
                    "cargo::error={}: nothing here is registered; add `crate::register!(…);` or take it away",
                    path.display()
                );
            }
        }
        fs::write(Path::new(&out).join(file), modules)?;
    }
    Ok(())
}

/// The plug-in files and folders of one folder by module name, in the order of their names; editors' lock files are passed over.
fn entries(folder: &Path, shown: &Path) -> Result<Vec<(String, std::path::PathBuf)>, Box<dyn Error>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(|e| format!("{}: {e}", shown.display()))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let (real, shown) = (folder.join(&name), shown.join(&name));
        let stem = if real.is_dir() { Some(name.as_str()) } else { name.strip_suffix(".rs") };
        match stem {
            Some(stem) if !stem.starts_with('.') => found.push((stem.to_owned(), shown)),
            _ => {}
        }
    }
    found.sort();
    Ok(found)
}

/// Writes one module, with those inside it, and tells whether anything in it is registered.
fn module(name: &str, shown: &Path, root: &Path, out: &mut String) -> Result<bool, Box<dyn Error>> {
    let fits = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !KEYWORDS.split(' ').any(|word| word == name);
    if !fits {
        println!(
            "cargo::error={}: a plug-in's name is lower case letters, digits and `_`, begins with a letter and is no Rust keyword",
            shown.display()
        );
        return Ok(true);
    }
    let real = root.join(shown);
    if real.is_dir() {
        let (mut any, mut inner) = (false, String::new());
        for (name, path) in entries(&real, shown)? {
            any |= module(&name, &path, root, &mut inner)?;
        }
        writeln!(out, "#[doc = \"The files of `{}`.\"]\npub mod {name} {{\n{inner}}}", shown.display())?;
        return Ok(any);
    }
    writeln!(out, "#[path = {real:?}]\npub mod {name};")?;
    let registers =
        |line: &str| line.trim_start().strip_prefix("crate::").unwrap_or(line).starts_with("register!");
    Ok(fs::read_to_string(&real)?.lines().any(registers))
}

/// Rust's keywords, those that are reserved for later among them.
const KEYWORDS: &str = "abstract as async await become box break const continue crate do dyn else enum extern false \
    final fn for gen if impl in let loop macro match mod move mut override priv pub ref return self static struct \
    super trait true try type typeof unsafe unsized use virtual where while yield";
