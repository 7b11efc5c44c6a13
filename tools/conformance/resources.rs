//! Resources of each kind.

use super::{pack::Conformance, samples};
use crate::seam::{Call, Resource, ResourceBody, ToolError};
use schemars::JsonSchema;
use serde::Deserialize;

/// A text that is always the same.
#[derive(Deserialize, JsonSchema)]
pub struct StaticText;
crate::register!(resource StaticText);

impl Resource for StaticText {
    const URI: &'static str = "test://static-text";
    const NAME: &'static str = "static-text";
    type Pack = Conformance;

    async fn read(self, _: &Conformance, _: Call) -> Result<ResourceBody, ToolError> {
        Ok(ResourceBody::text("This is the content of the static text resource."))
    }
}

/// A picture that is always the same.
#[derive(Deserialize, JsonSchema)]
pub struct StaticBinary;
crate::register!(resource StaticBinary);

impl Resource for StaticBinary {
    const URI: &'static str = "test://static-binary";
    const NAME: &'static str = "static-binary";
    const MIME: &'static str = "image/png";
    type Pack = Conformance;

    async fn read(self, _: &Conformance, _: Call) -> Result<ResourceBody, ToolError> {
        Ok(ResourceBody::bytes(samples::PNG))
    }
}

/// A text that clients subscribe to.
#[derive(Deserialize, JsonSchema)]
pub struct Watched;
crate::register!(resource Watched);

impl Resource for Watched {
    const URI: &'static str = "test://watched-resource";
    const NAME: &'static str = "watched-resource";
    type Pack = Conformance;

    async fn read(self, _: &Conformance, _: Call) -> Result<ResourceBody, ToolError> {
        Ok(ResourceBody::text("This is the content of the watched resource."))
    }
}

/// Data by its number.
#[derive(Deserialize, JsonSchema)]
pub struct Template {
    /// The number.
    id: String,
}
crate::register!(resource Template);

impl Resource for Template {
    const URI: &'static str = "test://template/{id}/data";
    const NAME: &'static str = "template";
    const MIME: &'static str = "application/json";
    type Pack = Conformance;

    async fn read(self, _: &Conformance, _: Call) -> Result<ResourceBody, ToolError> {
        let data = format!("Data for ID: {}", self.id);
        Ok(ResourceBody::json(&serde_json::json!({ "id": self.id, "templateTest": true, "data": data })))
    }
}
