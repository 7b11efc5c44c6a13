//! A tool with an argument that clients repeat in a header.

use super::pack::Conformance;
use crate::seam::{Call, Contents, Tool, ToolError};
use schemars::JsonSchema;
use serde::Deserialize;

/// Answer with the argument that stands in a header too.
#[derive(Deserialize, JsonSchema)]
pub struct CustomHeader {
    /// What is answered.
    #[schemars(extend("x-mcp-header" = "Value"))]
    value: String,
}
crate::register!(CustomHeader);

impl Tool for CustomHeader {
    const NAME: &'static str = "test_custom_header";
    type Pack = Conformance;
    type Output = Contents;

    async fn call(self, _: &Conformance, _: Call) -> Result<Contents, ToolError> {
        Ok(self.value.into())
    }
}
