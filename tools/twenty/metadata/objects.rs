//! What the workspace is made of: its objects, and the fields of one.

use super::field::FieldSummary;
use crate::{
    seam::{Call, Tool, ToolError},
    tools::twenty::{
        pack::Twenty,
        records::text::one_line,
        workspace::schema::{Field, Object, Workspace},
    },
};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// List the workspace's objects (record types), custom ones included.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListAllObjects {
    #[serde(default = "yes")]
    include_custom: bool,
    #[serde(default)]
    include_system: bool,
    #[serde(default = "yes")]
    active_only: bool,
    #[serde(default)]
    group_by: GroupBy,
}
crate::register!(ListAllObjects);

const fn yes() -> bool {
    true
}

/// How a list of objects is grouped.
#[derive(Clone, Copy, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
enum GroupBy {
    #[default]
    Type,
    None,
}

/// Whose an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Standard,
    Custom,
    System,
}

/// The workspace's objects.
#[derive(Serialize, schemars::JsonSchema)]
pub struct Objects {
    /// How many there are.
    total: usize,
    #[serde(skip)]
    grouped: bool,
    objects: Vec<ObjectSummary>,
}

/// One object in short.
#[derive(Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ObjectSummary {
    id: String,
    name_singular: String,
    name_plural: String,
    label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    kind: Kind,
    is_active: bool,
    fields: usize,
}

impl Tool for ListAllObjects {
    const NAME: &'static str = "list_all_objects";
    type Pack = Twenty;
    type Output = Objects;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Objects, ToolError> {
        let workspace = twenty.workspace(&cx).await?;
        let wanted = |object: &Object| {
            let hidden = match kind(object) {
                Kind::Custom => !self.include_custom,
                Kind::System => !self.include_system,
                Kind::Standard => false,
            };
            !hidden && (object.active || !self.active_only)
        };
        Ok(Objects { grouped: matches!(self.group_by, GroupBy::Type), ..objects(&workspace, wanted) })
    }

    fn text(found: &Objects) -> Option<String> {
        let mut out = format!("{} objects.\n", found.total);
        let line = |out: &mut String, object: &ObjectSummary| {
            let mut about = if object.is_active { String::new() } else { " (inactive)".to_owned() };
            if let Some(text) =
                object.description.as_deref().filter(|_| object.kind == Kind::Custom || !found.grouped)
            {
                about = format!("{about}: {}", one_line(text));
            }
            let (label, name, plural) = (one_line(&object.label), &object.name_singular, &object.name_plural);
            // Writing to a String cannot fail.
            let _ = writeln!(out, "- {label} ({name}, {plural}, {} fields){about}", object.fields);
        };
        if !found.grouped {
            found.objects.iter().for_each(|object| line(&mut out, object));
            return Some(out);
        }
        for (kind, title) in
            [(Kind::Standard, "Standard"), (Kind::Custom, "Custom"), (Kind::System, "System")]
        {
            let group: Vec<&ObjectSummary> =
                found.objects.iter().filter(|object| object.kind == kind).collect();
            if !group.is_empty() {
                let _ = writeln!(out, "\n{title} ({})", group.len());
                group.into_iter().for_each(|object| line(&mut out, object));
            }
        }
        Some(out)
    }
}

/// The objects of a workspace that are wanted.
#[must_use]
pub fn objects(workspace: &Workspace, wanted: impl Fn(&Object) -> bool) -> Objects {
    let objects: Vec<ObjectSummary> =
        workspace.objects.iter().filter(|object| wanted(object)).map(summary).collect();
    Objects { total: objects.len(), grouped: false, objects }
}

fn kind(object: &Object) -> Kind {
    match object {
        Object { custom: true, .. } => Kind::Custom,
        Object { system: true, .. } => Kind::System,
        _ => Kind::Standard,
    }
}

fn summary(object: &Object) -> ObjectSummary {
    ObjectSummary {
        id: object.id.clone(),
        name_singular: object.singular.clone(),
        name_plural: object.plural.clone(),
        label: object.label.clone(),
        description: object.description.clone(),
        kind: kind(object),
        is_active: object.active,
        fields: object.fields.iter().filter(|field| field.active).count(),
    }
}

/// The fields of one object: types, select options, relations.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetObjectSchema {
    /// Its name in singular or plural, or its id.
    object_name: String,
    #[serde(default)]
    include_system_fields: bool,
}
crate::register!(GetObjectSchema);

/// An object with its fields.
#[derive(Serialize, schemars::JsonSchema)]
pub struct ObjectSchema {
    #[serde(flatten)]
    object: ObjectSummary,
    #[serde(rename = "fieldList")]
    fields: Vec<FieldSummary>,
}

impl Tool for GetObjectSchema {
    const NAME: &'static str = "get_object_schema";
    type Pack = Twenty;
    type Output = ObjectSchema;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<ObjectSchema, ToolError> {
        let workspace = twenty.workspace(&cx).await?;
        Ok(object_schema(workspace.object(&self.object_name)?, self.include_system_fields))
    }

    fn text(schema: &ObjectSchema) -> Option<String> {
        let object = &schema.object;
        let about =
            object.description.as_deref().map(|text| format!("{}\n", one_line(text))).unwrap_or_default();
        let label = one_line(&object.label);
        let mut out = format!("{label} ({}, id {})\n{about}", object.name_singular, object.id);
        for field in &schema.fields {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "- {}: {field}", field.kind);
        }
        Some(out)
    }
}

/// An object with its fields that are in use.
#[must_use]
pub fn object_schema(object: &Object, with_system_fields: bool) -> ObjectSchema {
    let wanted = |field: &&Field| field.active && (with_system_fields || !field.system);
    let fields = object.fields.iter().filter(wanted).map(FieldSummary::from).collect();
    ObjectSchema { object: summary(object), fields }
}
