//! What a plug-in can be told in config.yaml.

use super::SetupError;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::any::Any;

/// A settings type behind function pointers: its schema, and how it is read.
#[derive(Clone, Copy)]
pub struct SettingsEntry {
    /// The JSON Schema of the settings; field docs are the user's documentation.
    pub schema: fn(&mut SchemaGenerator) -> Schema,
    /// Reads the settings from what the file says of them.
    pub read: fn(Value) -> Result<Box<dyn Any + Send>, ReadError>,
}

/// Settings that fit their schema and still cannot be read.
#[derive(Clone, Debug)]
pub struct ReadError {
    /// The key at fault, outermost first; numbers count list items from 0.
    pub key: Vec<String>,
    /// What is wrong. May quote the value at that key.
    pub message: String,
}

impl SettingsEntry {
    /// The entry of a settings type.
    #[must_use]
    pub const fn of<S: DeserializeOwned + Serialize + JsonSchema + Send + 'static>() -> Self {
        Self { schema: |g| g.subschema_for::<S>(), read: |value| Ok(Box::new(read::<S>(value)?)) }
    }
}

/// Settings that [`SettingsEntry::read`] made, as what they are.
///
/// # Errors
/// They are another plug-in's.
pub(super) fn taken<S: 'static>(settings: Box<dyn Any + Send>) -> Result<S, SetupError> {
    let taken = settings.downcast::<S>().map(|settings| *settings);
    taken.map_err(|_| SetupError::at(&[], "built from another plug-in's settings"))
}

fn read<S: DeserializeOwned>(value: Value) -> Result<S, ReadError> {
    use serde_path_to_error::Segment;
    serde_path_to_error::deserialize(value).map_err(|error| ReadError {
        key: error
            .path()
            .iter()
            .filter_map(|segment| match segment {
                Segment::Map { key } => Some(key.clone()),
                Segment::Seq { index } => Some(index.to_string()),
                Segment::Enum { .. } | Segment::Unknown => None,
            })
            .collect(),
        message: error.inner().to_string(),
    })
}
