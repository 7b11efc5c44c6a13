//! What poem-openapi writes of an interface (OpenAPI 3.0), as a part of the document (3.1, JSON Schema 2020-12).

use super::example;
use poem_openapi::{OpenApi, OpenApiService};
use serde_json::{Map, Value, json};

/// The statuses that the guards in front of every route answer with, too: in the form of a problem.
const GUARDS: [&str; 3] = ["400", "403", "500"];

/// Where the schema of a request's body is.
const BODY: &str = "/content/application~1json";
/// What poem-openapi calls JSON; in JSON there is no other charset (RFC 8259, section 8.1).
const JSON: &str = "application/json; charset=utf-8";

/// An interface as a part of the document.
#[derive(Default)]
pub(super) struct Part {
    pub(super) paths: Map<String, Value>,
    pub(super) schemas: Map<String, Value>,
    pub(super) tags: Vec<Value>,
}

/// Describes an interface whose operations need one of these ways to sign in.
pub(super) fn lifted(interface: impl OpenApi, needed: &Value) -> Part {
    let written = OpenApiService::new(interface, "", "").spec();
    let mut written: Value = serde_json::from_str(&written).unwrap_or_default();
    lift(&mut written);
    let mut taken = |pointer: &str| written.pointer_mut(pointer).map(Value::take).unwrap_or_default();
    let object = |value| if let Value::Object(members) = value { members } else { Map::new() };
    let tags = taken("/tags").as_array_mut().map(std::mem::take).unwrap_or_default();
    let (mut paths, mut schemas) = (object(taken("/paths")), object(taken("/components/schemas")));
    let verbs = paths.values_mut().filter_map(Value::as_object_mut).flat_map(Map::values_mut);
    for operation in verbs.filter_map(Value::as_object_mut) {
        operation.insert("security".into(), needed.clone());
        if let Some(body) = operation.get_mut("requestBody").and_then(|body| body.pointer_mut(BODY)) {
            let to = body.pointer("/schema/$ref").and_then(Value::as_str).unwrap_or_default();
            let name = to.trim_start_matches("#/components/schemas/").to_owned();
            if let (Some(schema), Some(body)) = (schemas.get_mut(&name), body.as_object_mut()) {
                or_null(schema);
                body.insert("example".into(), example::of(schema));
            }
        }
        let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
        let responses =
            responses.into_iter().flatten().filter(|(status, _)| GUARDS.contains(&status.as_str()));
        for content in responses.filter_map(|(_, response)| response.get_mut("content")?.as_object_mut()) {
            let problem = json!({ "schema": { "$ref": "#/components/schemas/Problem" } });
            content.insert(super::super::problem::PROBLEM.into(), problem);
        }
    }
    Part { paths, schemas, tags }
}

/// What may be left out of a request's body may also be null, which poem-openapi reads so and does not write.
fn or_null(schema: &mut Value) {
    let required = schema.get("required").cloned().unwrap_or_default();
    let required =
        |name: &str| required.as_array().is_some_and(|names| names.iter().any(|known| known == name));
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (_, property) in properties.into_iter().flatten().filter(|(name, _)| !required(name)) {
        if let Some(kind) = property.get_mut("type").filter(|kind| kind.is_string()) {
            *kind = json!([kind.take(), "null"]);
        }
    }
}

/// Says what 3.0 says of schemas in the words of JSON Schema 2020-12.
fn lift(value: &mut Value) {
    match value {
        Value::Object(words) => {
            if words.shift_remove("nullable") == Some(Value::Bool(true))
                && let Some(kind) = words.get_mut("type").filter(|kind| kind.is_string())
            {
                *kind = json!([kind.take(), "null"]);
            }
            for (exclusive, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
                if let Some(is_exclusive) = words.get(exclusive).and_then(Value::as_bool) {
                    words.shift_remove(exclusive);
                    let number = words.shift_remove(bound);
                    let word = if is_exclusive { exclusive } else { bound };
                    words.extend(number.map(|number| (word.to_owned(), number)));
                }
            }
            if let Some(json) = words.shift_remove(JSON) {
                words.insert("application/json".into(), json);
            }
            words.values_mut().for_each(lift);
        }
        Value::Array(items) => items.iter_mut().for_each(lift),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_and_exclusive_bounds_are_said_as_json_schema_says_them() {
        let mut schema = json!({ "properties": {
            "a": { "type": "string", "nullable": true }, "b": { "type": "string", "nullable": false },
            "c": { "type": "integer", "minimum": 0, "exclusiveMinimum": true, "maximum": 9, "exclusiveMaximum": false },
        } });
        lift(&mut schema);
        let lifted = json!({ "properties": {
            "a": { "type": ["string", "null"] }, "b": { "type": "string" },
            "c": { "type": "integer", "exclusiveMinimum": 0, "maximum": 9 },
        } });
        assert_eq!(schema, lifted);
    }
}
