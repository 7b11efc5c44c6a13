//! How a change is taken back: what stands in the workspace now, held against what the journal says.

use super::{
    entry::{BatchState, Change, ChangeState, Effect, Item},
    known::{Known, Sight},
    step::{Step, Target, Verb},
};
use crate::{
    seam::{Common, ToolError},
    tools::twenty::records::{engine::Records, plain::label, selection::hidden, text::one_line},
};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::HashMap;
use uuid::Uuid;

/// What became of one record of a change, and what can be done about it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Left {
    /// The record's object.
    pub object: String,
    /// Its id.
    pub id: String,
    /// Why it stays as it is.
    pub reason: String,
}

/// How a change can be taken back.
#[derive(Default)]
pub struct Revert {
    /// The steps that do it, the last change first.
    pub steps: Vec<Step>,
    /// Records that the change reached.
    pub applied: usize,
    /// Records that are as they were before it: it never reached them, or they were put back.
    pub as_before: usize,
    /// Records that were changed and are left as they are.
    pub left: Vec<Left>,
    restored: Restored,
    since: Option<Timestamp>,
}

/// How far the workspace's clock may be from ours.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// For a record that was put back: when it was written then, and when it was last written before what was taken back. To
/// earlier changes the two are one state.
type Restored = HashMap<(Uuid, String), String>;

fn restored(history: &[Change]) -> Restored {
    let updates = |undone: bool| {
        let of = history.iter().filter(move |change| (change.state == ChangeState::Undone) == undone);
        of.flat_map(|change| &change.batches).flat_map(|batch| &batch.items).filter_map(|item| {
            let Effect::Updated { before, .. } = &item.effect else { return None };
            Some((item.id, before.get("updatedAt")?.as_str()?.to_owned(), item.after.clone()?))
        })
    };
    // A change went from `before` to `after`, and taking it back from `after` to now.
    let undone: HashMap<(Uuid, String), String> =
        updates(true).map(|(id, before, after)| ((id, after), before)).collect();
    let back =
        updates(false).filter_map(|(id, after, now)| Some(((id, now), undone.get(&(id, after))?.clone())));
    back.collect()
}

