//! Who is registered, and that no two share a name.

use super::home;
use crate::seam::{Origin, PackEntry, ToolEntry};
use std::collections::HashMap;

/// A registry that cannot be made: a fault of a plug-in's author, or of the configuration where `path` is not empty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RegistryError {
    /// The key of the configuration at fault, outermost first.
    pub path: Vec<String>,
    /// What is wrong and what to do.
    pub message: String,
}

impl RegistryError {
    pub(super) fn new(message: impl std::fmt::Display) -> Self {
        Self { path: Vec::new(), message: message.to_string() }
    }

    pub(super) fn at(path: &[&str], message: impl std::fmt::Display) -> Self {
        Self { path: path.iter().map(ToString::to_string).collect(), message: message.to_string() }
    }

    pub(super) fn below(mut self, mut path: Vec<String>) -> Self {
        path.append(&mut self.path);
        self.path = path;
        self
    }

    pub(super) fn same_name(what: &str, name: &str, one: Origin, other: Origin) -> Self {
        Self::new(format_args!(
            "two {what} are named `{name}`: one in {}, one in {}; give one of them another name",
            one.place(),
            other.place()
        ))
    }
}

/// Holds the registered tools and packs against each other.
///
/// # Errors
/// Two tools, two packs of one folder, or a tool and a pack share a name; a tool works with a pack that is not
/// registered. Both files are named.
pub fn check(tools: &[&ToolEntry], packs: &[&PackEntry]) -> Result<(), RegistryError> {
    let mut names: HashMap<String, Origin> = HashMap::new();
    for pack in packs {
        let key = pack.origin.key();
        if let Some(other) = names.insert(key.clone(), pack.origin) {
            return Err(RegistryError::new(format_args!(
                "two packs are named `{key}`: {} and {}; a folder holds one pack",
                other.place(),
                pack.origin.place()
            )));
        }
    }
    for tool in tools {
        if let Some(other) = names.insert(tool.name.to_owned(), tool.origin) {
            return Err(RegistryError::same_name("tools", tool.name, other, tool.origin));
        }
        home::registered(&format!("`{}`", tool.name), tool.origin, (tool.pack)(), packs)?;
    }
    Ok(())
}
