//! What `completion/complete` asks, the same in every revision.

use super::door::{Fault, Members};
use crate::registry::Reference;
use serde_json::{Map, Value};

/// An argument that a client wants completed.
pub(super) struct Completing {
    /// Whose it is.
    pub(super) of: Reference,
    /// Its name.
    pub(super) argument: String,
    /// How it begins.
    pub(super) typed: String,
    /// The other arguments.
    pub(super) given: Map<String, Value>,
}

impl Completing {
    /// Reads the parameters (MCP 2025-11-25, `CompleteRequestParams`).
    ///
    /// # Errors
    /// They are not what they must be.
    pub(super) fn read(params: &mut Members) -> Result<Self, Fault> {
        let mut of = Members::from(params.needed_object("ref")?);
        let of = match of.needed_text("type")?.as_str() {
            "ref/prompt" => Reference::Prompt(of.needed_text("name")?),
            "ref/resource" => Reference::Resource(of.needed_text("uri")?),
            _ => return Err(Fault::params("`ref.type` must be ref/prompt or ref/resource")),
        };
        let mut argument = Members::from(params.needed_object("argument")?);
        let (name, typed) = (argument.needed_text("name")?, argument.needed_text("value")?);
        let mut context = Members::from(params.object("context")?.unwrap_or_default());
        let given = context.object("arguments")?.unwrap_or_default();
        if !given.values().all(Value::is_string) {
            return Err(Fault::params("`context.arguments` must be texts"));
        }
        Ok(Self { of, argument: name, typed, given })
    }
}
