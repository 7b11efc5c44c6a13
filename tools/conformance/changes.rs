//! Tools that tell every client that a list has changed.

use super::pack::Conformance;
use crate::seam::{Call, Change, Contents, Tool, ToolError};
use schemars::JsonSchema;
use serde::Deserialize;

/// Tell that the list of tools has changed.
#[derive(Deserialize, JsonSchema)]
pub struct ToolChange;
crate::register!(ToolChange);

impl Tool for ToolChange {
    const NAME: &'static str = "test_trigger_tool_change";
    type Pack = Conformance;
    type Output = Contents;

    async fn call(self, _: &Conformance, cx: Call) -> Result<Contents, ToolError> {
        cx.changed(Change::Tools);
        Ok("Tool list change told".into())
    }
}

/// Tell that the list of prompts has changed.
#[derive(Deserialize, JsonSchema)]
pub struct PromptChange;
crate::register!(PromptChange);

impl Tool for PromptChange {
    const NAME: &'static str = "test_trigger_prompt_change";
    type Pack = Conformance;
    type Output = Contents;

    async fn call(self, _: &Conformance, cx: Call) -> Result<Contents, ToolError> {
        cx.changed(Change::Prompts);
        Ok("Prompt list change told".into())
    }
}
