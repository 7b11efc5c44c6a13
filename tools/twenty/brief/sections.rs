//! What hangs on a record, newest first: deals, people, tasks, notes, emails, meetings, what happened. One request.

use super::subject::{Kind, Subject};
use crate::{
    seam::{Common, ToolError},
    tools::twenty::{
        records::{
            document::Document,
            engine::Records,
            find::{count, nodes},
            input::{order::order, relations::target},
            plain::{label, plain},
            search::newest_first,
            selection::named,
            text::{line, one_line},
        },
        workspace::schema::{Object, Workspace},
    },
};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// How many records of a kind are read: nobody reads more in a brief.
const MOST: usize = 30;

/// Records of one kind that hang on the one that the brief is about.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Section {
    /// What they are.
    pub title: &'static str,
    /// How many there are in all.
    pub total: usize,
    /// The newest of them.
    pub items: Vec<Item>,
}

/// One of them.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Item {
    /// Its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// When it was, is due or was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// What it says, on one line.
    pub text: String,
}

/// How one kind of record is asked for and told of.
struct Ask {
    title: &'static str,
    object: &'static str,
    /// The relation that leads from it to what is told, where that is another record.
    through: Option<&'static str>,
    /// What is told, in order.
    fields: &'static [&'static str],
    /// The date, the first that is there.
    dates: &'static [&'static str],
    /// The object that it must hang on, where that is not the subject itself.
    on: On,
}

enum On {
    /// The subject.
    Subject,
    /// The subject's people, where it is a company; the subject, where it is a person; the contact of a deal.
    People,
}

const DEALS: Ask = Ask {
    title: "deals",
    object: "opportunity",
    through: None,
    fields: &["name", "stage", "amount"],
    dates: &["closeDate"],
    on: On::Subject,
};
const PEOPLE: Ask = Ask {
    title: "people",
    object: "person",
    through: None,
    fields: &["name", "jobTitle", "emails", "phones"],
    dates: &[],
    on: On::Subject,
};
const REST: [Ask; 5] = [
    Ask {
        title: "tasks",
        object: "taskTarget",
        through: Some("task"),
        fields: &["title", "status", "assignee", "bodyV2", "body"],
        dates: &["dueAt", "createdAt"],
        on: On::Subject,
    },
    Ask {
        title: "notes",
        object: "noteTarget",
        through: Some("note"),
        fields: &["title", "bodyV2", "body"],
        dates: &["createdAt"],
        on: On::Subject,
    },
    Ask {
        title: "emails",
        object: "messageParticipant",
        through: Some("message"),
        fields: &["subject", "text"],
        dates: &["receivedAt", "createdAt"],
        on: On::People,
    },
    Ask {
        title: "meetings",
        object: "calendarEventParticipant",
        through: Some("calendarEvent"),
        fields: &["title", "location", "isCanceled"],
        dates: &["startsAt", "createdAt"],
        on: On::People,
    },
    Ask {
        title: "what happened",
        object: "timelineActivity",
        through: None,
        fields: &["name", "timelineActivityTypeSnapshot", "linkedRecordCachedName", "workspaceMember"],
        dates: &["happensAt", "createdAt"],
        on: On::Subject,
    },
];

/// Reads all sections of a subject. What the workspace has no object for is left out.
///
/// # Errors
/// The workspace does not answer.
pub async fn sections(
    records: &Records<'_>,
    cx: &Common,
    subject: &Subject<'_>,
) -> Result<Vec<Section>, ToolError> {
    let first: &[Ask] = match subject.kind {
        Kind::Person => &[DEALS],
        Kind::Company => &[DEALS, PEOPLE],
        Kind::Opportunity => &[],
    };
    let (mut document, mut asked) = (Document::default(), Vec::new());
    for ask in first.iter().chain(&REST) {
        if let Some(alias) = root(records.workspace(), subject, ask, &mut document) {
            asked.push((ask, alias));
        }
    }
    if document.is_empty() {
        return Ok(Vec::new());
    }
    let data = records.read(cx, document).await?;
    let read = asked.iter().map(|(ask, alias)| read(records.workspace(), ask, data.get(alias)));
    Ok(read.filter(|section| section.total > 0).collect())
}

fn root(workspace: &Workspace, subject: &Subject<'_>, ask: &Ask, document: &mut Document) -> Option<String> {
    let object = workspace.object(ask.object).ok().filter(|object| object.active)?;
    let filter = filter(workspace, subject, ask, object)?;
    let newest = match (ask.through, ask.dates.first()) {
        (Some(through), Some(date)) => order(workspace, object, &json!(format!("-{through}.{date}"))).ok(),
        _ => None,
    };
    let newest = newest.unwrap_or_else(newest_first);
    let kind = object.kind();
    let filter = document.variable(&format!("{kind}FilterInput"), filter);
    let newest = document.variable(&format!("[{kind}OrderByInput]"), newest);
    let wanted: Vec<&str> = ask.fields.iter().chain(ask.dates).copied().collect();
    let selected = match ask.through {
        Some(through) => format!("{through} {{ {} }}", named(workspace, told(workspace, ask)?, &wanted)),
        None => named(workspace, object, &wanted),
    };
    Some(document.root(&format!(
        "{}(first: {MOST}, filter: {filter}, orderBy: {newest}) {{ totalCount edges {{ node {{ {selected} }} }} }}",
        object.plural
    )))
}

