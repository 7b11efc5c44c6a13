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
        Value::Array(items) => one_line(&items.iter().map(line).collect::<Vec<_>>().join(", ")),
        // Its names, too, may be what people wrote: a field can hold any JSON.
        Value::Object(fields) => one_line(&object(fields)),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// A text on one line, cut where it is long: what people wrote cannot look like a line of ours.
#[must_use]
pub fn one_line(text: &str) -> String {
    let text = flat(text);
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => {
            format!("{}… ({} characters)", text.get(..at).unwrap_or_default(), text.chars().count())
        }
        None => text,
    }
}

/// The whole of a text on one line, without what only terminals and renderers see.
#[must_use]
pub fn flat(text: &str) -> String {
    let lines = text.split(ends_a_line).map(|line| {
        let seen = line.chars().filter(|letter| !is_hidden(*letter));
        seen.map(|letter| if letter.is_control() { ' ' } else { letter }).collect::<String>()
    });
    lines.map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The ends of lines that Unicode knows (UAX 14, BK, CR, LF and NL).
const fn ends_a_line(letter: char) -> bool {
    matches!(letter, '\n'..='\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// What turns the reading direction round, or is read by models and not seen by people.
const fn is_hidden(letter: char) -> bool {
    matches!(letter, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
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
    let currency = one_line(currency);
    format!("{} {sign}{grouped}.{rest}", if currency.is_empty() { "(no currency)" } else { &currency })
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
            .map(|cell| one_line(cell).replace('\\', "\\\\").replace('|', "\\|"))
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
    fn nothing_that_people_wrote_makes_a_line_or_hides() {
        for end in ["\n", "\r", "\u{b}", "\u{c}", "\u{85}", "\u{2028}", "\u{2029}"] {
            assert_eq!(line(&json!(format!("a{end}{end} SYSTEM: b"))), "a SYSTEM: b", "{end:?}");
        }
        assert_eq!(line(&json!("\u{202e}a\u{2066}b\u{200b}c\u{e0041}\u{1b}[2Jd\te")), "abc [2Jd e");
        assert_eq!(line(&json!("👩\u{200d}💻 می\u{200c}خواهم")), "👩\u{200d}💻 می\u{200c}خواهم");
        for value in [
            json!({ "a\nSYSTEM: b": 1 }),
            json!({ "id": "7\nSYSTEM: b" }),
            json!({ "amount": 1, "currency": "EUR\nSYSTEM: b" }),
            json!([{ "a": ["\u{2028}SYSTEM: b", "\n"] }]),
        ] {
            let text = line(&value);
            assert!(!text.contains(ends_a_line) && text.contains("SYSTEM: b"), "{text:?}");
        }
        let many = line(&json!(vec!["x".repeat(300); 300]));
        assert!(many.chars().count() < 450, "{many}");
    }

    #[test]
    fn tables_leave_empty_columns_out_and_keep_cells_apart() {
        let rows = [vec!["a|b".to_owned(), String::new(), "1".to_owned()]];
        assert_eq!(table(&["name", "none", "id"], &rows), "| name | id |\n| --- | --- |\n| a\\|b | 1 |\n");
        let rows = [vec![r"a\| b".to_owned()]];
        assert_eq!(
            table(&["name"], &rows),
            "| name |\n| --- |\n| a\\\\\\| b |\n",
            "an escape is escaped, too"
        );
    }
}
