//! The names of objects.

use super::begin::beginning;
use crate::{
    seam::{Arguments, Call, Completed, Completion, Resource, ToolError},
    tools::twenty::{
        pack::Twenty,
        resources::{record::Record, schema::SchemaOfObject},
    },
};

/// Completes the names of objects.
pub struct Objects;
crate::register!(completion Objects);

impl Completion for Objects {
    const OF: &'static [Completed] = &[
        Completed::resource(SchemaOfObject::URI, "object"),
        Completed::resource(Record::URI, "object"),
        Completed::prompt("data_hygiene", "object"),
    ];
    type Pack = Twenty;

    async fn complete(
        typed: &str,
        _: &Arguments,
        twenty: &Twenty,
        cx: Call,
    ) -> Result<Vec<String>, ToolError> {
        let workspace = twenty.workspace(&cx).await?;
        let shown = workspace.objects.iter().filter(|object| object.active && !object.system);
        Ok(beginning(typed, shown.map(|object| (object.singular.as_str(), object.label.as_str()))))
    }
}
