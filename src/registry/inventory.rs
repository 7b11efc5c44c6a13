//! Who is registered, and that the configuration can tell them apart.

use super::home;
use crate::seam::{Origin, PackEntry, ToolEntry};
use std::{any::TypeId, collections::HashMap};

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

/// Holds the registered tools and packs against each other. Tools of one name are no fault here: one of them may be out
/// of use, or have another name in the configuration.
///
/// # Errors
/// Two packs of one folder, or a pack and a tool without one, share a key of the configuration; a tool works with a pack
/// that is not registered. Both files are named.
pub fn check(tools: &[&ToolEntry], packs: &[&PackEntry]) -> Result<(), RegistryError> {
    let mut keys: HashMap<String, Origin> = HashMap::new();
    for pack in packs {
        let key = pack.origin.key();
        if let Some(other) = keys.insert(key.clone(), pack.origin) {
            return Err(RegistryError::new(format_args!(
                "two packs are named `{key}`: {} and {}; a folder holds one pack",
                other.place(),
                pack.origin.place()
            )));
        }
    }
    for tool in tools {
        let pack = (tool.pack)();
        if let Some(other) = keys.get(tool.name).filter(|_| pack == TypeId::of::<()>()) {
            return Err(RegistryError::new(format_args!(
                "a pack and a tool are named `{}`: {} and {}; give one of them another name",
                tool.name,
                other.place(),
                tool.origin.place()
            )));
        }
        home::registered(&format!("`{}`", tool.name), tool.origin, pack, packs)?;
    }
    Ok(())
}
