//! Which operators a value has in a filter, and how a condition on it is written.

use super::kinds::Leaf;
use crate::tools::twenty::workspace::schema::{Choice, Object};
use serde_json::{Value, json};

/// A value that a filter speaks of.
pub(super) struct Target<'a> {
    /// Field and sub-field.
    pub(super) path: Vec<&'a str>,
    /// What it is.
    pub(super) leaf: Leaf,
    /// Its options, where it has some.
    pub(super) options: &'a [Choice],
    /// The object whose records it is an id of.
    pub(super) to: Option<&'a Object>,
}

impl Target<'_> {
    /// The operators that it takes, those of our own among them.
    pub(super) fn operators(&self) -> &'static [&'static str] {
        match self.leaf {
            Leaf::Text | Leaf::Email | Leaf::Code | Leaf::Link | Leaf::Phone => &[
                "eq",
                "neq",
                "in",
                "is",
                "contains",
                "startsWith",
                "endsWith",
                "like",
                "ilike",
                "regex",
                "iregex",
                "gt",
                "gte",
                "lt",
                "lte",
            ],
            Leaf::Name => &[
                "eq",
                "neq",
                "in",
                "is",
                "contains",
                "startsWith",
                "endsWith",
                "like",
                "ilike",
                "regex",
                "iregex",
            ],
            Leaf::Number | Leaf::Units | Leaf::Moment | Leaf::Day => {
                &["eq", "neq", "gt", "gte", "lt", "lte", "in", "is"]
            }
            Leaf::Id | Leaf::Choice => &["eq", "neq", "in", "is"],
            Leaf::Flag => &["eq", "neq", "is"],
            Leaf::Choices => &["containsAny", "eq", "neq", "in", "is", "isEmptyArray"],
            Leaf::Json => &["contains", "like", "is"],
            Leaf::List => &["contains", "containsIlike", "is", "isEmptyArray"],
            Leaf::Rich => &["contains", "ilike"],
            Leaf::Words => &["search"],
        }
    }

    /// What a value without an operator means.
    pub(super) fn usual(&self, given: &Value) -> &'static str {
        match (self.leaf, given) {
            (Leaf::Rich | Leaf::List | Leaf::Json, Value::String(_)) => "contains",
            (Leaf::Words, _) => "search",
            (Leaf::Choices, Value::String(_) | Value::Array(_)) => "containsAny",
            (_, Value::Null) => "is",
            (_, Value::Array(_)) => "in",
            _ => "eq",
        }
    }

    /// This, below the names of field and sub-field.
    pub(super) fn wrap(&self, inner: Value) -> Value {
        self.path.iter().rev().fold(inner, |inner, name| json!({ *name: inner }))
    }

    /// A condition on this value, or on one part of a name.
    pub(super) fn operate(&self, operator: &str, to: Value) -> Value {
        let inner = json!({ operator: to });
        match (self.leaf, self.path.first()) {
            (Leaf::Name, Some(name)) => {
                json!({ "or": [{ *name: { "firstName": inner.clone() } }, { *name: { "lastName": inner } }] })
            }
            _ => self.wrap(inner),
        }
    }
}
