//! The values of an object's records as JSON Schemas: as callers give them, and as answers tell them.

use crate::{
    seam::NULL_COUNTS,
    tools::twenty::{
        records::{input::data::Purpose, text::flat},
        workspace::schema::{Field, Object},
    },
};
use serde_json::{Map, Value, json};

/// How much of a field's own description is told, in characters.
const TOLD: usize = 120;
/// The most options that are told of a select; one with more takes any text, which is checked later.
const OPTIONS: usize = 100;

/// What a new record, or a changed one, takes: the properties, and which of them must be given.
#[must_use]
pub fn given(object: &Object, purpose: Purpose) -> (Map<String, Value>, Vec<&str>) {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for field in object.fields.iter().filter(|field| field.active && !field.system) {
        let Some(mut schema) = value(field) else { continue };
        let must = !field.nullable && field.default.is_none() && field.relation.is_none();
        match purpose {
            Purpose::Create if must => required.push(field.name.as_str()),
            Purpose::Create => schema = or_null(schema),
            // Null clears, which has to be seen.
            Purpose::Update => {
                schema = or_null(schema);
                schema.insert(NULL_COUNTS.into(), true.into());
            }
        }
        schema.extend(described(field).map(|told| ("description".to_owned(), told.into())));
        properties.insert(field.name.clone(), schema.into());
    }
    (properties, required)
}

/// What answers tell of a record's fields.
#[must_use]
pub fn told(object: &Object) -> Map<String, Value> {
    // They are told only where they are asked for.
    let kept = ["createdBy", "updatedBy", "deletedAt"];
    let fields = object.fields.iter().filter(|field| field.active && !kept.contains(&field.name.as_str()));
    fields.filter_map(|field| Some((field.name.clone(), plain(field)?))).collect()
}

/// The options of a select; none where there are too many to be told.
#[must_use]
pub fn options(field: &Field) -> Option<Vec<&str>> {
    let options: Vec<&str> = field.options.iter().map(|choice| choice.value.as_str()).collect();
    (1..=OPTIONS).contains(&options.len()).then_some(options)
}

/// A value as callers give it; none for what cannot be written.
fn value(field: &Field) -> Option<Map<String, Value>> {
    let schema = match field.kind.as_str() {
        "NUMBER" | "NUMERIC" => json!({ "type": "number" }),
        "BOOLEAN" => json!({ "type": "boolean" }),
        "DATE" => json!({ "type": "string", "format": "date" }),
        "TEXT" | "DATE_TIME" | "RICH_TEXT" | "RICH_TEXT_V2" => json!({ "type": "string" }),
        "UUID" => json!({ "type": "string", "format": "uuid" }),
        "SELECT" | "RATING" => choice(field),
        "MULTI_SELECT" => json!({ "type": "array", "items": choice(field) }),
        "ARRAY" => json!({ "type": "array", "items": { "type": "string" } }),
        "RAW_JSON" => json!({}),
        "FULL_NAME" => json!({
            "type": ["string", "object"],
            "properties": { "firstName": { "type": "string" }, "lastName": { "type": "string" } },
        }),
        "EMAILS" | "PHONES" | "LINKS" => texts(),
        "CURRENCY" => money(),
        "ADDRESS" => {
            let parts = ["street", "city", "postcode", "state", "country"];
            let parts: Map<String, Value> =
                parts.map(|part| (part.to_owned(), json!({ "type": "string" }))).into_iter().collect();
            json!({ "type": "object", "properties": parts })
        }
        "RELATION" | "MORPH_RELATION" => {
            field.relation.as_ref().filter(|relation| !relation.many)?;
            json!({ "type": "string" })
        }
        _ => return None,
    };
    schema.as_object().cloned()
}

/// A value as answers tell it; none for what they leave out.
fn plain(field: &Field) -> Option<Value> {
    Some(match field.kind.as_str() {
        "NUMBER" => json!({ "type": "number" }),
        "NUMERIC" => json!({ "type": ["number", "string"] }),
        "BOOLEAN" => json!({ "type": "boolean" }),
        "TEXT" | "DATE" | "DATE_TIME" | "RICH_TEXT" | "RICH_TEXT_V2" | "FULL_NAME" | "ACTOR" => {
            json!({ "type": "string" })
        }
        "SELECT" | "RATING" => choice(field),
        "MULTI_SELECT" => json!({ "type": "array", "items": choice(field) }),
        "ARRAY" => json!({ "type": "array", "items": { "type": "string" } }),
        "EMAILS" | "PHONES" | "LINKS" => texts(),
        "CURRENCY" => money(),
        "ADDRESS" => json!({ "type": "object" }),
        "RELATION" | "MORPH_RELATION" => {
            field.relation.as_ref().filter(|relation| !relation.many)?;
            json!({ "type": "object", "properties": { "id": { "type": ["string", "null"] }, "name": {} } })
        }
        _ => return None,
    })
}

