//! What happened around one record: its tasks, its notes, and the entries of its timeline, newest first.

use super::{
    item::{Activities, Activity},
    read::{activity, entry, selected},
    target::column,
};
use crate::{
    seam::{Common, ToolError},
    tools::twenty::{
        records::{
            document::Document,
            engine::Records,
            find::{Find, Found, count, nodes},
            id::RecordId,
            names::Wanted,
            plain::label,
            reference::Reference,
            search::newest_first,
            text::one_line,
        },
        workspace::schema::{Object, Workspace},
    },
};
use serde::Serialize;
use serde_json::{Value, json};
use std::{collections::BTreeSet, fmt};

/// The most tasks, and the most notes, of one record that are looked at.
const MOST: usize = 10_000;

/// Of which record, and how much of it.
pub struct Asked<'a> {
    /// Its object.
    pub object: &'a Object,
    /// The argument that stands for it.
    pub argument: &'a str,
    /// As the caller said it: id, link, unique value or name.
    pub given: &'a str,
    /// Whether notes that are comments are told.
    pub comments: bool,
    /// How many activities at the most.
    pub limit: usize,
    /// How many to pass over.
    pub offset: usize,
}

/// What happened around a record.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Timeline {
    /// The record's object.
    pub entity_type: String,
    /// Its id.
    pub entity_id: String,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entity_name: Option<String>,
    /// Its page in Twenty.
    pub url: String,
    /// What happened.
    #[serde(flatten)]
    pub activities: Activities,
}

/// A list of the record: of links to tasks or notes, or of timeline entries.
struct Source<'a> {
    object: &'a Object,
    /// The column that holds the record's id.
    column: &'a str,
    /// The relation to the task or the note that a link leads to, and its object.
    through: Option<(&'a str, &'a Object)>,
    /// The record's own name for the list.
    list: Option<&'a str>,
    selection: String,
}

impl<'a> Source<'a> {
    /// The lists that records of an object have.
    fn all(workspace: &'a Workspace, owner: &'a Object) -> Vec<Self> {
        let found = [("taskTarget", Some("task")), ("noteTarget", Some("note")), ("timelineActivity", None)];
        found.into_iter().filter_map(|(name, of)| Self::of(workspace, owner, name, of)).collect()
    }

    /// Nothing where the workspace has no such list.
    fn of(workspace: &'a Workspace, owner: &'a Object, name: &str, of: Option<&str>) -> Option<Self> {
        let object = workspace.object(name).ok().filter(|object| object.active)?;
        let column = column(workspace, object, owner).ok()?;
        let (through, selection) = match of {
            Some(of) => {
                let (to, field) = (workspace.object(of).ok()?, object.field(of)?);
                let selection = format!("id {} {{ {} }}", field.name, selected(workspace, to));
                (Some((field.name.as_str(), to)), selection)
            }
            None => (None, selected(workspace, object)),
        };
        let list = object.joined_by(column).and_then(|field| owner.lists(object, &field.name));
        Some(Self { object, column, through, list: list.map(|field| field.name.as_str()), selection })
    }

    /// What links lead to cannot be filtered or, on older servers, ordered by: all of them are looked at.
    fn find(&self, id: RecordId, asked: &Asked<'_>) -> Find {
        let (order, limit) = match self.through {
            Some(_) => (newest_first(), MOST),
            None if self.object.field("happensAt").is_some() => {
                (json!([{ "happensAt": "DescNullsLast" }]), asked.offset.saturating_add(asked.limit))
            }
            None => (newest_first(), asked.offset.saturating_add(asked.limit)),
        };
        let filter = json!({ self.column: { "eq": id.to_string() } });
        Find { filter, order, limit, selection: Some(self.selection.clone()), ..Find::default() }
    }

    /// The record's own list, selected with the record: at most 60 of it come, in no order.
    fn nested(&self) -> Option<String> {
        let list = self.list?;
        Some(format!("{list} {{ totalCount edges {{ node {{ {} }} }} }}", self.selection))
    }

    /// All of the list as it came with the record; nothing where some are missing.
    fn complete(&self, owner: &Value) -> Option<Found> {
        let connection = owner.get(self.list?)?;
        let records = nodes(connection.get("edges"));
        let total = count(connection, "totalCount").filter(|total| *total <= records.len())?;
        Some(Found { records, total, next: None })
    }