/// Where a record is now.
enum Now<'a> {
    There(&'a Value),
    Deleted(&'a Value),
    Gone,
}

/// Finds out how a change can be taken back: one request, or one for each 200 records of an object. `history` is what else the
/// caller changed.
///
/// # Errors
/// The workspace does not answer.
pub async fn revert(
    records: &Records<'_>,
    cx: &Common,
    change: &Change,
    history: &[Change],
) -> Result<Revert, ToolError> {
    let mut known = Known::default();
    for item in change
        .batches
        .iter()
        .filter(|batch| batch.state != BatchState::Refused)
        .flat_map(|batch| &batch.items)
    {
        let Ok(object) = records.object(&item.object) else { continue };
        let hidden = hidden(object).into_iter().map(str::to_owned);
        known.want(object, Sight::Either, item.id.into(), hidden.collect());
    }
    let found = known.fetch(records, cx).await?;
    let now = |item: &Item| match found.get(&(item.object.clone(), item.id.into())) {
        Some(record) if record.get("deletedAt").is_none_or(Value::is_null) => Now::There(record),
        Some(record) => Now::Deleted(record),
        None => Now::Gone,
    };
    let mut back = Revert { restored: restored(history), since: Some(change.at), ..Revert::default() };
    for batch in change.batches.iter().rev() {
        for item in batch.items.iter().rev() {
            match batch.state {
                BatchState::Pending => back.take(records, item, false, &now(item)),
                BatchState::Applied if batch.reached(item) => back.take(records, item, true, &now(item)),
                BatchState::Applied | BatchState::Refused => back.as_before += 1,
            }
        }
    }
    Ok(back)
}

impl Revert {
    fn take(&mut self, records: &Records<'_>, item: &Item, surely: bool, now: &Now<'_>) {
        let Ok(object) = records.object(&item.object) else {
            return self.leave(item, "the workspace has no such object any more");
        };
        let untouched = |record: &Value| match &item.after {
            Some(after) => self.is_of(record, item.id, after),
            None => !surely,
        };
        let step = |verb, record: &Value, data| Step {
            verb,
            object: item.object.clone(),
            target: Target::Read(record.clone()),
            data,
            others: Vec::new(),
            expected: None,
        };
        match (&item.effect, now) {
            // An id that the caller chose, and that an older record has.
            (Effect::Created, Now::There(record)) if !surely && self.older(record) => self.as_before += 1,
            (Effect::Created, Now::There(record)) if untouched(record) => {
                self.step(step(Verb::Delete, record, Map::new()))
            }
            (Effect::Created, Now::There(record)) => {
                let name = one_line(&label(object, record).unwrap_or_default());
                self.leave(item, &format!("`{name}` was changed since it was made"));
            }
            (Effect::Created, Now::Gone) if !surely => self.as_before += 1,
            (Effect::Created, Now::Deleted(_) | Now::Gone) => self.leave(item, "it was deleted since"),
            (Effect::Updated { before, sent }, Now::There(record)) => {
                let (at, mut data) = (before.get("updatedAt"), before.clone());
                data.remove("updatedAt");
                if same(&data, record) || (!surely && at.is_some() && at == record.get("updatedAt")) {
                    self.as_before += 1;
                } else if (surely && untouched(record)) || same(sent, record) {
                    self.step(step(Verb::Update, record, data));
                } else {
                    self.leave(item, "the same fields were changed since");
                }
            }
            (Effect::Updated { .. }, _) => self.leave(item, "it was deleted since"),
            (Effect::Deleted, Now::Deleted(record)) => self.step(step(Verb::Restore, record, Map::new())),
            (Effect::Deleted, Now::There(_)) if !surely => self.as_before += 1,
            (Effect::Deleted, Now::There(_)) => self.leave(item, "it was restored since"),
            (Effect::Deleted, Now::Gone) => self.leave(item, "it was destroyed since"),
            (Effect::Restored, Now::There(record)) => self.step(step(Verb::Delete, record, Map::new())),
            (Effect::Restored, Now::Deleted(_)) if !surely => self.as_before += 1,
            (Effect::Restored, _) => self.leave(item, "it was deleted again since"),
            (Effect::Destroyed { .. } | Effect::Merged { .. }, Now::There(_)) if !surely => {
                self.as_before += 1
            }
            (Effect::Destroyed { .. }, _) => self.leave(item, "what was destroyed cannot come back"),
            (Effect::Merged { into, .. }, _) => {
                self.leave(item, &format!("it became part of {into}, and a merge cannot be taken apart"));
            }
        }
    }

    /// Whether a record was there before the change began.
    fn older(&self, record: &Value) -> bool {
        let made =
            record.get("createdAt").and_then(Value::as_str).and_then(|at| at.parse::<Timestamp>().ok());
        made.zip(self.since).is_some_and(|(made, since)| made < since - SKEW)
    }

    /// Whether a record is as it was left at that time.
    fn is_of(&self, record: &Value, id: Uuid, after: &str) -> bool {
        let mut at = record.get("updatedAt").and_then(Value::as_str);
        // As often as there is something to follow at the most: times do not go round in circles, but who knows.
        for _ in 0..=self.restored.len() {
            match at {
                Some(at) if at == after => return true,
                Some(now) => at = self.restored.get(&(id, now.to_owned())).map(String::as_str),
                None => return false,
            }
        }
        false
    }

    fn step(&mut self, step: Step) {
        self.applied += 1;
        self.steps.push(step);
    }

    fn leave(&mut self, item: &Item, reason: &str) {
        self.applied += 1;
        let (object, id) = (item.object.clone(), item.id.to_string());
        self.left.push(Left { object, id, reason: reason.to_owned() });
    }
}

/// Whether a record has the values that were kept or sent.
fn same(values: &Map<String, Value>, record: &Value) -> bool {
    values.iter().all(|(name, value)| alike(value, record.get(name).unwrap_or(&Value::Null)))
}

/// Whether two values are the same to Twenty: of composites the parts that are given; empty is null, and numbers and
/// moments may be written in several ways.
fn alike(value: &Value, other: &Value) -> bool {
    match (value, other) {
        (Value::Object(parts), Value::Object(other)) => {
            parts.iter().all(|(name, value)| alike(value, other.get(name).unwrap_or(&Value::Null)))
        }
        (Value::Object(parts), Value::Null) => parts.values().all(|value| alike(value, &Value::Null)),
        (Value::Null, other) | (other, Value::Null) => match other {
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            other => other.is_null(),
        },
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b)),
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Number(number), Value::String(text)) | (Value::String(text), Value::Number(number)) => {
            text.parse::<f64>().ok() == number.as_f64()
        }
        (Value::String(a), Value::String(b)) => {
            let moment = |text: &String| text.parse::<jiff::Timestamp>();
            a == b || matches!((moment(a), moment(b)), (Ok(a), Ok(b)) if a == b)
        }
        (a, b) => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_alike_as_twenty_sees_them() {
        for (value, other) in [
            (json!(null), json!("")),
            (json!({ "a": 1 }), json!({ "a": "1", "b": 2 })),
            (json!({ "a": null }), json!(null)),
            (json!("2026-01-01T00:00:00Z"), json!("2026-01-01T00:00:00.000Z")),
            (json!(["x"]), json!(["x"])),
            (json!([]), json!(null)),
        ] {
            assert!(alike(&value, &other), "{value} {other}");
        }
        for (value, other) in [
            (json!(0), json!(null)),
            (json!(false), json!(null)),
            (json!("a"), json!("A")),
            (json!({ "a": 1 }), json!({ "b": 1 })),
            (json!(["x"]), json!(["x", "y"])),
        ] {
            assert!(!alike(&value, &other), "{value} {other}");
        }
    }
}
