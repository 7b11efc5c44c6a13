//! What is asked for of a record: what people see of it, as this workspace has it.

use crate::tools::twenty::workspace::schema::{Field, Object, Workspace};

/// Field types that say nothing to people.
const NOISE: [&str; 5] = ["TS_VECTOR", "POSITION", "FILES", "RAW_JSON", "UUID"];

/// The default selection of an object: scalars, composites, and of the records it points at their id and name.
#[must_use]
pub fn selection(workspace: &Workspace, object: &Object) -> String {
    let mut parts = vec!["id".to_owned()];
    parts
        .extend(object.fields.iter().filter(|field| field.active).filter_map(|field| part(workspace, field)));
    parts.join(" ")
}

/// The selection of these fields alone, those that the object has.
#[must_use]
pub fn chosen(workspace: &Workspace, object: &Object, names: &[&str]) -> String {
    let fields = names.iter().filter_map(|name| object.field(name));
    let parts = fields.filter_map(|field| part(workspace, field));
    std::iter::once("id".to_owned()).chain(parts).collect::<Vec<_>>().join(" ")
}

/// What tells a record to people: its id and what it is called.
#[must_use]
pub fn brief(workspace: &Workspace, object: &Object) -> String {
    let label = object.label_field.as_ref().and_then(|name| object.field(name));
    let label = label.and_then(|field| whole(workspace, field)).unwrap_or_default();
    format!("id {label}").trim_end().to_owned()
}

/// All that a record holds itself, also what says nothing to people: for servers that look only at what is selected.
#[must_use]
pub fn everything(workspace: &Workspace, object: &Object) -> String {
    let mut parts = vec!["id".to_owned()];
    for field in object.fields.iter().filter(|field| field.active && field.kind != "TS_VECTOR") {
        parts.extend(match &field.relation {
            Some(relation) => relation.join_column.clone().filter(|_| !relation.many),
            // Files are objects, of a form that differs by version.
            None if field.kind == "FILES" => None,
            None => whole(workspace, field),
        });
    }
    parts.join(" ")
}

/// Whether the default selection does not show what is written under a name: a join column, or what says nothing to
/// people.
#[must_use]
pub fn unseen(object: &Object, name: &str) -> bool {
    match object.field(name) {
        Some(field) => name != "id" && matches!(field.kind.as_str(), "RAW_JSON" | "UUID" | "POSITION"),
        None => object.joined_by(name).is_some(),
    }
}

/// All that the default selection does not show and that can be written.
#[must_use]
pub fn hidden(object: &Object) -> Vec<&str> {
    let names = object.fields.iter().filter(|field| field.active).filter_map(|field| match &field.relation {
        Some(relation) => relation.join_column.as_deref().filter(|_| !relation.many),
        None => Some(field.name.as_str()),
    });
    names.filter(|name| unseen(object, name)).collect()
}

/// The fields of these names that the object has, and its id; of records that it points at, what tells them.
#[must_use]
pub fn named(workspace: &Workspace, object: &Object, names: &[&str]) -> String {
    let fields =
        names.iter().filter_map(|name| object.field(name)).filter_map(|field| match field.kind.as_str() {
            "RAW_JSON" => Some(field.name.clone()),
            _ => part(workspace, field),
        });
    let mut parts = vec!["id".to_owned()];
    for part in fields {
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    parts.join(" ")
}

fn part(workspace: &Workspace, field: &Field) -> Option<String> {
    let name = &field.name;
    if name == "deletedAt" || NOISE.contains(&field.kind.as_str()) {
        return None;
    }
    if let Some(relation) = &field.relation {
        let [target] = relation.targets.as_slice() else { return None };
        if relation.many {
            return None;
        }
        let target = workspace.objects.iter().find(|object| object.singular == *target)?;
        return Some(format!("{name} {{ {} }}", brief(workspace, target)));
    }
    whole(workspace, field)
}

/// A field that is no relation, with its sub-fields; nothing for a type that the workspace does not tell the parts of.
#[must_use]
pub fn whole(workspace: &Workspace, field: &Field) -> Option<String> {
    let Some(composite) = composite(&field.kind) else { return Some(field.name.clone()) };
    let parts: Vec<String> = workspace
        .composites
        .get(composite)?
        .iter()
        .filter(|sub| !matches!(sub.name.as_str(), "blocknote" | "context" | "workspaceMemberId"))
        .map(|sub| {
            if sub.fields.is_empty() {
                sub.name.clone()
            } else {
                format!("{} {{ {} }}", sub.name, sub.fields.join(" "))
            }
        })
        .collect();
    (!parts.is_empty()).then(|| format!("{} {{ {} }}", field.name, parts.join(" ")))
}

/// The GraphQL type of a composite field type.
#[must_use]
pub fn composite(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "FULL_NAME" => "FullName",
        "EMAILS" => "Emails",
        "PHONES" => "Phones",
        "LINKS" => "Links",
        "CURRENCY" => "Currency",
        "ADDRESS" => "Address",
        "ACTOR" => "Actor",
        "RICH_TEXT" | "RICH_TEXT_V2" => "RichTextV2",
        _ => return None,
    })
}
