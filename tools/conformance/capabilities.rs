//! Tools that need a client that can.

use super::{forms::Named, pack::Conformance};
use crate::seam::{Call, Contents, Tool, ToolError};
use schemars::JsonSchema;
use serde::Deserialize;

/// Ask the client's model, which not every client lends.
#[derive(Deserialize, JsonSchema)]
pub struct MissingCapability;
crate::register!(MissingCapability);

impl Tool for MissingCapability {
    const NAME: &'static str = "test_missing_capability";
    type Pack = Conformance;
    type Output = Contents;

    async fn call(self, _: &Conformance, cx: Call) -> Result<Contents, ToolError> {
        Ok(cx.sample("answer", "Say hello").await?.text.into())
    }
}

/// Ask the user in the middle of a call.
#[derive(Deserialize, JsonSchema)]
pub struct StreamingElicitation;
crate::register!(StreamingElicitation);

impl Tool for StreamingElicitation {
    const NAME: &'static str = "test_streaming_elicitation";
    type Pack = Conformance;
    type Output = Contents;

    async fn call(self, _: &Conformance, cx: Call) -> Result<Contents, ToolError> {
        let named: Named = cx.elicit("user_name", "What is your name?").await?.accepted()?;
        Ok(format!("Hello, {}!", named.name).into())
    }
}