    /// The activities of a list, and how many there are in all.
    fn read(
        &self,
        records: &Records<'_>,
        found: &Found,
        comments: bool,
        url: &str,
    ) -> Result<(Vec<Activity>, usize), ToolError> {
        let Some((through, to)) = self.through else {
            let entries = found.records.iter().map(|raw| entry(records, self.object, raw, url));
            return Ok((entries.collect::<Result<_, _>>()?, found.total));
        };
        // What was deleted is no more than a link that leads nowhere.
        let there = found.records.iter().filter_map(|raw| raw.get(through).filter(|one| !one.is_null()));
        let mut all = there.map(|raw| activity(records, to, raw)).collect::<Result<Vec<_>, _>>()?;
        let mut seen = BTreeSet::new();
        all.retain(|one| (comments || !one.comment) && seen.insert(one.id.clone()));
        let total = all.len().saturating_add(found.total.saturating_sub(found.records.len()));
        Ok((all, total))
    }
}

/// What happened around a record. One request by id, and by a unique value or a name where none of its lists has more
/// than 60; one more for each further 200 of its longest list that must be looked at.
///
/// # Errors
/// The record is not there or could be several, nothing is kept of such records, or the workspace does not answer.
pub async fn timeline(records: &Records<'_>, cx: &Common, asked: &Asked<'_>) -> Result<Timeline, ToolError> {
    let sources = Source::all(records.workspace(), asked.object);
    if sources.is_empty() {
        let name = &asked.object.singular;
        return Err(ToolError::input(format_args!("nothing that happens is kept of a `{name}`"))
            .hint("ask for a person, a company or an opportunity"));
    }
    let wanted = [Wanted::of(asked.argument, asked.object, asked.given)?];
    let [Wanted { reference, .. }] = &wanted;
    let mut document = Document::default();
    let (owner, found) = match reference {
        Reference::Id(id) => {
            let lookups = records.look(&mut document, &wanted, &[])?;
            let (found, data) = by_id(records, cx, &sources, *id, asked, document).await?;
            (records.looked(&wanted, &lookups, &data)?, found)
        }
        _ => {
            let nested: Vec<String> = sources.iter().filter_map(Source::nested).collect();
            let lookups = records.look(&mut document, &wanted, &[&nested.join(" ")])?;
            let data = records.read(cx, document).await?;
            let owner = records.looked(&wanted, &lookups, &data)?;
            let one = owner.first().unwrap_or(&Value::Null);
            let complete: Option<Vec<Found>> = sources.iter().map(|source| source.complete(one)).collect();
            let found = match complete {
                Some(found) => found,
                None => {
                    let id = RecordId::of(one)?;
                    by_id(records, cx, &sources, id, asked, Document::default()).await?.0
                }
            };
            (owner, found)
        }
    };
    let owner = owner.first().unwrap_or(&Value::Null);
    let id = RecordId::of(owner)?.to_string();
    let url = records.link(asked.object, &id);
    let (mut lists, mut total) = (Vec::new(), 0);
    for (source, found) in sources.iter().zip(&found) {
        let (list, number) = source.read(records, found, asked.comments, &url)?;
        lists.push(list);
        total += number;
    }
    Ok(Timeline {
        entity_type: asked.object.singular.clone(),
        entity_id: id,
        entity_name: label(asked.object, owner),
        url,
        activities: Activities::page(lists, total, asked.offset, asked.limit),
    })
}

async fn by_id(
    records: &Records<'_>,
    cx: &Common,
    sources: &[Source<'_>],
    id: RecordId,
    asked: &Asked<'_>,
    beside: Document,
) -> Result<(Vec<Found>, serde_json::Map<String, Value>), ToolError> {
    let finds: Vec<Find> = sources.iter().map(|source| source.find(id, asked)).collect();
    let lists: Vec<(&Object, &Find)> = sources.iter().map(|source| source.object).zip(&finds).collect();
    records.find_abreast(cx, &lists, beside).await
}

impl fmt::Display for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.entity_name.as_deref().unwrap_or("unnamed");
        writeln!(f, "{} {} (id {}, {})", self.entity_type, one_line(name), self.entity_id, self.url)?;
        self.activities.fmt(f)
    }
}
