//! What stands behind a schema.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::tools::twenty::sandbox::engine::{fault::Fault, outcome::Outcome};

/// Answers the fields of a schema, one at a time.
pub trait Source {
    /// Something that has fields.
    type Node: Clone;

    /// The query or the mutation itself.
    fn root(&self) -> Self::Node;

    /// An object as it stands.
    fn object(&self, json: Arc<Json>) -> Self::Node;

    /// The answer to the field of that name of a node of that type.
    ///
    /// # Errors
    /// What the caller is told instead of an answer.
    fn resolve(&self, field: Asked<'_, Self::Node>) -> Result<Outcome<Self::Node>, Fault>;
}

/// A field that is asked for.
pub struct Asked<'a, Node> {
    /// The type that has the field.
    pub type_name: &'a str,
    /// The field.
    pub name: &'a str,
    /// What it is asked of.
    pub node: &'a Node,
    /// Its arguments; a variable that was not given leaves its key out.
    pub arguments: &'a Map<String, Json>,
}
