//! A mark in the keys for Twenty that servers under test are given, by the operator, by callers and by users who store one:
//! no server shows it to anybody, logs it, or writes it down.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The mark.
pub const CANARY: &str = "CANARY";

/// Whether a text shows a marked key.
pub fn is_in(text: &[u8]) -> bool {
    String::from_utf8_lossy(text).contains(CANARY)
}

/// Fails the test where one of these texts, which have names, shows a marked key.
pub fn is_not_among(texts: &[(&str, &str)]) {
    for (name, text) in texts {
        assert!(!is_in(text.as_bytes()), "{name} shows a key:\n{text}");
    }
}

/// Fails the test where a file in a folder, which may be missing, or a file itself, shows a marked key.
pub fn is_in_no_file_of(path: &Path) {
    for entry in fs::read_dir(path).into_iter().flatten() {
        is_in_no_file_of(&entry.unwrap().path());
    }
    let text = fs::read(path).unwrap_or_default();
    assert!(!is_in(&text), "{} holds a key", path.display());
}

/// Where a server that was started with these arguments in this home writes what it keeps and tells.
pub fn places(arguments: &[&str], home: &Path) -> Vec<PathBuf> {
    let file = arguments.iter().skip_while(|argument| **argument != "--config").nth(1).copied();
    let text = file.map(|file| fs::read_to_string(home.join(file)).unwrap_or_default()).unwrap_or_default();
    let settings: serde_json::Value = serde_yaml::from_str(&text).unwrap_or_default();
    let named = ["/server/data_dir", "/server/audit/file"].map(|key| settings.pointer(key)?.as_str());
    named.into_iter().flatten().map(|path| home.join(path)).chain([home.join(".local")]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::catch_unwind;

    #[test]
    fn a_mark_is_found_wherever_a_server_writes() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("c.yaml"), "server: { data_dir: own, audit: { file: events } }").unwrap();
        let places = places(&["--sandbox", "--config", "c.yaml"], home.path());
        let all = || places.iter().for_each(|place| is_in_no_file_of(place));
        all();
        for file in ["own/keys/a.redb", "events", ".local/share/twenty-mcp/b"] {
            let file = home.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, [b"\0\xff", CANARY.as_bytes(), b"\xfe"].concat()).unwrap();
            assert!(catch_unwind(all).is_err(), "{}", file.display());
            fs::remove_file(file).unwrap();
        }
        all();
        let said = || is_not_among(&[("one", "nothing"), ("another", "Bearer CANARY-key")]);
        assert!(catch_unwind(said).is_err());
    }
}
