//! Records as text for models: one field a line, or a compact table. What people wrote stays on its line and in its cell.

use serde_json::{Map, Value};
use std::fmt::{self, Write as _};

/// The longest text that is shown of one field, in characters; the whole of it is in the structured answer.
const LONGEST: usize = 400;

/// How many rows of a list are shown.
pub const ROWS: usize = 50;

/// The line under a list that says how to see the rest of it; `given` of `total` are in the structured answer.
#[must_use]
pub fn rest(offset: usize, given: usize, total: usize) -> String {
    let shown = given.min(ROWS);
    let next = offset.saturating_add(shown);
    match (next < total && shown > 0, given > shown) {
        (false, _) => String::new(),
        (true, false) => format!("More: call again with offset {next}."),
        (true, true) => {
            format!("More: the structured answer holds {given}, or call again with offset {next}.")
        }
    }
}

/// A value on one line.
#[must_use]
pub fn line(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => one_line(text),
        Value::Array(items) => items.iter().map(line).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => object(fields),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// A text on one line: what people wrote cannot look like a line of ours.
#[must_use]
pub fn one_line(text: &str) -> String {
    let text: String =
        text.split(['\n', '\r']).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => {
            format!("{}… ({} characters)", text.get(..at).unwrap_or_default(), text.chars().count())
        }
        None => text,
    }
}

fn object(fields: &Map<String, Value>) -> String {
    if let (Some(amount), Some(currency)) = (fields.get("amount"), fields.get("currency")) {
        return money(amount.as_f64().unwrap_or_default(), currency.as_str().unwrap_or_default());
    }
    if let Some(id) = fields.get("id").and_then(Value::as_str) {
        return match fields.get("name").and_then(Value::as_str) {
            Some(name) => format!("{} (id {id})", one_line(name)),
            None => format!("id {id}"),
        };
    }
    let parts = fields.iter().map(|(name, value)| format!("{name} {}", line(value)));
    parts.collect::<Vec<_>>().join(", ")
}

/// An amount with its currency: `EUR 1,234.50`.
#[must_use]
pub fn money(amount: f64, currency: &str) -> String {
    let cents = (amount * 100.0).round() / 100.0;
    let text = format!("{:.2}", cents.abs());
    let (whole, rest) = text.split_once('.').unwrap_or((&text, "00"));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if cents < 0.0 { "-" } else { "" };
    format!("{} {sign}{grouped}.{rest}", if currency.is_empty() { "(no currency)" } else { currency })
        .trim()
        .to_owned()
}

/// Fields, one a line, empty ones left out.
///
/// # Errors
/// As the formatter fails.
pub fn lines<'a>(
    f: &mut impl fmt::Write,
    fields: impl IntoIterator<Item = (&'a str, &'a Value)>,
) -> fmt::Result {
    for (name, value) in fields {
        let text = line(value);
        if !text.is_empty() {
            writeln!(f, "{name}: {text}")?;
        }
    }
    Ok(())
}

/// A table with these columns; empty columns are left out.
#[must_use]
pub fn table(columns: &[&str], rows: &[Vec<String>]) -> String {
    let used: Vec<usize> = (0..columns.len())
        .filter(|at| rows.iter().any(|row| row.get(*at).is_some_and(|cell| !cell.is_empty())))
        .collect();
    let mut out = String::new();
    let mut put = |cells: Vec<String>| {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    };
    put(used.iter().filter_map(|at| columns.get(*at)).map(ToString::to_string).collect());
    put(used.iter().map(|_| "---".to_owned()).collect());
    for row in rows {
        put(used
            .iter()
            .filter_map(|at| row.get(*at))
            .map(|cell| one_line(cell).replace('|', "\\|"))
            .collect());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_stay_on_their_line() {
        assert_eq!(line(&json!("a\n- b\r\nc")), "a - b c");
        assert_eq!(line(&json!({ "amount": 1_234_567.5, "currency": "EUR" })), "EUR 1,234,567.50");
        assert_eq!(line(&json!({ "amount": -12, "currency": "USD" })), "USD -12.00");
        assert_eq!(line(&json!({ "id": "7", "name": "Acme" })), "Acme (id 7)");
        assert_eq!(line(&json!(["a", 5, true])), "a, 5, true");
        let long = "é".repeat(500);
        assert!(line(&json!(long)).ends_with("… (500 characters)"));
    }

    #[test]
    fn tables_leave_empty_columns_out_and_keep_cells_apart() {
        let rows = [vec!["a|b".to_owned(), String::new(), "1".to_owned()]];
        assert_eq!(table(&["name", "none", "id"], &rows), "| name | id |\n| --- | --- |\n| a\\|b | 1 |\n");
    }
}
