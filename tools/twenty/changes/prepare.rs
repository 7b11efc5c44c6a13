//! What must be known before a change: the records that it is about, and those that it names, in one request.

use super::{
    draft::Draft,
    step::{Ready, Step, Target, Verb},
    upsert::decide,
};
use crate::{
    seam::{Common, ToolError},
    tools::twenty::{
        records::{
            document::{Document, ROOTS},
            engine::Records,
            find::{PAGE, nodes},
            id::RecordId,
            names::Wanted,
            selection::selection,
        },
        workspace::schema::Object,
    },
};
use serde_json::{Map, Value, json};
use std::collections::{BTreeSet, HashMap};

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
    let known = Known::of(records, &steps)?;
    let (mut named, mut extra) = (Vec::<Wanted>::new(), Vec::<String>::new());
    for step in &steps {
        if let Target::Named(wanted) = &step.target {
            named.push(wanted.clone());
            extra.push(joins(records.object(&step.object)?, &step.data));
        }
    }
    named.extend_from_slice(names.wanted());
    let extra: Vec<&str> = extra.iter().map(String::as_str).collect();

    let one = !known.many() && known.groups.len() + 2 * named.len() <= ROOTS;
    let (read, found) = if one {
        let mut document = Document::default();
        let aliases = known.ask(records, &mut document)?;
        let lookups = records.look(&mut document, &named, &extra)?;
        let data = if document.is_empty() { Map::new() } else { records.read(cx, document).await? };
        (known.read(&aliases, &data), records.looked(&named, &lookups, &data)?)
    } else {
        (known.pages(records, cx).await?, records.look_up(cx, &named, &extra).await?)
    };

    let mut found = found.into_iter();
    let mut targets: Vec<Value> = found.by_ref().take(extra.len()).collect();
    let ids = found.map(|record| RecordId::of(&record)).collect::<Result<Vec<_>, _>>()?;
    targets.reverse();
    let (mut ready, mut missing) = (Vec::with_capacity(steps.len()), Vec::new());
    for Step { verb, object, target, data, others } in steps {
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
        let mut data = Value::Object(data);
        names.fill(&mut data, &ids);
        let data = data.as_object_mut().map(std::mem::take).unwrap_or_default();
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

/// The join columns among the values, which the default selection shows as the record that they point at.
pub(super) fn joins(object: &Object, data: &Map<String, Value>) -> String {
    let columns = data.keys().filter(|name| object.field(name).is_none() && object.joined_by(name).is_some());
    columns.map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// Records that are wanted by id, of one object, deleted ones or not.
struct Group<'a> {
    object: &'a Object,
    deleted: bool,
    extra: BTreeSet<String>,
    ids: Vec<RecordId>,
}

/// All records that are wanted by id.
struct Known<'a> {
    groups: Vec<Group<'a>>,
}

type ById = HashMap<(String, RecordId), Value>;

impl<'a> Known<'a> {
    fn of(records: &'a Records<'_>, steps: &[Step]) -> Result<Self, ToolError> {
        let mut groups: Vec<Group<'a>> = Vec::new();
        for step in steps {
            let Target::Known(id) = &step.target else { continue };
            let deleted = step.verb == Verb::Restore;
            let object = records.object(&step.object)?;
            let same =
                |group: &Group<'_>| group.object.singular == object.singular && group.deleted == deleted;
            let at = match groups.iter().position(same) {
                Some(at) => at,
                None => {
                    groups.push(Group { object, deleted, extra: BTreeSet::new(), ids: Vec::new() });
                    groups.len() - 1
                }
            };
            if let Some(group) = groups.get_mut(at) {
                group.ids.push(*id);
                group.extra.extend(joins(object, &step.data).split(' ').map(str::to_owned));
            }
        }
        Ok(Self { groups })
    }

    fn many(&self) -> bool {
        self.groups.iter().any(|group| group.ids.len() > PAGE)
    }

    fn ask(&self, records: &Records<'_>, document: &mut Document) -> Result<Vec<String>, ToolError> {
        let mut aliases = Vec::with_capacity(self.groups.len());
        for group in &self.groups {
            let ids: Vec<String> = group.ids.iter().map(ToString::to_string).collect();
            let mut filter = Map::from_iter([("id".to_owned(), json!({ "in": ids }))]);
            if group.deleted {
                filter.insert("deletedAt".into(), json!({ "is": "NOT_NULL" }));
            }
            let kind = format!("{}FilterInput", group.object.kind());
            let filter = document.variable(&kind, Value::Object(filter));
            aliases.push(document.root(&format!(
                "{}(first: {}, filter: {filter}) {{ edges {{ node {{ {} {} }} }} }}",
                group.object.plural,
                ids.len(),
                selection(records.workspace(), group.object),
                group.extra()
            )));
        }
        Ok(aliases)
    }

    fn read(&self, aliases: &[String], data: &Map<String, Value>) -> ById {
        let answers = self.groups.iter().zip(aliases);
        let found = answers.flat_map(|(group, alias)| {
            let nodes = nodes(data.get(alias).and_then(|answer| answer.get("edges")));
            nodes.into_iter().filter_map(|record| keyed(group.object, record))
        });
        found.collect()
    }

    async fn pages(&self, records: &Records<'_>, cx: &Common) -> Result<ById, ToolError> {
        let mut found = ById::new();
        for group in &self.groups {
            let read = records.many(cx, group.object, &group.ids, group.deleted, &group.extra()).await?;
            found.extend(read.into_iter().filter_map(|record| keyed(group.object, record)));
        }
        Ok(found)
    }
}

impl Group<'_> {
    fn extra(&self) -> String {
        self.extra.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
    }
}

fn keyed(object: &Object, record: Value) -> Option<((String, RecordId), Value)> {
    let id = RecordId::of(&record).ok()?;
    Some(((object.singular.clone(), id), record))
}
