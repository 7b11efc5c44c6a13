//! Tasks and notes as the tools that make and list them tell them.

use super::{
    item::preview,
    read::body,
    target::{Hook, column},
};
use crate::{
    seam::ToolError,
    tools::twenty::{
        changes::{draft::Draft, writer::Made, written::Written},
        listing::Page,
        records::{
            engine::Records,
            id::RecordId,
            linked::Linked,
            plain::label,
            record::{Shape, written},
            text::{ROWS, table},
        },
        values::{Arguments, Values},
        workspace::schema::Object,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;

const SHAPE: Shape = Shape {
    names: &[
        ("bodyV2", "body"),
        ("body", "body"),
        ("status", "status"),
        ("dueAt", "dueAt"),
        ("assignee", "assignee"),
        ("author", "author"),
    ],
    parts: &[],
};

/// A task or a note of the workspace.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Jotting {
    /// The record's id.
    pub id: String,
    /// What it is called.
    #[serde(alias = "name", skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What is written in it, as markdown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// How far a task is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<String>,
    /// Who is to do a task.
    #[serde(skip_serializing_if = "Option::is_none")]
    assignee: Option<Linked>,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<Linked>,
    /// The record that it hangs on, where it was given one just now.
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<OnRecord>,
    /// The record's page in Twenty.
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<String>,
    /// Whatever else the workspace keeps of it.
    #[serde(skip_serializing_if = "Map::is_empty")]
    other: Map<String, Value>,
}

/// A record that something hangs on.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
struct OnRecord {
    /// Its object.
    #[serde(rename = "type")]
    kind: String,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

/// Several tasks, and how many there are in all.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Tasks {
    /// Which piece of the list it is.
    #[serde(flatten)]
    pub page: Page,
    /// These.
    pub tasks: Vec<Jotting>,
}

/// The task or the note that a record is.
///
/// # Errors
/// The workspace answered with something else.
pub fn jotting(records: &Records<'_>, object: &Object, raw: &Value) -> Result<Jotting, ToolError> {
    records.shaped(object, raw, &SHAPE)
}

/// The values of a new task or note that both have.
#[must_use]
pub fn values<'a>(object: &'a Object, title: Option<&str>, text: Option<&str>) -> Values<'a> {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    Values::of(object).set("title", owned(title)).set_as(body(object), "body", owned(text))
}

/// A new task or note, and the link by which it hangs on a record.
///
/// # Errors
/// A value does not fit, or such things do not hang on such records.
pub fn jot(
    draft: &mut Draft<'_>,
    object: &Object,
    values: &Arguments,
    hook: Option<&Hook>,
) -> Result<(), ToolError> {
    let id = draft.create(object, values)?;
    let Some(hook) = hook else { return Ok(()) };
    let link = draft.object(&format!("{}Target", object.singular))?;
    let own = link.field(&object.singular).and_then(|field| field.relation.as_ref()?.join_column.as_deref());
    let own = own.ok_or_else(|| link.no_field(&object.singular))?;
    let column = column(draft.workspace(), link, draft.object(&hook.object)?)?;
    let values = [(own, id.to_string()), (column, hook.given.clone())];
    let values = values.map(|(column, value)| (column.to_owned(), Value::String(value)));
    draft.create(link, &Map::from_iter(values)).map(drop)
}

/// The one task or note that was made, with what it hangs on.
///
/// # Errors
/// It went away, or the workspace answered with something else.
pub fn made(
    written: Written<Made<'_>>,
    object: &str,
    hook: Option<&Hook>,
) -> Result<Written<Jotting>, ToolError> {
    written.map(|made| {
        let mut jotting = made.one(|records, raw| jotting(records, records.object(object)?, raw))?;
        if let (Some(hook), Some(link)) = (hook, made.all.get(1).filter(|link| !link.is_null())) {
            jotting.target = on(&made.records, link, hook)?;
        }
        Ok(jotting)
    })
}

fn on(records: &Records<'_>, link: &Value, hook: &Hook) -> Result<Option<OnRecord>, ToolError> {
    let to = records.object(&hook.object)?;
    let related = link.as_object().into_iter().flatten().find(|(name, value)| {
        let field = name.strip_prefix("target").unwrap_or(name);
        value.is_object() && field.eq_ignore_ascii_case(&to.singular)
    });
    let found = related.map(|(_, record)| record);
    let id =
        found.and_then(|record| RecordId::of(record).ok()).or_else(|| RecordId::parse("", &hook.given).ok());
    let name = found.and_then(|record| label(to, record));
    Ok(id.map(|id| OnRecord { kind: to.singular.clone(), id: id.to_string(), name }))
}

impl fmt::Display for Jotting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.title.as_deref().unwrap_or("Untitled");
        written(f, name, &self.id, self, &self.other)
    }
}

impl fmt::Display for Tasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cell = |text: &Option<String>| text.clone().unwrap_or_default();
        let rows = self.tasks.iter().take(ROWS).map(|task| {
            let assignee = task.assignee.as_ref().map(|member| cell(&member.name)).unwrap_or_default();
            let text = task.body.as_deref().map(preview).unwrap_or_default();
            let (title, id, url) = (cell(&task.title), task.id.clone(), task.url.clone());
            vec![title, cell(&task.status), cell(&task.due_at), assignee, text, id, url]
        });
        let rows: Vec<Vec<String>> = rows.collect();
        let columns = &["title", "status", "due", "assignee", "text", "id", "page"];
        self.page.around(f, self.tasks.len(), ("task", "tasks"), || table(columns, &rows))
    }
}
