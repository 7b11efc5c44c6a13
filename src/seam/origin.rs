//! Where a plug-in was registered.

use std::cmp::Ordering;

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
        match path.strip_prefix("auth_providers/") {
            Some(rest) => format!("auth-providers/{rest}.rs"),
            None => format!("{path}.rs"),
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
        self.module.split("::").nth(2).unwrap_or(self.module).replace('_', "-")
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
    }
}
