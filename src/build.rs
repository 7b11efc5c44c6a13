//! Makes a module of every file and folder in `tools/` and `auth-providers/`, so that no list of plug-ins is kept by hand.

use std::{env, error::Error, fmt::Write as _, fs, io, path::Path, path::PathBuf};

/// Rust's keywords, those that are reserved for later among them.
const KEYWORDS: &str = "abstract as async await become box break const continue crate do dyn else enum extern false \
    final fn for gen if impl in let loop macro match mod move mut override priv pub ref return self static struct \
    super trait true try type typeof unsafe unsized use virtual where while yield";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=src/build.rs");
    for (folder, file) in [("tools", "tools.rs"), ("auth-providers", "auth_providers.rs")] {
        println!("cargo::rerun-if-changed={folder}");
        let mut modules = String::new();
        for path in entries(Path::new(folder))? {
            if !module(&path, &mut modules)? {
                let advice = "nothing here is registered; add `crate::register!(…);` or take it away";
                println!("cargo::error={}: {advice}", path.display());
            }
        }
        fs::write(Path::new(&env::var("OUT_DIR")?).join(file), modules)?;
    }
    Ok(())
}

/// The plug-in files and folders of a folder, in the order of their names; editors' lock files are passed over.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let all = fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut found = all.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<PathBuf>>>()?;
    let hidden = |path: &Path| path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
    found.retain(|path| !hidden(path) && (path.is_dir() || path.extension().is_some_and(|end| end == "rs")));
    found.sort();
    Ok(found)
}

/// Writes one module, with those inside it, and tells whether anything in it is registered.
fn module(path: &Path, out: &mut String) -> Result<bool, Box<dyn Error>> {
    let name = if path.is_dir() { path.file_name() } else { path.file_stem() };
    let name = name.unwrap_or_default().to_string_lossy();
    let fits = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !KEYWORDS.split(' ').any(|word| word == name);
    if !fits {
        let rule = "is lower case letters, digits and `_`, begins with a letter and is no Rust keyword";
        println!("cargo::error={}: a plug-in's name {rule}", path.display());
        return Ok(true);
    }
    if path.is_dir() {
        let (mut any, mut inner) = (false, String::new());
        for path in entries(path)? {
            any |= module(&path, &mut inner)?;
        }
        let about = format!("The files of `{}`.", path.display());
        writeln!(out, "#[doc = {about:?}]\npub mod {name} {{\n{inner}}}")?;
        return Ok(any);
    }
    writeln!(out, "#[path = {:?}]\npub mod {name};", std::path::absolute(path)?)?;
    let registers = |line: &str| line.trim_start().trim_start_matches("crate::").starts_with("register!");
    Ok(fs::read_to_string(path)?.lines().any(registers))
}
