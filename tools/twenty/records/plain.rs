//! A record as Twenty answers it, made plain: composites as people write them, nothing empty.

use crate::tools::twenty::workspace::schema::Object;
use serde_json::{Map, Value, json};

/// A record without its empty fields, composites made plain by their field's type.
#[must_use]
pub fn plain(object: &Object, record: &Value) -> Map<String, Value> {
    let mut out = Map::new();
    let Some(record) = record.as_object() else { return out };
    for (name, value) in record {
        let kind = object.field(name).map_or("", |field| field.kind.as_str());
        let value = one(kind, value);
        if !empty(&value) {
            out.insert(name.clone(), value);
        }
    }
    out
}

fn one(kind: &str, value: &Value) -> Value {
    let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
    match kind {
        "FULL_NAME" => json!(format!("{} {}", text("firstName"), text("lastName")).trim()),
        "EMAILS" => several(text("primaryEmail"), value.get("additionalEmails"), "email"),
        "PHONES" => {
            let first = format!("{}{}", text("primaryPhoneCallingCode"), text("primaryPhoneNumber"));
            let first = if text("primaryPhoneNumber").is_empty() { "" } else { first.as_str() };
            several(first, value.get("additionalPhones"), "number")
        }
        "LINKS" => several(text("primaryLinkUrl"), value.get("secondaryLinks"), "url"),
        "CURRENCY" => match value.get("amountMicros").and_then(micros) {
            Some(amount) => json!({ "amount": amount, "currency": text("currencyCode") }),
            None => Value::Null,
        },
        "RICH_TEXT" | "RICH_TEXT_V2" => value.get("markdown").cloned().unwrap_or_default(),
        "ACTOR" => json!(format!("{} {}", text("name"), text("source")).trim()),
        "ADDRESS" => Value::Object(full(value)),
        "RELATION" | "MORPH_RELATION" => related(value),
        _ => value.clone(),
    }
}

/// Millionths of a unit as units.
#[must_use]
pub fn micros(value: &Value) -> Option<f64> {
    let micros = value.as_f64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
    micros.map(|micros| micros / 1e6)
}

/// What a record is called: its label field in plain form.
#[must_use]
pub fn label(object: &Object, record: &Value) -> Option<String> {
    let field = object.field(object.label_field.as_ref()?)?;
    match one(&field.kind, record.get(&field.name)?) {
        Value::String(text) if !text.is_empty() => Some(text),
        Value::Array(items) => items.first().and_then(Value::as_str).map(str::to_owned),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A record that is pointed at: its id and what it is called.
fn related(value: &Value) -> Value {
    let Some(record) = value.as_object() else { return Value::Null };
    let name = record.iter().find(|(name, _)| *name != "id").map(|(_, value)| match value {
        Value::Object(parts) => {
            let parts: Vec<&str> =
                parts.values().filter_map(Value::as_str).filter(|part| !part.is_empty()).collect();
            json!(parts.join(" "))
        }
        other => other.clone(),
    });
    json!({ "id": record.get("id"), "name": name })
}

fn several(first: &str, more: Option<&Value>, key: &str) -> Value {
    let more = more.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let text = |value: &Value| value.as_str().or_else(|| value.get(key)?.as_str()).map(str::to_owned);
    let mut all: Vec<String> =
        Some(first.to_owned()).into_iter().chain(more.iter().filter_map(text)).collect();
    all.retain(|text| !text.is_empty());
    if all.len() > 1 { json!(all) } else { json!(all.pop().unwrap_or_default()) }
}

fn full(value: &Value) -> Map<String, Value> {
    let fields = value.as_object().cloned().unwrap_or_default();
    fields.into_iter().filter(|(_, value)| !empty(value)).collect()
}

fn empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}
