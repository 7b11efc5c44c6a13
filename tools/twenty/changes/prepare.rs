//! What must be known before a change: the records that it is about, and those that it names, in one request.

use super::{
    draft::Draft,
    known::{Known, Sight},
    step::{Ready, Step, Target, Verb},
    upsert::decide,
};
use crate::{
    seam::{Common, ToolError},
    tools::twenty::{
        money::complete,
        records::{
            document::{Document, ROOTS},
            engine::Records,
            id::RecordId,
            names::Wanted,
            selection::unseen,
        },
        workspace::schema::Object,
    },
};
use serde_json::{Map, Value};

/// Reads what the steps need, and makes them ready.
///
/// # Errors
/// A record is not there, a name is ambiguous, or the workspace does not answer.
pub(super) async fn prepare(
    records: &Records<'_>,
    cx: &Common,
    draft: Draft<'_>,
) -> Result<Vec<Ready>, ToolError> {
    let Draft { names, steps, .. } = draft;
    let steps = decide(records, cx, steps).await?;
    let mut known = Known::default();
    for step in &steps {
        let Target::Known(id) = &step.target else { continue };
        let sight = match step.verb {
            Verb::Restore => Sight::Deleted,
            Verb::Destroy => Sight::Either,
            _ => Sight::There,
        };
        let object = records.object(&step.object)?;
        known.want(object, sight, *id, joins(object, &step.data));
    }
    let (mut named, mut extra) = (Vec::<Wanted>::new(), Vec::<String>::new());
    for step in &steps {
        if let Target::Named(wanted) = &step.target {
            named.push(wanted.clone());
            extra.push(joins(records.object(&step.object)?, &step.data).join(" "));
        }
    }
    named.extend_from_slice(names.wanted());
    let extra: Vec<&str> = extra.iter().map(String::as_str).collect();

    let one = known.roots().is_some_and(|roots| roots + 2 * named.len() <= ROOTS);
    let (read, found) = if one {
        let mut document = Document::default();
        let aliases = known.ask(records, &mut document);
        let lookups = records.look(&mut document, &named, &extra)?;
        let data = if document.is_empty() { Map::new() } else { records.read(cx, document).await? };
        (known.read(&aliases, &data), records.looked(&named, &lookups, &data)?)
    } else {
        (known.fetch(records, cx).await?, records.look_up(cx, &named, &extra).await?)
    };

    let mut found = found.into_iter();
    let mut targets: Vec<Value> = found.by_ref().take(extra.len()).collect();
    let ids = found.map(|record| RecordId::of(&record)).collect::<Result<Vec<_>, _>>()?;
    targets.reverse();
    let (mut ready, mut missing) = (Vec::with_capacity(steps.len()), Vec::new());
    for Step { verb, object, target, data, others, expected } in steps {
        let (id, before) = match target {
            Target::New(id) => (id, Value::Null),
            Target::Known(id) => match read.get(&(object.clone(), id)) {
                Some(record) => (id, record.clone()),
                None => {
                    missing.push((object, id, verb));
                    continue;
                }
            },
            Target::Named(_) => {
                let record = targets.pop().unwrap_or_default();
                (RecordId::of(&record)?, record)
            }
            Target::Read(record) => (RecordId::of(&record)?, record),
        };
        if let Some(mut expected) = expected {
            names.fill(&mut expected.id, &ids);
            expected.hold(records.workspace(), &object, &before)?;
        }
        let mut data = Value::Object(data);
        names.fill(&mut data, &ids);
        let mut data = data.as_object_mut().map(std::mem::take).unwrap_or_default();
        if verb == Verb::Update {
            complete(records.object(&object)?, &mut data, &before);
        }
        ready.push(Ready { verb, object, id, data, others, before });
    }
    absent(&missing)?;
    Ok(ready)
}

fn absent(missing: &[(String, RecordId, Verb)]) -> Result<(), ToolError> {
    let Some((object, first, verb)) = missing.first() else { return Ok(()) };
    let state = if *verb == Verb::Restore { "deleted " } else { "" };
    let more = match missing.len() {
        1 => String::new(),
        number => format!(" (nor {} more of those given)", number - 1),
    };
    Err(ToolError::not_found(format_args!("there is no {state}{object} with the id {first}{more}"))
        .hint("it may have been deleted, or restored, meanwhile: search for it"))
}

/// The values that the default selection does not show as they are kept: join columns, and what says nothing to people.
pub(super) fn joins(object: &Object, data: &Map<String, Value>) -> Vec<String> {
    data.keys().filter(|name| unseen(object, name)).cloned().collect()
}
