//! Arguments as somebody could give them: of each schema a small value that fits it.

use serde_json::{Map, Number, Value, json};

/// How deep a value goes; a schema may refer to itself.
const DEEPEST: usize = 12;
/// What stands for the id of something.
const ID: &str = "20202020-0000-4000-8000-000000000001";

/// The arguments that a schema asks for at least.
pub(super) fn of(schema: &Value) -> Value {
    Maker { definitions: schema.get("$defs") }.value(schema, "", DEEPEST).unwrap_or_else(|| json!({}))
}

struct Maker<'a> {
    definitions: Option<&'a Value>,
}

impl Maker<'_> {
    /// A value for the member of this name; none where its schema allows none that is not deeper.
    fn value(&self, schema: &Value, name: &str, depth: usize) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        if let Some(to) = schema.get("$ref").and_then(Value::as_str) {
            let definition = self.definitions?.get(to.strip_prefix("#/$defs/")?)?;
            return self.value(definition, name, depth);
        }
        let listed = |word: &str| schema.get(word).and_then(Value::as_array).and_then(|list| list.first());
        let given = listed("examples").or_else(|| schema.get("const")).or_else(|| listed("enum"));
        if let Some(given) = given.or_else(|| schema.get("default")).filter(|given| !given.is_null()) {
            return Some(given.clone());
        }
        let mut made = self.typed(schema, name, depth);
        for forms in ["allOf", "anyOf", "oneOf"].iter().filter_map(|word| schema.get(*word)?.as_array()) {
            let mut forms = forms.iter().filter(|form| !is_null(form));
            let chosen = forms.find_map(|form| self.value(&within(schema, form), name, depth));
            made = match (made, chosen) {
                (Some(Value::Object(mut made)), Some(Value::Object(chosen))) => {
                    made.extend(chosen);
                    Some(Value::Object(made))
                }
                (made, chosen) => chosen.or(made),
            };
        }
        made
    }

    fn typed(&self, schema: &Value, name: &str, depth: usize) -> Option<Value> {
        let kinds = match schema.get("type") {
            Some(Value::Array(kinds)) => kinds.iter().find(|kind| *kind != "null"),
            kind => kind,
        };
        match kinds.and_then(Value::as_str) {
            Some("object") => self.object(schema, depth),
            Some("array") => {
                let item = schema.get("items").and_then(|items| self.value(items, name, depth));
                let many = length(schema, "minItems").unwrap_or(1).clamp(1, 9);
                Some(Value::Array(
                    item.iter().flat_map(|item| (1..=many).map(|nth| other(item, nth))).collect(),
                ))
            }
            Some("string") => Some(Value::String(text(schema, name))),
            Some("integer") => Some(number(schema, true)),
            Some("number") => Some(number(schema, false)),
            Some("boolean") => Some(Value::Bool(true)),
            Some("null") => None,
            // Anything fits.
            _ => Some(Value::String(text(schema, name))),
        }
    }

    fn object(&self, schema: &Value, depth: usize) -> Option<Value> {
        let required = schema.get("required").and_then(Value::as_array);
        let mut object = Map::new();
        for name in required.into_iter().flatten().filter_map(Value::as_str) {
            let member = schema.get("properties").and_then(|properties| properties.get(name));
            let member =
                member.map_or_else(|| Some(json!(name)), |member| self.value(member, name, depth))?;
            object.insert(name.to_owned(), member);
        }
        Some(Value::Object(object))
    }
}

fn is_null(form: &Value) -> bool {
    form.get("type").is_some_and(|kind| kind == "null")
}

/// A form of a schema that only says what else is required of the same object.
fn within(schema: &Value, form: &Value) -> Value {
    let mut form = form.clone();
    if let Some(words) = form.as_object_mut().filter(|words| words.contains_key("required")) {
        for word in ["type", "properties"] {
            if let Some(said) = schema.get(word).filter(|_| !words.contains_key(word)) {
                words.insert(word.to_owned(), said.clone());
            }
        }
    }
    form
}

/// The nth of several values that are like this one.
fn other(value: &Value, nth: usize) -> Value {
    match value.as_str().and_then(|text| text.strip_suffix('1')) {
        Some(text) => json!(format!("{text}{nth}")),
        None => value.clone(),
    }
}

fn length(schema: &Value, word: &str) -> Option<usize> {
    usize::try_from(schema.get(word)?.as_u64()?).ok()
}

fn text(schema: &Value, name: &str) -> String {
    let of_id = name == "id"
        || name.ends_with("Id")
        || name.ends_with("_id")
        || name == "ids"
        || name.ends_with("Ids");
    let text = match schema.get("format").and_then(Value::as_str) {
        Some("uuid") => ID,
        Some("date") => "2026-07-28",
        Some("date-time") => "2026-07-28T09:00:00Z",
        Some("email") => "ada@example.com",
        Some("uri") => "https://example.com",
        _ if of_id && schema.get("pattern").is_none() => ID,
        _ if name.is_empty() => "text",
        _ => name,
    };
    let text = format!("{text:x<least$}", least = length(schema, "minLength").unwrap_or_default());
    text.chars().take(length(schema, "maxLength").unwrap_or(usize::MAX)).collect()
}

fn number(schema: &Value, whole: bool) -> Value {
    let bound = |word: &str| schema.get(word).and_then(Value::as_f64);
    let least = bound("minimum").or_else(|| Some(bound("exclusiveMinimum")? + 1.0)).unwrap_or(1.0);
    let most = bound("maximum").unwrap_or(f64::MAX);
    let number = least.max(1.0).min(most);
    if whole { json!(number as i64) } else { Number::from_f64(number).map_or(Value::Null, Value::Number) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_has_what_is_required_and_fits() {
        for (schema, example) in [
            (json!({ "type": "object", "properties": { "a": { "type": "string" } } }), json!({})),
            (
                json!({
                    "type": "object",
                    "properties": {
                        "query": { "type": "string", "minLength": 7 },
                        "limit": { "type": ["integer", "null"], "minimum": 3, "maximum": 50 },
                        "ids": { "type": "array", "items": { "type": "string" }, "minItems": 2 },
                        "way": { "$ref": "#/$defs/Way" },
                        "on": { "anyOf": [{ "type": "null" }, { "type": "string", "format": "date" }] },
                    },
                    "required": ["query", "limit", "ids", "way", "on"],
                    "$defs": { "Way": { "enum": ["up", "down"] } },
                }),
                json!({ "query": "queryxx", "limit": 3, "ids": [ID, ID.replace("01", "02")], "way": "up", "on": "2026-07-28" }),
            ),
            (
                json!({
                    "type": "object",
                    "properties": { "a": { "type": "string" }, "b": { "type": "boolean" } },
                    "anyOf": [{ "required": ["b"] }, { "required": ["a"] }],
                }),
                json!({ "b": true }),
            ),
            (
                json!({
                    "type": "object", "properties": { "tree": { "$ref": "#/$defs/Tree" } }, "required": ["tree"],
                    "$defs": { "Tree": { "type": "array", "items": { "$ref": "#/$defs/Tree" } } },
                }),
                json!({ "tree": [[[[[]]]]] }),
            ),
        ] {
            let made = of(&schema);
            assert_eq!(made, example);
            assert!(jsonschema::draft202012::is_valid(&schema, &made), "{made}");
        }
    }
}
