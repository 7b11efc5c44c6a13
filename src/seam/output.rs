//! What a tool may answer with.

use super::{Content, Contents, ToolError};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::{Map, Value};

/// What a tool may answer with: a value of a type that has a schema, or [`Contents`].
pub trait Output: Send {
    /// The JSON Schema of the answer; none where it is no JSON.
    const SCHEMA: Option<fn(&mut SchemaGenerator) -> Schema>;

    /// The answer freed of its type, told in these words where the tool has its own, with this after it.
    ///
    /// # Errors
    /// The answer cannot be written as JSON.
    fn told(self, text: Option<String>, beside: Vec<Content>) -> Result<ToolOutput, ToolError>;
}

impl<T: Serialize + JsonSchema + Send> Output for T {
    const SCHEMA: Option<fn(&mut SchemaGenerator) -> Schema> =
        Some(|generator| generator.root_schema_for::<T>());

    fn told(self, text: Option<String>, beside: Vec<Content>) -> Result<ToolOutput, ToolError> {
        let value = serde_json::to_value(&self)
            .map_err(|error| ToolError::internal(format_args!("the answer is no JSON: {error}")))?;
        Ok(ToolOutput { value: Some(value), text, blocks: beside, meta: Map::new() })
    }
}

impl Output for Contents {
    const SCHEMA: Option<fn(&mut SchemaGenerator) -> Schema> = None;

    fn told(mut self, text: Option<String>, beside: Vec<Content>) -> Result<ToolOutput, ToolError> {
        self.blocks.extend(beside);
        Ok(ToolOutput { value: None, text, blocks: self.blocks, meta: self.meta })
    }
}

/// A tool's answer, freed of its type.
#[derive(Debug)]
pub struct ToolOutput {
    /// The answer as JSON, where it is that.
    pub value: Option<Value>,
    /// The tool's own words for it.
    pub text: Option<String>,
    /// What is shown after the text.
    pub blocks: Vec<Content>,
    /// `_meta` of the answer.
    pub meta: Map<String, Value>,
}
