//! Conditions that must all hold, as one filter.

use serde_json::{Map, Value, json};

/// The conditions so far, in one object where they do not get into each other's way.
#[derive(Debug, Default)]
pub struct Conjunction {
    merged: Map<String, Value>,
    rest: Vec<Value>,
}

impl Conjunction {
    /// One more condition.
    pub fn push(&mut self, condition: Value) {
        match condition {
            Value::Object(fields) if fits(&self.merged, &fields) => merge(&mut self.merged, fields),
            condition => self.rest.push(condition),
        }
    }

    /// The filter of them all; empty for none.
    #[must_use]
    pub fn done(mut self) -> Value {
        if !self.rest.is_empty() {
            match self.merged.get_mut("and") {
                Some(Value::Array(all)) => all.append(&mut self.rest),
                _ => {
                    self.merged.insert("and".to_owned(), json!(self.rest));
                }
            }
        }
        Value::Object(self.merged)
    }
}

fn fits(there: &Map<String, Value>, more: &Map<String, Value>) -> bool {
    more.iter().all(|(name, value)| match (there.get(name), value) {
        (None, _) => true,
        (Some(Value::Object(there)), Value::Object(more)) if name != "not" => fits(there, more),
        _ => false,
    })
}

fn merge(there: &mut Map<String, Value>, more: Map<String, Value>) {
    for (name, value) in more {
        match (there.get_mut(&name), value) {
            (Some(Value::Object(there)), Value::Object(more)) => merge(there, more),
            (_, value) => {
                there.insert(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_share_one_object_until_they_clash() {
        let mut all = Conjunction::default();
        for condition in [
            json!({ "amount": { "amountMicros": { "gte": 1 } } }),
            json!({ "amount": { "amountMicros": { "lt": 9 }, "currencyCode": { "eq": "EUR" } } }),
            json!({ "or": [1] }),
            json!({ "or": [2] }),
            json!({ "not": { "a": 1 } }),
            json!({ "not": { "b": 1 } }),
        ] {
            all.push(condition);
        }
        assert_eq!(
            all.done(),
            json!({
                "amount": { "amountMicros": { "gte": 1, "lt": 9 }, "currencyCode": { "eq": "EUR" } },
                "or": [1],
                "not": { "a": 1 },
                "and": [{ "or": [2] }, { "not": { "b": 1 } }],
            })
        );
        assert_eq!(Conjunction::default().done(), json!({}));
    }
}
