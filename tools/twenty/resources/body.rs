//! Answers as resources say them.

use crate::seam::{ResourceBody, ToolError};
use serde::Serialize;

/// A value as JSON.
///
/// # Errors
/// It cannot be written so.
pub fn json(value: &impl Serialize) -> Result<ResourceBody, ToolError> {
    let value = serde_json::to_value(value)
        .map_err(|error| ToolError::internal(format_args!("the answer is no JSON: {error}")))?;
    Ok(ResourceBody::json(&value))
}
