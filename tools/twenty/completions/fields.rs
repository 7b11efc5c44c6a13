//! The names of an object's fields.

use super::begin::beginning;
use crate::{
    seam::{Arguments, Call, Completed, Completion, ToolError},
    tools::twenty::pack::Twenty,
};

/// Completes the names of fields, once it is known whose.
pub struct Fields;
crate::register!(completion Fields);

impl Completion for Fields {
    const OF: &'static [Completed] = &[Completed::prompt("data_hygiene", "field")];
    type Pack = Twenty;

    async fn complete(
        typed: &str,
        given: &Arguments,
        twenty: &Twenty,
        cx: Call,
    ) -> Result<Vec<String>, ToolError> {
        let Some(object) = given.get("object").filter(|object| !object.is_empty()) else {
            return Ok(Vec::new());
        };
        let workspace = twenty.workspace(&cx).await?;
        let fields = workspace.object(object)?.fields.iter().filter(|field| field.active && !field.system);
        Ok(beginning(typed, fields.map(|field| (field.name.as_str(), field.label.as_str()))))
    }
}
