//! Arguments that clients repeat in HTTP headers (MCP 2026-07-28, Custom Headers from Tool Parameters).

use http::HeaderName;
use serde_json::{Map, Value};

/// The word of a schema that asks for it.
const WORD: &str = "x-mcp-header";

/// An argument that clients repeat in the header `Mcp-Param-…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mirrored {
    /// The whole name of the header.
    pub header: HeaderName,
    /// The names that lead to the argument, outermost first.
    pub path: Vec<String>,
    /// Whether it is a whole number, which is compared as such.
    pub integer: bool,
}

/// The arguments of a schema that are repeated.
///
/// # Errors
/// A word stands where clients would refuse the whole tool for it, and why.
pub(super) fn all(schema: &Map<String, Value>) -> Result<Vec<Mirrored>, String> {
    let mut found = Vec::new();
    below(schema, &mut Vec::new(), &mut found)?;
    let said = count(&Value::Object(schema.clone()));
    if said > found.len() {
        return Err(format!("`{WORD}` stands where no chain of `properties` leads to"));
    }
    Ok(found)
}

fn below(
    schema: &Map<String, Value>,
    path: &mut Vec<String>,
    found: &mut Vec<Mirrored>,
) -> Result<(), String> {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return Ok(()) };
    for (name, property) in properties {
        let Some(property) = property.as_object() else { continue };
        path.push(name.clone());
        if let Some(said) = property.get(WORD) {
            let one = one(said, property, path)?;
            if found.iter().any(|other| other.header == one.header) {
                return Err(format!("two arguments have the `{WORD}` {said}"));
            }
            found.push(one);
        }
        below(property, path, found)?;
        path.pop();
    }
    Ok(())
}

fn one(said: &Value, property: &Map<String, Value>, path: &[String]) -> Result<Mirrored, String> {
    let place = path.join(".");
    let header = said.as_str().filter(|name| !name.is_empty());
    let header = header.and_then(|name| HeaderName::try_from(format!("mcp-param-{name}")).ok());
    let Some(header) = header else { return Err(format!("`{place}`: {said} is no name for a header")) };
    let kinds: Vec<&str> = match property.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).filter(|t| *t != "null").collect(),
        _ => Vec::new(),
    };
    match kinds.as_slice() {
        [kind @ ("string" | "boolean" | "integer")] => {
            Ok(Mirrored { header, path: path.to_vec(), integer: *kind == "integer" })
        }
        _ => Err(format!("`{place}`: `{WORD}` is for texts, whole numbers and booleans alone")),
    }
}

/// How often the word stands in a schema, wherever that is.
fn count(schema: &Value) -> usize {
    match schema {
        Value::Object(words) => {
            let here = usize::from(words.get(WORD).is_some_and(Value::is_string));
            here + words.values().map(count).sum::<usize>()
        }
        Value::Array(items) => items.iter().map(count).sum(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(properties: Value) -> Result<Vec<String>, String> {
        let schema = json!({ "type": "object", "properties": properties });
        let found = all(schema.as_object().unwrap())?;
        Ok(found.iter().map(|one| format!("{} {} {}", one.header, one.path.join("."), one.integer)).collect())
    }

    #[test]
    fn words_are_found_along_properties() {
        let found = of(json!({
            "region": { "type": "string", "x-mcp-header": "Region" },
            "plain": { "type": "string" },
            "deep": { "type": "object", "properties": { "n": { "type": ["integer", "null"], "x-mcp-header": "N" } } },
        }));
        assert_eq!(found.unwrap(), ["mcp-param-region region false", "mcp-param-n deep.n true"]);
    }

    #[test]
    fn what_clients_would_refuse_a_tool_for_is_refused_here() {
        for (properties, why) in [
            (json!({ "a": { "type": "number", "x-mcp-header": "A" } }), "whole numbers"),
            (json!({ "a": { "x-mcp-header": "A" } }), "whole numbers"),
            (json!({ "a": { "type": "string", "x-mcp-header": "" } }), "no name"),
            (json!({ "a": { "type": "string", "x-mcp-header": "a b" } }), "no name"),
            (json!({ "a": { "type": "string", "x-mcp-header": 7 } }), "no name"),
            (
                json!({ "a": { "type": "string", "x-mcp-header": "A" }, "b": { "type": "string", "x-mcp-header": "a" } }),
                "two arguments",
            ),
            (
                json!({ "a": { "type": "array", "items": { "type": "string", "x-mcp-header": "A" } } }),
                "no chain",
            ),
        ] {
            let refused = of(properties.clone()).unwrap_err();
            assert!(refused.contains(why), "{properties}: {refused}");
        }
    }
}
