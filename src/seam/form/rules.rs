//! What a form's schema may say: no more than every client can show.

use serde_json::{Map, Value};

/// The most fields of one form.
const MOST: usize = 50;
/// What may stand at every field.
const ANY: [&str; 4] = ["type", "title", "description", "default"];
/// The formats of texts (MCP 2025-11-25, `StringSchema`).
const FORMATS: [&str; 4] = ["email", "uri", "date", "date-time"];
/// What a field's name must not have in it: the protocol keeps secrets out of forms, which clients and models see.
const SECRETS: [&str; 9] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "apikey",
    "accesstoken",
    "privatekey",
    "creditcard",
    "cardnumber",
];

type Object = Map<String, Value>;

/// The schema itself, where it is one of a form; otherwise what is wrong with it.
pub(super) fn checked(schema: Value) -> Result<Value, String> {
    let form = schema.as_object().ok_or("it is no object")?;
    only(form, "the form", &["$schema", "type", "properties", "required"])?;
    if form.get("type").and_then(Value::as_str) != Some("object") {
        return Err("its `type` must be `object`".into());
    }
    let fields = form.get("properties").and_then(Value::as_object).ok_or("it has no `properties`")?;
    if fields.len() > MOST {
        return Err(format!("it has {} fields, and may have {MOST}", fields.len()));
    }
    fields.iter().try_for_each(|(name, schema)| {
        let schema = schema.as_object().ok_or_else(|| format!("`{name}` has no schema"))?;
        field(name, schema)
    })?;
    let required = form.get("required").map_or(Some(&[][..]), |names| names.as_array().map(Vec::as_slice));
    let known = |name: &Value| name.as_str().is_some_and(|name| fields.contains_key(name));
    match required.is_some_and(|names| names.iter().all(known)) {
        true => Ok(schema),
        false => Err("`required` must list fields that it has".into()),
    }
}

fn field(name: &str, schema: &Object) -> Result<(), String> {
    let letters: String = name.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    if SECRETS.iter().any(|secret| letters.contains(secret)) || schema.contains_key("writeOnly") {
        return Err(format!("`{name}` is a secret: send the user to a page with `elicit_url`"));
    }
    let of = format!("`{name}`");
    let kind = schema.get("type").and_then(Value::as_str).unwrap_or_default();
    let also: &[&str] = match kind {
        "boolean" => &[],
        "number" | "integer" => &["minimum", "maximum"],
        "string" if schema.contains_key("oneOf") => &["oneOf"],
        "string" if schema.contains_key("enum") => &["enum", "enumNames"],
        "string" => &["minLength", "maxLength", "pattern", "format"],
        "array" => &["items", "minItems", "maxItems"],
        _ => return Err(format!("{of} must be a text, a number, a switch, or a choice")),
    };
    only(schema, &of, &[&ANY, also].concat())?;
    if let Some(format) = schema.get("format").and_then(Value::as_str)
        && !FORMATS.contains(&format)
    {
        return Err(format!("{of}: `{format}` is no format of forms; there are: {}", FORMATS.join(", ")));
    }
    if let Some(named) = schema.get("oneOf") {
        titled(&of, named)?;
    }
    if let Some(plain) = schema.get("enum") {
        texts(&of, plain)?;
    }
    if kind == "array" {
        let items = schema.get("items").and_then(Value::as_object);
        let items = items.ok_or_else(|| format!("{of} is a list without choices"))?;
        match (items.get("enum"), items.get("anyOf")) {
            (Some(plain), None) => texts(&of, plain)?,
            (None, Some(named)) => titled(&of, named)?,
            _ => return Err(format!("{of} is a list of something else than choices")),
        }
        only(items, &of, &["type", "enum", "anyOf"])?;
    }
    Ok(())
}

/// Choices that each have a title.
fn titled(of: &str, choices: &Value) -> Result<(), String> {
    let choices = choices.as_array().filter(|choices| !choices.is_empty());
    let whole = |choice: &Value| {
        let text = |word: &str| choice.get(word).is_some_and(Value::is_string);
        choice.as_object().is_some_and(|choice| choice.len() == 2) && text("const") && text("title")
    };
    match choices.is_some_and(|choices| choices.iter().all(whole)) {
        true => Ok(()),
        false => Err(format!("{of}: each choice has a `const` and a `title`, both texts")),
    }
}

fn texts(of: &str, choices: &Value) -> Result<(), String> {
    let choices = choices.as_array().filter(|choices| !choices.is_empty());
    match choices.is_some_and(|choices| choices.iter().all(Value::is_string)) {
        true => Ok(()),
        false => Err(format!("{of}: its choices must be texts")),
    }
}

fn only(schema: &Object, of: &str, words: &[&str]) -> Result<(), String> {
    match schema.keys().find(|word| !words.contains(&word.as_str())) {
        Some(word) => Err(format!("{of} has `{word}`, which forms do not")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn with(name: &str, field: Value) -> Result<Value, String> {
        checked(json!({ "type": "object", "properties": { name: field }, "required": [name] }))
    }

    #[test]
    fn what_every_client_can_show_is_taken() {
        for field in [
            json!({ "type": "string", "title": "Name", "minLength": 1, "maxLength": 9, "default": "a" }),
            json!({ "type": "string", "format": "date-time" }),
            json!({ "type": "number", "minimum": 0.5, "default": 95.5 }),
            json!({ "type": "integer", "maximum": 9 }),
            json!({ "type": "boolean", "default": true }),
            json!({ "type": "string", "enum": ["a", "b"], "default": "a" }),
            json!({ "type": "string", "enum": ["a"], "enumNames": ["A"] }),
            json!({ "type": "string", "oneOf": [{ "const": "a", "title": "A" }] }),
            json!({ "type": "array", "items": { "type": "string", "enum": ["a"] }, "minItems": 1 }),
            json!({ "type": "array", "items": { "anyOf": [{ "const": "a", "title": "A" }] }, "default": ["a"] }),
        ] {
            assert!(with("x", field.clone()).is_ok(), "{field}");
        }
        assert!(checked(json!({ "type": "object", "properties": {} })).is_ok());
    }

    #[test]
    fn everything_else_is_refused_with_the_reason() {
        for (name, field, reason) in [
            ("x", json!({ "type": "object", "properties": {} }), "must be a text"),
            ("x", json!({ "type": ["string", "null"] }), "must be a text"),
            ("x", json!({ "type": "string", "const": "a" }), "has `const`"),
            ("x", json!({ "type": "string", "format": "uuid" }), "no format of forms"),
            ("x", json!({ "type": "array", "items": { "type": "string" } }), "something else than choices"),
            ("x", json!({ "type": "array" }), "without choices"),
            ("x", json!({ "type": "string", "enum": [1] }), "must be texts"),
            ("x", json!({ "type": "string", "oneOf": [{ "const": "a" }] }), "a `title`"),
            ("x", json!({ "type": "string", "writeOnly": true }), "elicit_url"),
            ("API_key", json!({ "type": "string" }), "elicit_url"),
            ("newPassword", json!({ "type": "string" }), "elicit_url"),
        ] {
            let fault = with(name, field.clone()).unwrap_err();
            assert!(fault.contains(reason), "{field}: {fault}");
        }
        for form in [
            json!({ "properties": {} }),
            json!({ "type": "object" }),
            json!({ "type": "object", "properties": {}, "required": ["x"] }),
            json!({ "type": "object", "properties": {}, "allOf": [] }),
            json!("form"),
        ] {
            assert!(checked(form.clone()).is_err(), "{form}");
        }
    }
}
