//! A record that another points at, as answers tell it.

use super::{id::RecordId, plain::label, text::one_line};
use crate::{seam::ToolError, tools::twenty::workspace::schema::Object};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// A record that another points at.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Linked {
    /// Its id.
    pub id: String,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Linked {
    /// The record of an object as Twenty answers it.
    ///
    /// # Errors
    /// It has no id.
    pub fn to(object: &Object, raw: &Value) -> Result<Self, ToolError> {
        Ok(Self { id: RecordId::of(raw)?.to_string(), name: label(object, raw) })
    }
}

impl fmt::Display for Linked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_deref().map(one_line);
        write!(f, "{} (id {})", name.as_deref().unwrap_or("unnamed"), self.id)
    }
}
