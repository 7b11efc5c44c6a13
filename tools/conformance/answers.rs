//! Tools that answer with content of each kind. The suite calls the first tool of the list without arguments.

use super::{pack::Conformance, samples};
use crate::seam::{Call, Content, Contents, ResourceBody, Tool, ToolError};
use schemars::JsonSchema;
use serde::Deserialize;

/// Answer with a text.
#[derive(Deserialize, JsonSchema)]
pub struct SimpleText;
crate::register!(SimpleText);

impl Tool for SimpleText {
    const NAME: &'static str = "test_simple_text";
    type Pack = Conformance;
    type Output = Contents;

    async fn call(self, _: &Conformance, _: Call) -> Result<Contents, ToolError> {
        Ok("This is a simple text response for testing.".into())
    }
}

/// Answer with a picture.
#[derive(Deserialize, JsonSchema)]
pub struct ImageContent;
crate::register!(ImageContent);

impl Tool for ImageContent {
    const NAME: &'static str = "test_image_content";
    type Pack = Conformance;
    type Output = Contents;

    async fn call(self, _: &Conformance, _: Call) -> Result<Contents, ToolError> {
        Ok(Content::image(samples::PNG, "image/png").into())
    }
}

/// Answer with a sound.
#[derive(Deserialize, JsonSchema)]
pub struct AudioContent;
crate::register!(AudioContent);

impl Tool for AudioContent {
    const NAME: &'static str = "test_audio_content";
    type Pack = Conformance;
    type Output = Contents;

    async fn call(self, _: &Conformance, _: Call) -> Result<Contents, ToolError> {
        Ok(Content::audio(samples::WAV, "audio/wav").into())
    }
}

/// Answer with a resource and what it says.
#[derive(Deserialize, JsonSchema)]
pub struct EmbeddedResource;
crate::register!(EmbeddedResource);

impl Tool for EmbeddedResource {
    const NAME: &'static str = "test_embedded_resource";
    type Pack = Conformance;
    type Output = Contents;

    async fn call(self, _: &Conformance, _: Call) -> Result<Contents, ToolError> {
        let body = ResourceBody::text("This is an embedded resource content.").mime("text/plain");
        Ok(Content::resource("test://embedded-resource", body).into())
    }
}

/// Answer with a text, a picture and a resource.
#[derive(Deserialize, JsonSchema)]
pub struct MultipleContentTypes;
crate::register!(MultipleContentTypes);

impl Tool for MultipleContentTypes {
    const NAME: &'static str = "test_multiple_content_types";
    type Pack = Conformance;
    type Output = Contents;

    async fn call(self, _: &Conformance, _: Call) -> Result<Contents, ToolError> {
        let body = ResourceBody::json(&serde_json::json!({ "test": "data", "value": 123 }));
        Ok(Contents::new()
            .with("Multiple content types test:")
            .with(Content::image(samples::PNG, "image/png"))
            .with(Content::resource("test://mixed-content-resource", body)))
    }
}

/// Fail.
#[derive(Deserialize, JsonSchema)]
pub struct ErrorHandling;
crate::register!(ErrorHandling);

impl Tool for ErrorHandling {
    const NAME: &'static str = "test_error_handling";
    type Pack = Conformance;
    type Output = Contents;

    async fn call(self, _: &Conformance, _: Call) -> Result<Contents, ToolError> {
        Err(ToolError::conflict("This tool intentionally returns an error for testing"))
    }
}
