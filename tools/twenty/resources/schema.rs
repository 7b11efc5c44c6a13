//! What the workspace is made of, to be read before its records are.

use crate::{
    seam::{Annotations, Call, Resource, ResourceBody, ResourceLink, ToolError},
    tools::twenty::{
        metadata::objects::{object_schema, objects},
        pack::Twenty,
        resources::body::json,
        workspace::schema::Object,
    },
};
use serde::Deserialize;

/// The objects (record types) of the workspace that this server works on, custom ones included.
#[derive(Deserialize, schemars::JsonSchema)]
pub struct Schema;
crate::register!(resource Schema);

impl Resource for Schema {
    const URI: &'static str = "twenty://schema";
    const NAME: &'static str = "workspace_schema";
    const MIME: &'static str = "application/json";
    const ANNOTATIONS: Annotations = Annotations::NONE.priority(0.8);
    type Pack = Twenty;

    async fn read(self, twenty: &Twenty, cx: Call) -> Result<ResourceBody, ToolError> {
        let workspace = twenty.workspace(&cx).await?;
        json(&objects(&workspace, |object| object.active && !object.system))
    }
}

/// The fields of one object: their types, the options of selects, where relations point.
#[derive(Deserialize, schemars::JsonSchema)]
pub struct SchemaOfObject {
    /// The object's name, in singular or plural.
    object: String,
}
crate::register!(resource SchemaOfObject);

impl Resource for SchemaOfObject {
    const URI: &'static str = "twenty://schema/{object}";
    const NAME: &'static str = "object_schema";
    const MIME: &'static str = "application/json";
    type Pack = Twenty;

    async fn read(self, twenty: &Twenty, cx: Call) -> Result<ResourceBody, ToolError> {
        let workspace = twenty.workspace(&cx).await?;
        json(&object_schema(workspace.object(&self.object)?, false))
    }

    async fn list(twenty: &Twenty, cx: Call) -> Result<Vec<ResourceLink>, ToolError> {
        let workspace = twenty.workspace(&cx).await?;
        let shown = workspace.objects.iter().filter(|object| object.active && !object.system);
        Ok(shown.map(link).collect())
    }
}

fn link(object: &Object) -> ResourceLink {
    let uri = format!("twenty://schema/{}", object.singular);
    ResourceLink::new(uri, format!("{}_schema", object.singular))
        .title(format!("Fields of {}", object.label_plural))
        .mime(SchemaOfObject::MIME)
}
