//! What a field comes to.

use serde_json::Value as Json;

/// The value of a field.
#[derive(Debug)]
pub enum Outcome<Node> {
    /// Nothing.
    Null,
    /// A value without fields, or an object as it stands.
    Leaf(Json),
    /// Something with fields.
    Node(Node),
    /// Several.
    List(Vec<Outcome<Node>>),
}

impl<Node> Outcome<Node> {
    /// A value that may be null.
    pub fn leaf(json: Json) -> Outcome<Node> {
        if json.is_null() { Outcome::Null } else { Outcome::Leaf(json) }
    }
}
