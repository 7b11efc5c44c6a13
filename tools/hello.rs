//! The smallest tool: copy this file to begin your own.
use crate::seam::{Access, Call, Tool, ToolError};

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
    const ACCESS: Access = Access::Open; // it shows nobody's data; without this line callers need a scope
    type Pack = ();
    type Output = String;

    async fn call(self, (): &(), _: Call) -> Result<String, ToolError> {
        Ok(format!("Hello, {}!", self.name))
    }
}
