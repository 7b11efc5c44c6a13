//! Prompts with content of each kind.

use super::{pack::Conformance, samples};
use crate::seam::{Call, Content, Messages, Prompt, ResourceBody, ToolError};
use schemars::JsonSchema;
use serde::Deserialize;

/// Say something.
#[derive(Deserialize, JsonSchema)]
pub struct SimplePrompt;
crate::register!(prompt SimplePrompt);

impl Prompt for SimplePrompt {
    const NAME: &'static str = "test_simple_prompt";
    type Pack = Conformance;

    async fn get(self, _: &Conformance, _: Call) -> Result<Messages, ToolError> {
        Ok(Messages::new().user("This is a simple prompt for testing."))
    }
}

/// Say what was given.
#[derive(Deserialize, JsonSchema)]
pub struct PromptWithArguments {
    /// What is said first.
    arg1: String,
    /// What is said then.
    arg2: String,
}
crate::register!(prompt PromptWithArguments);

impl Prompt for PromptWithArguments {
    const NAME: &'static str = "test_prompt_with_arguments";
    type Pack = Conformance;

    async fn get(self, _: &Conformance, _: Call) -> Result<Messages, ToolError> {
        let Self { arg1, arg2 } = self;
        Ok(Messages::new().user(format!("Prompt with arguments: arg1='{arg1}', arg2='{arg2}'")))
    }
}

/// Show a resource.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PromptWithResource {
    /// The resource's address.
    resource_uri: String,
}
crate::register!(prompt PromptWithResource);

impl Prompt for PromptWithResource {
    const NAME: &'static str = "test_prompt_with_embedded_resource";
    type Pack = Conformance;

    async fn get(self, _: &Conformance, _: Call) -> Result<Messages, ToolError> {
        let body = ResourceBody::text("Embedded resource content for testing.").mime("text/plain");
        let shown = Content::resource(self.resource_uri, body);
        Ok(Messages::new().user(shown).user("Please process the embedded resource above."))
    }
}

/// Show a picture.
#[derive(Deserialize, JsonSchema)]
pub struct PromptWithImage;
crate::register!(prompt PromptWithImage);

impl Prompt for PromptWithImage {
    const NAME: &'static str = "test_prompt_with_image";
    type Pack = Conformance;

    async fn get(self, _: &Conformance, _: Call) -> Result<Messages, ToolError> {
        let shown = Content::image(samples::PNG, "image/png");
        Ok(Messages::new().user(shown).user("Please analyze the image above."))
    }
}
