//! Create or update: which of the given records are there already, deleted ones among them, by id or unique value.

use super::{
    prepare::joins,
    step::{Step, Target, Verb},
};
use crate::{
    seam::{Common, ToolError},
    tools::twenty::{
        records::{
            document::{Document, ROOTS},
            engine::Records,
            find::{PAGE, nodes},
            id::RecordId,
            reference::spellings,
            selection::selection,
        },
        workspace::schema::Object,
    },
};
use serde_json::{Map, Value, json};

/// Records that one root field looks for.
const CHUNK: usize = 60;

/// A value that only one record has, and where it is kept.
struct Key {
    path: Vec<String>,
    values: Vec<String>,
}

impl Key {
    fn filter(&self) -> Value {
        self.path.iter().rev().fold(json!({ "in": self.values }), |inner, name| json!({ name: inner }))
    }

    fn fits(&self, record: &Value) -> bool {
        let value = self.path.iter().try_fold(record, |value, name| value.get(name)).and_then(Value::as_str);
        value.is_some_and(|value| self.values.iter().any(|known| known.eq_ignore_ascii_case(value)))
    }
}

/// The same steps with every upsert made a create, an update, or a restore and an update.
///
/// # Errors
/// A given record is like two that are there, or the workspace does not answer.
pub(super) async fn decide(
    records: &Records<'_>,
    cx: &Common,
    steps: Vec<Step>,
) -> Result<Vec<Step>, ToolError> {
    if !steps.iter().any(|step| step.verb == Verb::Upsert) {
        return Ok(steps);
    }
    let (mut visible, mut deleted) = (Vec::new(), Vec::new());
    let upserts: Vec<&Step> = steps.iter().filter(|step| step.verb == Verb::Upsert).collect();
    // Two root fields each: those in sight and those out of it.
    for document in upserts.chunks(CHUNK * ROOTS / 2) {
        let found = look(records, cx, document).await?;
        visible.extend(found.0);
        deleted.extend(found.1);
    }
    let mut decided = Vec::with_capacity(steps.len());
    for step in steps {
        if step.verb == Verb::Upsert {
            one(records.object(&step.object)?, step, &visible, &deleted, &mut decided)?;
        } else {
            decided.push(step);
        }
    }
    Ok(decided)
}

async fn look(
    records: &Records<'_>,
    cx: &Common,
    steps: &[&Step],
) -> Result<(Vec<Value>, Vec<Value>), ToolError> {
    let (mut document, mut aliases) = (Document::default(), Vec::new());
    for chunk in steps.chunks(CHUNK) {
        let Some(first) = chunk.first() else { continue };
        let object = records.object(&first.object)?;
        let any: Vec<Value> =
            chunk.iter().flat_map(|step| keys(object, &step.data)).map(|key| key.filter()).collect();
        if any.is_empty() {
            continue;
        }
        let extra: Vec<String> = chunk.iter().flat_map(|step| joins(object, &step.data)).collect();
        let mut extra: Vec<&str> = extra.iter().flat_map(|names| names.split_whitespace()).collect();
        extra.sort_unstable();
        extra.dedup();
        let selected = format!("{} {}", selection(records.workspace(), object), extra.join(" "));
        let kind = format!("{}FilterInput", object.kind());
        let mut root = |filter: Value| {
            let filter = document.variable(&kind, filter);
            document.root(&format!(
                "{}(first: {PAGE}, filter: {filter}) {{ edges {{ node {{ {selected} }} }} }}",
                object.plural
            ))
        };
        let visible = root(json!({ "or": any }));
        aliases.push((visible, root(json!({ "or": any, "deletedAt": { "is": "NOT_NULL" } }))));
    }
    if document.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let data = records.read(cx, document).await?;
    let of = |alias: &String| nodes(data.get(alias).and_then(|answer| answer.get("edges")));
    let (visible, deleted): (Vec<_>, Vec<_>) =
        aliases.iter().map(|(visible, deleted)| (of(visible), of(deleted))).unzip();
    Ok((visible.concat(), deleted.concat()))
}

fn one(
    object: &Object,
    mut step: Step,
    visible: &[Value],
    deleted: &[Value],
    decided: &mut Vec<Step>,
) -> Result<(), ToolError> {
    let keys = keys(object, &step.data);
    let like = |among: &[Value]| {
        among.iter().filter(|record| keys.iter().any(|key| key.fits(record))).cloned().collect::<Vec<_>>()
    };
    let (found, gone) = (like(visible), like(deleted));
    if found.len() + gone.len() > 1 {
        let ids: Vec<String> = found
            .iter()
            .chain(&gone)
            .filter_map(|record| Some(RecordId::of(record).ok()?.to_string()))
            .collect();
        return Err(ToolError::ambiguous(format_args!(
            "one of the records is like several that are there: {} {}",
            object.singular,
            ids.join(", ")
        ))
        .hint("merge those first, or give the id of the one that is meant and leave the other unique values out"));
    }
    let Some(record) = found.into_iter().chain(gone.iter().cloned()).next() else {
        if let Target::New(id) = &step.target {
            step.data.insert("id".into(), Value::String(id.to_string()));
        }
        decided.push(Step { verb: Verb::Create, ..step });
        return Ok(());
    };
    step.data.remove("id");
    step.target = Target::Read(record);
    if !gone.is_empty() {
        decided.push(Step { verb: Verb::Restore, data: Map::new(), ..step.clone() });
    }
    if !step.data.is_empty() {
        decided.push(Step { verb: Verb::Update, ..step });
    }
    Ok(())
}

/// What tells a record from all others, among the values that it is given.
fn keys(object: &Object, data: &Map<String, Value>) -> Vec<Key> {
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let mut keys: Vec<Key> = Vec::new();
    if let Some(id) = data.get("id").and_then(text) {
        keys.push(Key { path: vec!["id".into()], values: vec![id] });
    }
    for field in object.fields.iter().filter(|field| field.active && field.unique && field.name != "id") {
        let Some(value) = data.get(&field.name) else { continue };
        let (part, value) = match field.kind.as_str() {
            "EMAILS" => (Some("primaryEmail"), value.get("primaryEmail").and_then(text)),
            "LINKS" => (Some("primaryLinkUrl"), value.get("primaryLinkUrl").and_then(text)),
            "TEXT" => (None, text(value)),
            _ => (None, None),
        };
        let Some(value) = value else { continue };
        let path = std::iter::once(field.name.clone()).chain(part.map(str::to_owned)).collect();
        let values = match part {
            Some("primaryLinkUrl") => spellings(&value).unwrap_or_else(|| vec![value]),
            _ => vec![value],
        };
        keys.push(Key { path, values });
    }
    keys
}
