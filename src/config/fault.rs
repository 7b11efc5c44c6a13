//! What is wrong with a configuration, and where.

use super::{
    mask::Mask,
    place::{Place, Sources},
    tree::Node,
};
use std::{collections::BTreeSet, sync::Arc};

/// A path of keys, outermost first; items of a list are counted from 0. Joined only to be shown.
pub type KeyPath = Vec<String>;

/// One thing that is wrong.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Where it is shown.
    pub at: Place,
    /// Where the value is written, if that is elsewhere: behind an alias.
    pub written: Place,
    /// The keys that lead there; empty for the file itself.
    pub path: KeyPath,
    /// What is wrong; never holds a value.
    pub message: String,
    /// What is said at the place itself.
    pub label: String,
    /// A second place that belongs to it, and what is said there.
    pub also: Option<(Place, &'static str)>,
    /// What to do, and what else there is to know.
    pub help: Vec<String>,
    /// Whether the text could not be parsed, so that nothing tells which of it is secret.
    pub unparsed: bool,
    /// What the fault keeps out of the tree, so that its secrets stay hidden too.
    pub dropped: Option<Node>,
}

impl Fault {
    /// A fault without label and help.
    pub fn new(at: Place, path: KeyPath, message: impl Into<String>) -> Self {
        Self {
            at,
            written: at,
            path,
            message: message.into(),
            label: String::new(),
            also: None,
            help: Vec::new(),
            unparsed: false,
            dropped: None,
        }
    }

    /// A fault of a value: it also tells where the value came from.
    pub fn of(node: &Node, path: KeyPath, message: impl Into<String>) -> Self {
        let mut fault = Self { written: node.written, ..Self::new(node.at, path, message) };
        if node.written != node.at {
            fault.also = Some((node.written, "written here"));
        }
        if node.via.is_empty() { fault } else { fault.help(came_from(node)) }
    }

    /// The same, with what is said at the place itself.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// The same, with a second place.
    pub const fn also(mut self, at: Place, label: &'static str) -> Self {
        self.also = Some((at, label));
        self
    }

    /// The same, with one more line of help.
    pub fn help(mut self, line: impl Into<String>) -> Self {
        self.help.push(line.into());
        self
    }

    /// The same, with what it keeps out of the tree.
    pub fn dropping(mut self, node: Node) -> Self {
        self.dropped = Some(node);
        self
    }

    /// The same, in a text that could not be parsed.
    pub const fn syntax(mut self) -> Self {
        self.unparsed = true;
        self
    }
}

fn came_from(node: &Node) -> String {
    format!("the value came from {}", node.via.join(", "))
}

/// Everything that is wrong with a configuration.
#[derive(Clone)]
pub struct Faults {
    all: Vec<Fault>,
    pub(super) sources: Arc<Sources>,
    pub(super) mask: Arc<Mask>,
}

impl Faults {
    /// Puts faults in the order of their places. A fault in an anchored value is kept once, however often it is used.
    pub(super) fn new(mut all: Vec<Fault>, sources: Arc<Sources>, mask: Arc<Mask>) -> Self {
        all.sort_by_key(|fault| fault.at);
        let mut told = BTreeSet::new();
        all.retain(|fault| told.insert((fault.written, fault.message.clone())));
        Self { all, sources, mask }
    }

    /// The faults, in the order of their places.
    #[must_use]
    pub fn all(&self) -> &[Fault] {
        &self.all
    }
}

impl std::fmt::Debug for Faults {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(&self.all).finish()
    }
}

impl std::fmt::Display for Faults {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Faults {}
