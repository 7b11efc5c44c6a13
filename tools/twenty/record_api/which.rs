//! The records that a change is about: told one by one, or by a filter.

use super::ask::{Filter, filtered};
use crate::{
    seam::{Common, ToolError},
    tools::twenty::{
        changes::{
            draft::Draft,
            step::{Target, Verb},
            writer::Writer,
        },
        records::{
            document::{Document, ROOTS},
            engine::Records,
            find::{Find, PAGE, nodes},
            input::conjunction::Conjunction,
            names::Wanted,
            search::newest_first,
            selection::{hidden, selection},
        },
        workspace::schema::Object,
    },
};
use serde_json::{Value, json};
use std::collections::HashSet;

/// The most records that one call changes.
pub const MOST: usize = 5_000;
/// The most of them that are told by something other than their id.
const NAMED: usize = 100;

/// The records that a change is about, each once.
pub struct Which(Vec<Target>);

impl Which {
    /// Finds out; by a filter they are read, 200 a request. Restoring is about deleted records, updating and deleting about
    /// those in sight, destroying about these unless the filter speaks of deletion.
    ///
    /// # Errors
    /// Both or neither were given, the filter lets everything through, there are too many, or too many without a plan;
    /// or the workspace does not answer.
    pub async fn of(
        writer: &Writer<'_>,
        cx: &Common,
        object: &Object,
        ids: &Option<Vec<String>>,
        filter: &Filter,
        verb: Verb,
    ) -> Result<Self, ToolError> {
        match (ids, filter) {
            (Some(ids), None) if !ids.is_empty() => {
                writer.fits(ids.len())?;
                if ids.len() > MOST {
                    return Err(too_many(ids.len()));
                }
                told(writer.records(), cx, object, ids, verb).await.map(Self)
            }
            (None, Some(given)) if !given.is_empty() => {
                let made = filtered(writer.records(), cx, object, filter).await?;
                let also = |is: &str| {
                    let mut both = Conjunction::default();
                    both.push(made.clone());
                    both.push(json!({ "deletedAt": { "is": is } }));
                    both.done()
                };
                let made = match verb {
                    Verb::Restore => also("NOT_NULL"),
                    // A filter that speaks of deletion reaches what was deleted, and that changes no more.
                    Verb::Update | Verb::Delete if mentions(&made, "deletedAt") => also("NULL"),
                    _ => made,
                };
                let read = read(writer, cx, object, made).await?;
                Ok(Self(read.into_iter().map(Target::Read).collect()))
            }
            (None, Some(_)) => Err(ToolError::input("`filter` is empty, and would reach every record")
                .hint("say which records are meant, as in { \"stage\": \"NEW\" }")),
            (Some(_), Some(_)) => {
                Err(ToolError::input("`ids` and `filter` were both given: give one of them"))
            }
            (_, None) => Err(ToolError::input("no record was named")
                .hint("give `ids` (ids, names, emails, domains or links), or a `filter`")),
        }
    }

    /// The same as targets of steps.
    pub fn targets(&self) -> impl Iterator<Item = Target> {
        self.0.iter().cloned()
    }
}

/// The records that are told one by one.
async fn told(
    records: &Records<'_>,
    cx: &Common,
    object: &Object,
    given: &[String],
    verb: Verb,
) -> Result<Vec<Target>, ToolError> {
    let (mut known, mut targets, mut gone) = (HashSet::new(), Vec::with_capacity(given.len()), Vec::new());
    let mut named = 0;
    for (at, given) in given.iter().enumerate() {
        let target = Draft::target(object, &format!("ids[{at}]"), given)?;
        let key = match &target {
            Target::Known(id) => id.to_string(),
            _ => given.trim().to_lowercase(),
        };
        if !known.insert(key) {
            continue;
        }
        named += usize::from(matches!(target, Target::Named(_)));
        match target {
            // What is looked up by name is looked for among those in sight.
            Target::Named(wanted) if verb == Verb::Restore => gone.push(wanted),
            target => targets.push(target),
        }
    }
    if named > NAMED {
        return Err(ToolError::input(format_args!(
            "{named} records are told by name; at most {NAMED} can be"
        ))
        .hint("give a `filter`, as in { \"emails\": [ … ] }, or ids"));
    }
    for part in gone.chunks(ROOTS) {
        targets.extend(deleted(records, cx, object, part).await?);
    }
    Ok(targets)
}

/// Deleted records that are told by name or by a unique value.
async fn deleted(
    records: &Records<'_>,
    cx: &Common,
    object: &Object,
    wanted: &[Wanted],
) -> Result<Vec<Target>, ToolError> {
    let mut document = Document::default();
    let selected = selection(records.workspace(), object);
    let ask = |wanted: &Wanted| {
        let called = wanted.reference.exactly(object).unwrap_or_else(|| wanted.reference.filter(object));
        let filter = json!({ "and": [called], "deletedAt": { "is": "NOT_NULL" } });
        let filter = document.variable(&format!("{}FilterInput", object.kind()), filter);
        document.root(&format!(
            "{}(first: 10, filter: {filter}) {{ edges {{ node {{ {selected} }} }} }}",
            object.plural
        ))
    };
    let aliases: Vec<String> = wanted.iter().map(ask).collect();
    let data = records.read(cx, document).await?;
    let choose = |(wanted, alias): (&Wanted, &String)| {
        let Wanted { argument, given, .. } = wanted;
        let found = nodes(data.get(alias).and_then(|answer| answer.get("edges")));
        match found.as_slice() {
            [one] => Ok(Target::Read(one.clone())),
            [] => {
                let what =
                    format_args!("`{argument}`: there is no deleted {} called `{given}`", object.singular);
                Err(ToolError::not_found(what)
                    .hint("find_records with { \"deletedAt\": { \"is\": \"NOT_NULL\" } } tells all"))
            }
            several => {
                let ids = several.iter().filter_map(|record| record.get("id")?.as_str());
                let ids = ids.collect::<Vec<_>>().join(", ");
                let what = format_args!("`{argument}`: several deleted records are called `{given}`: {ids}");
                Err(ToolError::ambiguous(what).hint("call again with the id of the one that is meant"))
            }
        }
    };
    wanted.iter().zip(&aliases).map(choose).collect()
}

/// The records of a filter, with all that a change of them may touch.
async fn read(
    writer: &Writer<'_>,
    cx: &Common,
    object: &Object,
    filter: Value,
) -> Result<Vec<Value>, ToolError> {
    let records = writer.records();
    let selected = format!("{} {}", selection(records.workspace(), object), hidden(object).join(" "));
    let mut find =
        Find { filter, order: newest_first(), limit: PAGE, selection: Some(selected), ..Find::default() };
    let first = records.find(cx, object, &find).await?;
    writer.fits(first.total)?;
    if first.total > MOST {
        return Err(too_many(first.total));
    }
    let mut all = first.records;
    if first.next.is_some() {
        (find.after, find.limit) = (first.next, MOST);
        all.extend(records.find(cx, object, &find).await?.records);
    }
    Ok(all)
}

/// Whether a filter says anything of a field.
fn mentions(filter: &Value, name: &str) -> bool {
    match filter {
        Value::Object(fields) => fields.iter().any(|(field, value)| field == name || mentions(value, name)),
        Value::Array(items) => items.iter().any(|item| mentions(item, name)),
        _ => false,
    }
}

/// The error for a change of more records than one call makes.
pub fn too_many(number: usize) -> ToolError {
    ToolError::limited(format_args!("this is about {number} records; one call changes at most {MOST}"))
        .hint("make several calls, each with a narrower filter")
}
