//! A tool's answer that is no JSON value.

use super::Content;
use serde_json::{Map, Value};

/// What a tool answers block by block: it has no output schema then, and no `structuredContent`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contents {
    /// The blocks in their order.
    pub blocks: Vec<Content>,
    /// `_meta` of the answer.
    pub meta: Map<String, Value>,
}

impl Contents {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with one more block: a text, a link, or any other content.
    #[must_use]
    pub fn with(mut self, block: impl Into<Content>) -> Self {
        self.blocks.push(block.into());
        self
    }

    /// The same with one more value in the answer's `_meta`.
    #[must_use]
    pub fn meta(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.meta.insert(key.into(), value.into());
        self
    }
}

impl<C: Into<Content>> FromIterator<C> for Contents {
    fn from_iter<I: IntoIterator<Item = C>>(blocks: I) -> Self {
        Self { blocks: blocks.into_iter().map(Into::into).collect(), meta: Map::new() }
    }
}

impl<C: Into<Content>> From<C> for Contents {
    fn from(block: C) -> Self {
        Self::new().with(block)
    }
}