/// The object that a section tells of.
fn told<'a>(workspace: &'a Workspace, ask: &Ask) -> Option<&'a Object> {
    let object = workspace.object(ask.object).ok()?;
    let Some(through) = ask.through else { return Some(object) };
    let field = object.field(through)?;
    target(workspace, field, field.relation.as_ref()?)
}

fn filter(workspace: &Workspace, subject: &Subject<'_>, ask: &Ask, object: &Object) -> Option<Value> {
    let (singular, ids) = match ask.on {
        On::Subject => (subject.object.singular.as_str(), vec![subject.id.to_string()]),
        On::People => ("person", people(subject)),
    };
    let field = object.fields.iter().find(|field| {
        let to = field.relation.as_ref().filter(|relation| field.active && !relation.many);
        to.and_then(|relation| target(workspace, field, relation)).is_some_and(|to| to.singular == singular)
    })?;
    let column = field.relation.as_ref()?.join_column.as_deref()?;
    (!ids.is_empty()).then(|| json!({ column: { "in": ids } }))
}

/// Whose emails and meetings are the subject's.
fn people(subject: &Subject<'_>) -> Vec<String> {
    let id = |record: &Value| record.get("id").and_then(Value::as_str).map(str::to_owned);
    match subject.kind {
        Kind::Person => vec![subject.id.to_string()],
        Kind::Company => {
            let people = subject.raw.get("people").and_then(|people| people.get("edges"));
            nodes(people).iter().filter_map(id).collect()
        }
        Kind::Opportunity => subject.raw.get("pointOfContact").and_then(id).into_iter().collect(),
    }
}

fn read(workspace: &Workspace, ask: &Ask, answer: Option<&Value>) -> Section {
    let empty = Section { title: ask.title, total: 0, items: Vec::new() };
    let (Some(answer), Some(object)) = (answer, told(workspace, ask)) else { return empty };
    let found = nodes(answer.get("edges"));
    let mut seen = BTreeSet::new();
    let mut twice = 0;
    let items = found.iter().filter_map(|node| {
        let record =
            ask.through.map_or(Some(node), |through| node.get(through).filter(|one| !one.is_null()))?;
        let item = item(object, ask, record);
        // A message has several participants.
        if item.id.as_ref().is_some_and(|id| !seen.insert(id.clone())) {
            twice += 1;
            return None;
        }
        Some(item)
    });
    let items: Vec<Item> = items.collect();
    let total = count(answer, "totalCount").unwrap_or(items.len());
    Section { total: total.saturating_sub(twice), items, ..empty }
}

fn item(object: &Object, ask: &Ask, record: &Value) -> Item {
    let mut fields = plain(object, record);
    let date = ask.dates.iter().find_map(|name| fields.remove(*name));
    let date = date.as_ref().and_then(Value::as_str).map(|at| at.get(..16).unwrap_or(at).replace('T', " "));
    // What begins at midnight is a day.
    let date = date.map(|date| date.strip_suffix(" 00:00").map(str::to_owned).unwrap_or(date));
    let mut parts: Vec<String> = Vec::new();
    let name = label(object, record);
    for field in ask.fields {
        let text = match (fields.get(*field), *field) {
            (Some(Value::Object(kept)), "timelineActivityTypeSnapshot") => kept.get("label").map(line),
            (Some(Value::Object(linked)), "assignee" | "workspaceMember") => linked.get("name").map(line),
            (Some(Value::Bool(false)), _) => None,
            (Some(Value::Bool(true)), name) => Some(words(name)),
            (Some(value), _) => Some(line(value)),
            (None, _) => None,
        };
        parts.extend(text.filter(|text| !text.is_empty()).map(|text| shorter(&text)));
    }
    if parts.is_empty() {
        parts.extend(name.map(|name| one_line(&name)));
    }
    let id = record.get("id").and_then(Value::as_str).map(str::to_owned);
    Item { id, date, text: parts.join(" — ") }
}

/// `isCanceled` as people say it: `canceled`.
fn words(name: &str) -> String {
    name.strip_prefix("is").unwrap_or(name).to_lowercase()
}

/// A text as far as it tells what it is about.
fn shorter(text: &str) -> String {
    const LONGEST: usize = 160;
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The counts of records of other kinds.
#[must_use]
pub fn others(subject: &Subject<'_>) -> Map<String, Value> {
    let counted = super::subject::custom(subject.object).filter_map(|field| {
        let number = count(subject.raw.get(field)?, "totalCount").filter(|number| *number > 0)?;
        Some((field.to_owned(), json!(number)))
    });
    counted.collect()
}
