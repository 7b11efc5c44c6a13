//! An answer as text for a model: short, stable, nothing empty in it.

use serde_json::{Map, Value};
use std::fmt::Write as _;

/// Any answer as text: a text as it is, an object as `name: value` lines, a list of objects as a table.
pub(super) fn text(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::String(text) => out.push_str(text),
        Value::Object(object) => lines(object, 0, &mut out),
        Value::Array(items) => list(items, 0, &mut out),
        other => out.push_str(&scalar(other)),
    }
    out.trim_end().to_owned()
}

fn lines(object: &Map<String, Value>, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    for (name, value) in object.iter().filter(|(_, value)| !empty(value)) {
        // Writing to a String cannot fail.
        let _ = match value {
            Value::Object(inner) => {
                let _ = writeln!(out, "{indent}{name}:");
                lines(inner, depth + 1, out);
                Ok(())
            }
            Value::Array(items) if items.iter().any(Value::is_object) => {
                let _ = writeln!(out, "{indent}{name} ({}):", items.len());
                list(items, depth + 1, out);
                Ok(())
            }
            value => writeln!(out, "{indent}{name}: {}", scalar(value)),
        };
    }
}

fn list(items: &[Value], depth: usize, out: &mut String) {
    let rows: Vec<&Map<String, Value>> = items.iter().filter_map(Value::as_object).collect();
    if rows.len() == items.len() && !rows.is_empty() {
        return table(&rows, out);
    }
    let indent = "  ".repeat(depth);
    for item in items {
        let _ = writeln!(out, "{indent}- {}", scalar(item));
    }
}

fn table(rows: &[&Map<String, Value>], out: &mut String) {
    let mut columns: Vec<&String> = Vec::new();
    for row in rows {
        for (name, value) in *row {
            if !empty(value) && !columns.contains(&name) {
                columns.push(name);
            }
        }
    }
    let mut line = |cells: Vec<String>| {
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    };
    line(columns.iter().map(ToString::to_string).collect());
    line(columns.iter().map(|_| "---".to_owned()).collect());
    for row in rows {
        line(columns.iter().map(|name| row.get(*name).map(cell).unwrap_or_default()).collect());
    }
}

fn cell(value: &Value) -> String {
    scalar(value).replace('|', "\\|").replace(['\n', '\r'], " ")
}

fn scalar(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(scalar).collect::<Vec<_>>().join(", "),
        Value::Object(object) => {
            let parts = object.iter().filter(|(_, value)| !empty(value));
            parts.map(|(name, value)| format!("{name} {}", scalar(value))).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

fn empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(object) => object.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn objects_are_lines_and_lists_are_tables() {
        let value = json!({
            "total": 2,
            "nothing": null,
            "people": [{ "name": "Ada | L", "id": 1 }, { "name": "Bo\nC", "id": 2, "email": "b@c.d" }],
        });
        let told = "total: 2\npeople (2):\n| name | id | email |\n| --- | --- | --- |\n| Ada \\| L | 1 |  |\n| Bo C | 2 | b@c.d |";
        assert_eq!(text(&value), told);
        assert_eq!(text(&json!("Hello")), "Hello");
        assert_eq!(text(&json!(0)), "0");
    }
}
