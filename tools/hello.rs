//! The smallest tool: copy this file to begin your own.
use crate::seam::{Call, Tool, ToolError};

/// Greet somebody by name.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Hello {
    /// Whom to greet.
    name: String,
}
crate::register!(Hello);

impl Tool for Hello {
    const NAME: &'static str = "hello";
    type Pack = ();
    type Output = String;

    async fn call(self, (): &(), _: Call) -> Result<String, ToolError> {
        Ok(format!("Hello, {}!", self.name))
    }
}
