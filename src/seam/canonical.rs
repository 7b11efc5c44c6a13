//! JSON as one text, however it was written.

use serde_json::Value;
use std::fmt::Write as _;

/// JSON whose names are in order: what is written anew with other spacing or in another order is the same text.
#[must_use]
pub fn canonical(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by(|one, other| one.0.cmp(other.0));
            out.push('{');
            for (at, (name, value)) in fields.into_iter().enumerate() {
                // Writing to a String cannot fail.
                let _ = write!(out, "{}{}:", if at > 0 { "," } else { "" }, Value::from(name.as_str()));
                write(value, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                write(item, out);
            }
            out.push(']');
        }
        other => {
            let _ = write!(out, "{other}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_names_does_not_matter_and_that_of_items_does() {
        let text = |json: &str| canonical(&serde_json::from_str(json).unwrap());
        assert_eq!(
            text(r#"{"b": [1, {"d": null, "c": "\""}], "a": true}"#),
            r#"{"a":true,"b":[1,{"c":"\"","d":null}]}"#
        );
        assert_ne!(text("[1,2]"), text("[2,1]"));
    }
}
