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
            find::{Find, PAGE},
            input::conjunction::Conjunction,
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

/// The records that a change is about.
pub enum Which {
    /// As the caller tells them.
    Told(Vec<String>),
    /// As they were read for a filter.
    Read(Vec<Value>),
}

impl Which {
    /// Finds out; by a filter they are read, 200 a request. Restoring is about deleted records, all else
    /// about those in sight, unless the filter speaks of deletion.
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
                Ok(Self::Told(ids.clone()))
            }
            (None, Some(given)) if !given.is_empty() => {
                let made = filtered(writer.records(), cx, object, filter).await?;
                let made = match verb {
                    Verb::Restore if !given.contains_key("deletedAt") => {
                        let mut both = Conjunction::default();
                        both.push(made);
                        both.push(json!({ "deletedAt": { "is": "NOT_NULL" } }));
                        both.done()
                    }
                    _ => made,
                };
                read(writer, cx, object, made).await.map(Self::Read)
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

    /// The same as targets of steps, each once.
    ///
    /// # Errors
    /// A text stands for no record of this object.
    pub fn targets(&self, object: &Object, verb: Verb) -> Result<Vec<Target>, ToolError> {
        let told = match self {
            Self::Read(records) => return Ok(records.iter().cloned().map(Target::Read).collect()),
            Self::Told(told) => told,
        };
        let (mut known, mut targets, mut named) = (HashSet::new(), Vec::with_capacity(told.len()), 0);
        for (at, given) in told.iter().enumerate() {
            let place = format!("ids[{at}]");
            let target = Draft::target(object, &place, given)?;
            let key = match &target {
                Target::Known(id) => id.to_string(),
                _ if verb == Verb::Restore => {
                    return Err(ToolError::input(format_args!(
                        "`{place}`: deleted records are told by their ids"
                    ))
                    .hint("give a `filter` instead: it looks among deleted records"));
                }
                _ => {
                    named += 1;
                    given.trim().to_lowercase()
                }
            };
            if known.insert(key) {
                targets.push(target);
            }
        }
        if named > NAMED {
            return Err(ToolError::input(format_args!(
                "{named} records are told by name; at most {NAMED} can be"
            ))
            .hint("give a `filter`, as in { \"emails\": [ … ] }, or ids"));
        }
        Ok(targets)
    }
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

/// The error for a change of more records than one call makes.
pub fn too_many(number: usize) -> ToolError {
    ToolError::limited(format_args!("this is about {number} records; one call changes at most {MOST}"))
        .hint("make several calls, each with a narrower filter")
}