fn choice(field: &Field) -> Value {
    options(field).map_or_else(|| json!({ "type": "string" }), |all| json!({ "type": "string", "enum": all }))
}

/// One text, or several.
fn texts() -> Value {
    json!({ "type": ["string", "array"], "items": { "type": "string" } })
}

fn money() -> Value {
    json!({
        "type": "object",
        "properties": { "amount": { "type": "number" }, "currency": { "type": "string" } },
    })
}

/// The same, or null.
fn or_null(mut schema: Map<String, Value>) -> Map<String, Value> {
    if schema.contains_key("enum") {
        let forms = json!([schema, { "type": "null" }]);
        return Map::from_iter([("anyOf".to_owned(), forms)]);
    }
    match schema.get_mut("type") {
        Some(Value::Array(types)) => types.push("null".into()),
        Some(one) => *one = json!([one.clone(), "null"]),
        None => {}
    }
    schema
}

/// What is said of a field where its name does not say it.
#[must_use]
pub fn described(field: &Field) -> Option<String> {
    let mut told = Vec::new();
    if said(&field.label) != said(&field.name) {
        told.push(flat(&field.label));
    }
    if let Some(text) = field.description.as_ref().filter(|_| field.custom)
        && said(text) != said(&field.label)
    {
        told.push(flat(text));
    }
    if let Some(relation) = &field.relation {
        let by = if relation.targets.len() == 1 { "id or name" } else { "id" };
        told.push(format!("{}, by {by}", relation.targets.join(" or ")));
    }
    if field.kind == "DATE_TIME" {
        told.push("ISO 8601".to_owned());
    }
    let told = told.join("; ");
    (!told.is_empty()).then(|| told.chars().take(TOLD).collect())
}

/// What a name says, whatever its spelling.
fn said(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::twenty::workspace::fixture::CURRENT;

    #[test]
    fn a_new_record_and_a_changed_one_take_what_the_workspace_has() {
        let deal = CURRENT.object("opportunity").unwrap();
        let (new, required) = given(deal, Purpose::Create);
        assert_eq!(required, [""; 0], "Twenty fills all fields of a deal itself");
        let stages = json!(["NEW", "SCREENING", "MEETING", "PROPOSAL", "CUSTOMER"]);
        assert_eq!(new["stage"]["anyOf"][0], json!({ "type": "string", "enum": stages }));
        assert_eq!(
            new["probability"],
            json!({ "type": ["number", "null"], "description": "Chance of winning, from 0 to 100" })
        );
        assert_eq!(
            new["company"],
            json!({ "type": ["string", "null"], "description": "company, by id or name" })
        );
        assert_eq!(new["amount"]["properties"]["currency"], json!({ "type": "string" }));
        for kept in ["id", "createdAt", "createdBy", "deletedAt", "position", "searchVector", "noteTargets"] {
            assert!(!new.contains_key(kept), "{kept}");
        }
        let (changed, required) = given(deal, Purpose::Update);
        assert_eq!((changed.len(), required.len()), (new.len(), 0));
        assert!(changed.values().all(|field| field[NULL_COUNTS] == true));
    }

    #[test]
    fn what_must_be_given_is_required() {
        let mut deal = CURRENT.object("opportunity").unwrap().clone();
        let name = deal.fields.iter_mut().find(|field| field.name == "name").unwrap();
        (name.nullable, name.default) = (false, None);
        let (new, required) = given(&deal, Purpose::Create);
        assert_eq!((required, &new["name"]), (vec!["name"], &json!({ "type": "string" })));
        assert_eq!(given(&deal, Purpose::Update).1, [""; 0]);
    }

    #[test]
    fn many_options_are_not_told_one_by_one() {
        let mut deal = CURRENT.object("opportunity").unwrap().clone();
        let stage = deal.fields.iter_mut().find(|field| field.name == "stage").unwrap();
        let one = stage.options[0].clone();
        stage.options = vec![one; OPTIONS + 1];
        assert_eq!(told(&deal)["stage"], json!({ "type": "string" }));
        assert_eq!(given(&deal, Purpose::Create).0["stage"], json!({ "type": ["string", "null"] }));
    }
}
