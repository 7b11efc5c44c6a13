//! What one column of one row holds.

use std::{cmp::Ordering, sync::Arc};

use uuid::Uuid;

/// One value. Cloning is cheap: text and JSON are shared.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Nothing.
    #[default]
    Null,
    /// Yes or no.
    Bool(bool),
    /// A number; money is in millionths.
    Number(f64),
    /// A moment, in milliseconds since 1970.
    Time(i64),
    /// The id of a record.
    Id(Uuid),
    /// An option of a select field, by its place among the options.
    Choice(u16),
    /// Text.
    Text(Arc<str>),
    /// A list or an object.
    Json(Arc<serde_json::Value>),
}

impl Value {
    /// Text as a value.
    pub fn text(text: impl AsRef<str>) -> Value {
        Value::Text(Arc::from(text.as_ref()))
    }

    /// Whether it holds nothing.
    pub fn is_null(&self) -> bool {
        *self == Value::Null
    }

    /// The text, where it is text.
    pub fn as_text(&self) -> Option<&str> {
        if let Value::Text(text) = self { Some(text) } else { None }
    }

    /// The id, where it is one.
    pub fn as_id(&self) -> Option<Uuid> {
        if let Value::Id(id) = self { Some(*id) } else { None }
    }

    /// The number, where it is one.
    pub fn as_number(&self) -> Option<f64> {
        if let Value::Number(number) = self { Some(*number) } else { None }
    }

    /// Whether an aggregate counts it as empty: null, empty text, or an empty list or object.
    pub fn is_empty(&self) -> bool {
        match self {
            Value::Null => true,
            Value::Text(text) => text.is_empty(),
            Value::Json(json) => match json.as_ref() {
                serde_json::Value::Array(list) => list.is_empty(),
                serde_json::Value::Object(map) => map.is_empty(),
                json => json.is_null(),
            },
            _ => false,
        }
    }

    /// The order of two values of one column: text without regard to case first, options as they are listed.
    pub fn order(&self, other: &Value) -> Ordering {
        match (self, other) {
            (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
            (Value::Number(a), Value::Number(b)) => a.total_cmp(b),
            (Value::Time(a), Value::Time(b)) => a.cmp(b),
            (Value::Id(a), Value::Id(b)) => a.cmp(b),
            (Value::Choice(a), Value::Choice(b)) => a.cmp(b),
            (Value::Text(a), Value::Text(b)) => caseless(a, b).then_with(|| a.cmp(b)),
            _ => Ordering::Equal,
        }
    }
}

fn caseless(a: &str, b: &str) -> Ordering {
    a.chars().flat_map(char::to_lowercase).cmp(b.chars().flat_map(char::to_lowercase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_ordered_without_regard_to_case() {
        let mut names = ["bee", "Zoe", "Ada", "ada"].map(Value::text);
        names.sort_by(Value::order);
        assert_eq!(names, ["Ada", "ada", "bee", "Zoe"].map(Value::text));
    }

    #[test]
    fn a_value_stays_small() {
        assert!(size_of::<Value>() <= 24);
    }
}
