//! What the operator may say of one tool in config.yaml.

use super::{Approve, DurationText};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How one tool is served.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ToolOptions {
    /// Whether the tool is served; a tool says itself whether it is unless told otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Another name for clients to call it by.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[A-Za-z0-9_.-]{1,64}$"))]
    pub name: Option<String>,
    /// Another description for clients and models to read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 4096))]
    pub describe: Option<String>,
    /// Arguments that always have these values; clients neither see nor set them.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub fixed: Map<String, Value>,
    /// Arguments that have these values where the caller gives none.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub defaults: Map<String, Value>,
    /// How long a call may take, instead of `server.timeout`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "above-zero"))]
    pub timeout: Option<DurationText>,
    /// Whether the user is asked before the tool may have an effect, instead of what is said for its pack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approve: Option<Approve>,
}
