//! A tool that answers with a picture: copy this file to begin your own.
use crate::seam::{Call, Content, Contents, ResourceLink, Tool, ToolError};

/// Draw a badge.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Badge {
    /// Its colour, as in `teal`.
    colour: String,
}
crate::register!(Badge);

impl Tool for Badge {
    const NAME: &'static str = "badge";
    type Pack = ();
    type Output = Contents;

    async fn call(self, (): &(), _: Call) -> Result<Contents, ToolError> {
        let colour: String = self.colour.chars().filter(char::is_ascii_alphabetic).collect();
        let svg = format!("<svg xmlns='http://www.w3.org/2000/svg'><circle r='9' fill='{colour}'/></svg>");
        let picture = Content::image(svg, "image/svg+xml");
        Ok(Contents::new().with(picture).with(ResourceLink::new("motto://en", "motto")))
    }
}
