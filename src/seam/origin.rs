//! Where a plug-in was registered.

use std::cmp::Ordering;

/// Where the stores of keys are that come with the server.
const STORES: &str = "keys/stores/";

/// The module and line of a `register!`: names the file in messages, gives a folder's plug-in its key, orders lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    module: &'static str,
    line: u32,
}

impl Origin {
    /// The place that `module_path!()` and `line!()` tell.
    #[must_use]
    pub const fn new(module: &'static str, line: u32) -> Self {
        Self { module, line }
    }

    /// The file, as seen from the top of the package: `tools/twenty/people.rs`.
    #[must_use]
    pub fn file(&self) -> String {
        let path: Vec<&str> = self.module.split("::").skip(1).collect();
        let path = path.join("/");
        match (path.strip_prefix("auth_providers/"), path.starts_with(STORES)) {
            (Some(rest), _) => format!("auth-providers/{rest}.rs"),
            (None, true) => format!("src/{path}.rs"),
            (None, false) => format!("{path}.rs"),
        }
    }

    /// File and line, as messages name it: `tools/hello.rs:12`.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}:{}", self.file(), self.line)
    }

    /// The plug-in's key in config.yaml: the name of its file or folder below the plug-in folder, with `_` as `-`.
    #[must_use]
    pub fn key(&self) -> String {
        let mut path = self.module.split("::").skip(1);
        let below = if self.module.contains("::keys::stores::") { 2 } else { 1 };
        path.nth(below).unwrap_or(self.module).replace('_', "-")
    }
}

impl PartialOrd for Origin {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Origin {
    fn cmp(&self, other: &Self) -> Ordering {
        self.file().cmp(&other.file()).then(self.line.cmp(&other.line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_keys_follow_from_the_module() {
        let people = Origin::new("twenty_mcp::tools::twenty::people", 9);
        assert_eq!(people.place(), "tools/twenty/people.rs:9");
        assert_eq!(people.key(), "twenty");
        let tokens = Origin::new("twenty_mcp::auth_providers::static_tokens", 1);
        assert_eq!(
            (tokens.file().as_str(), tokens.key().as_str()),
            ("auth-providers/static_tokens.rs", "static-tokens")
        );
        assert!(tokens < people);
        let store = Origin::new("twenty_mcp::keys::stores::post_gres::rows", 3);
        assert_eq!(
            (store.file().as_str(), store.key().as_str()),
            ("src/keys/stores/post_gres/rows.rs", "post-gres")
        );
    }
}
