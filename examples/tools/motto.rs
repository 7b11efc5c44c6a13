//! The smallest resource: copy this file to begin your own.
use crate::seam::{Call, Resource, ResourceBody, ToolError};

/// A line to begin the day with.
#[derive(serde::Deserialize, schemars::JsonSchema)]
pub struct Motto {
    /// The language that it is in: `en` or `la`.
    language: String,
}
crate::register!(resource Motto);

impl Resource for Motto {
    const URI: &'static str = "motto://{language}";
    const NAME: &'static str = "motto";
    type Pack = ();

    async fn read(self, (): &(), _: Call) -> Result<ResourceBody, ToolError> {
        match self.language.as_str() {
            "en" => Ok(ResourceBody::text("Seize the day.")),
            "la" => Ok(ResourceBody::text("Carpe diem.")),
            other => Err(ToolError::not_found(format_args!("there is no motto in {other}"))),
        }
    }
}
