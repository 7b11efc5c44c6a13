//! The JSON Schemas of the typed tools, made of an object as the workspace has it.

use super::{
    naming::Verb,
    values::{given, options, told},
};
use crate::{
    seam::LiveTool,
    tools::twenty::{
        records::{input::data::Purpose, text::flat},
        workspace::schema::{Field, Object, Workspace},
    },
};
use serde_json::{Map, Value, json};

/// How much of an object's label is told, in characters.
const LABEL: usize = 60;
/// What every tool that writes takes beside its own arguments.
const PLANNING: [&str; 2] = ["plan", "planToken"];

/// The typed tools of one object, as far as the server does what they are for.
pub fn tools(workspace: &Workspace, object: &Object) -> impl Iterator<Item = LiveTool> {
    let offered = Verb::ALL.into_iter().filter(|verb| verb.is_offered(workspace, object));
    offered.map(|verb| {
        let tool = LiveTool::new(verb.tool(object), described(verb, object), input(verb, object));
        tool.doing(verb.effect()).answering(output(verb, object))
    })
}

fn described(verb: Verb, object: &Object) -> String {
    let label = |label: &str, name: &str| -> String {
        let label = flat(label);
        if label.is_empty() { name.to_owned() } else { label.chars().take(LABEL).collect() }
    };
    let one = label(&object.label, &object.singular);
    match verb {
        Verb::Find => format!(
            "Find {}, newest first. Filter by value, list, null or operators: eq, neq, in, gt, gte, lt, lte, contains, \
             startsWith, is.",
            label(&object.label_plural, &object.plural)
        ),
        Verb::Get => format!("Get one {one}, by id or name."),
        Verb::Create => format!("Create one {one}."),
        Verb::Update => format!("Change fields of one {one}; null clears."),
        Verb::Delete => format!("Delete one {one}; restore_records brings it back."),
    }
}

fn input(verb: Verb, object: &Object) -> Value {
    let id = ("id".to_owned(), json!({ "type": "string", "description": "Or name." }));
    let names = json!({ "type": ["array", "null"], "items": { "type": "string" } });
    let (properties, required): (Map<String, Value>, Vec<&str>) = match verb {
        Verb::Find => {
            let find = json!({
                "filter": filter(object),
                "orderBy": { "description": "As in \"-createdAt\"." },
                "fields": names,
                "limit": { "type": "integer", "minimum": 1, "maximum": 5000, "default": 20 },
                "cursor": { "type": ["string", "null"] },
            });
            (find.as_object().cloned().unwrap_or_default(), Vec::new())
        }
        Verb::Get => (Map::from_iter([id, ("fields".to_owned(), names)]), vec!["id"]),
        Verb::Create => {
            let (fields, required) = given(object, Purpose::Create);
            (fields.into_iter().chain(planning(object)).collect(), required)
        }
        Verb::Update => {
            let (fields, _) = given(object, Purpose::Update);
            (fields.into_iter().chain(planning(object)).chain([id]).collect(), vec!["id"])
        }
        Verb::Delete => (planning(object).into_iter().chain([id]).collect(), vec!["id"]),
    };
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

/// What plans take; nothing where a field of the object has one of the names: one record needs no plan.
pub fn planning(object: &Object) -> Map<String, Value> {
    if PLANNING.iter().any(|name| object.field(name).is_some()) {
        return Map::new();
    }
    let kinds = ["boolean", "string"].map(|kind| json!({ "type": [kind, "null"] }));
    PLANNING.map(str::to_owned).into_iter().zip(kinds).collect()
}

/// What a filter may speak of. Lists, operators and groups are read by the record engine, before anything is sent.
fn filter(object: &Object) -> Value {
    let fields = object.fields.iter().filter(|field| field.active);
    let mut properties: Map<String, Value> =
        fields.filter_map(|field| Some((field.name.clone(), condition(field)?))).collect();
    for (word, kind) in [("and", "array"), ("or", "array"), ("not", "object")] {
        properties.entry(word).or_insert_with(|| json!({ "type": kind }));
    }
    json!({ "type": ["object", "null"], "properties": properties, "additionalProperties": false })
}

fn condition(field: &Field) -> Option<Value> {
    let kinds = |kind: &str| json!({ "type": [kind, "array", "object", "null"] });
    Some(match field.kind.as_str() {
        "SELECT" | "RATING" | "MULTI_SELECT" => match options(field) {
            Some(options) => json!({
                "anyOf": [{ "enum": options }, { "type": ["array", "object", "null"] }],
            }),
            None => kinds("string"),
        },
        "NUMBER" | "NUMERIC" => kinds("number"),
        "BOOLEAN" => json!({ "type": ["boolean", "object", "null"] }),
        "CURRENCY" | "ADDRESS" => json!({ "type": ["object", "null"] }),
        "RELATION" | "MORPH_RELATION" if field.relation.as_ref().is_none_or(|relation| relation.many) => {
            return None;
        }
        "TS_VECTOR" | "POSITION" | "FILES" => return None,
        _ => kinds("string"),
    })
}

fn output(verb: Verb, object: &Object) -> Value {
    let text = || json!({ "type": "string" });
    match verb {
        Verb::Find => json!({
            "type": "object",
            "properties": {
                "object": text(), "total": { "type": "integer" }, "nextCursor": text(),
                "records": { "type": "array", "items": record(object, &[]) },
            },
            "required": ["object", "total", "records"],
        }),
        Verb::Get => record(object, &["related"]),
        Verb::Create | Verb::Update | Verb::Delete => {
            let mut written = record(object, &["plan"]);
            // Of a plan there is no record.
            written.as_object_mut().and_then(|written| written.remove("required"));
            written
        }
    }
}

/// A record, with objects of these names beside its fields.
fn record(object: &Object, beside: &[&str]) -> Value {
    let mut properties = told(object);
    let texts = ["id", "name", "url"].into_iter().map(|name| (name, json!({ "type": "string" })));
    for (name, schema) in texts.chain(beside.iter().map(|name| (*name, json!({ "type": "object" })))) {
        // A field of that name may be told in its place.
        let taken =
            object.field(name).is_some() && name != "id" && object.label_field.as_deref() != Some(name);
        properties.insert(name.to_owned(), if taken { json!({}) } else { schema });
    }
    json!({ "type": "object", "properties": properties, "required": ["id", "url"] })
}
