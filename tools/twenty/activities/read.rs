//! Tasks, notes and timeline entries as the workspace has them, read as activities.

use super::item::{Activity, Kind, Who, preview};
use crate::{
    seam::ToolError,
    tools::twenty::{
        records::{
            engine::Records,
            id::RecordId,
            plain::{label, plain},
            selection::named,
            text::line,
        },
        workspace::schema::{Object, Workspace},
    },
};
use serde_json::{Map, Value};

/// The title of a note that is a comment: Twenty has no comments of its own.
pub const COMMENT: &str = "Comment";

/// What an activity is read from.
const FIELDS: [&str; 13] = [
    "title",
    "bodyV2",
    "body",
    "status",
    "dueAt",
    "assignee",
    "createdAt",
    "happensAt",
    "name",
    "timelineActivityTypeSnapshot",
    "properties",
    "linkedRecordCachedName",
    "workspaceMember",
];

/// The field that holds what is written in a note or a task.
#[must_use]
pub fn body(object: &Object) -> &'static str {
    // Servers before rich text had a plain one.
    if object.field("bodyV2").is_none() && object.field("body").is_some() { "body" } else { "bodyV2" }
}

/// What is selected of a task, a note or a timeline entry for `activity` and `entry`.
#[must_use]
pub fn selected(workspace: &Workspace, object: &Object) -> String {
    let mut selected = named(workspace, object, &FIELDS);
    let ids = ["linkedRecordId", "linkedObjectMetadataId"];
    let mut more: Vec<&str> = ids.into_iter().filter(|name| object.field(name).is_some()).collect();
    let parts = workspace.composites.get("Actor").map(Vec::as_slice).unwrap_or_default();
    let parts = parts.iter().map(|part| part.name.as_str());
    let parts: Vec<&str> =
        parts.filter(|name| matches!(*name, "name" | "source" | "workspaceMemberId")).collect();
    let actor = format!("createdBy {{ {} }}", parts.join(" "));
    if object.field("createdBy").is_some() && !parts.is_empty() {
        more.push(&actor);
    }
    for one in more {
        selected.push(' ');
        selected.push_str(one);
    }
    selected
}

/// The activity that a task or a note is.
///
/// # Errors
/// It has no id: the workspace answered with something else.
pub fn activity(records: &Records<'_>, object: &Object, raw: &Value) -> Result<Activity, ToolError> {
    let id = RecordId::of(raw)?.to_string();
    let fields = plain(object, raw);
    let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
    let kind = if object.singular == "task" { Kind::Task } else { Kind::Note };
    let title = text("title").or_else(|| label(object, raw));
    let author = raw.get("createdBy").and_then(actor);
    Ok(Activity {
        kind,
        comment: kind == Kind::Note && title.as_deref() == Some(COMMENT),
        title,
        text: text(body(object)).map(|text| preview(&text)),
        date: text("createdAt"),
        status: text("status"),
        due_at: text("dueAt"),
        assignee: fields.get("assignee").and_then(member),
        author,
        url: records.link(object, &id),
        id,
    })
}

/// The activity that a timeline entry is; `url` is the page of the record whose timeline it is.
///
/// # Errors
/// It has no id: the workspace answered with something else.
pub fn entry(records: &Records<'_>, object: &Object, raw: &Value, url: &str) -> Result<Activity, ToolError> {
    let id = RecordId::of(raw)?.to_string();
    let fields = plain(object, raw);
    let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
    let kind = fields.get("timelineActivityTypeSnapshot").and_then(Value::as_object);
    let said = |name: &str| kind?.get(name)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    // Older servers say `linked-note.created` alone.
    let words =
        || said("name").or_else(|| text("name")).map(|name| name.replace("linked-", "").replace('.', " "));
    let what = said("label").or_else(words);
    let linked = text("linkedRecordCachedName");
    let title = match (what, linked) {
        (Some(what), Some(linked)) => Some(format!("{what}: {linked}")),
        (what, linked) => what.or(linked),
    };
    let author = fields.get("workspaceMember").and_then(member);
    Ok(Activity {
        kind: Kind::Timeline,
        id,
        title,
        text: fields.get("properties").and_then(changed).map(|text| preview(&text)),
        date: text("happensAt").or_else(|| text("createdAt")),
        comment: false,
        status: None,
        due_at: None,
        assignee: None,
        author: author.or_else(|| raw.get("createdBy").and_then(actor)),
        url: linked_page(records, &fields).unwrap_or_else(|| url.to_owned()),
    })
}

/// The page of the record that a timeline entry tells of.
fn linked_page(records: &Records<'_>, fields: &Map<String, Value>) -> Option<String> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let (id, of) = (text("linkedRecordId")?, text("linkedObjectMetadataId")?);
    let object = records.workspace().objects.iter().find(|object| object.id == of)?;
    Some(records.link(object, id))
}

/// What an entry says was changed: `jobTitle: Analyst → Founder`.
fn changed(properties: &Value) -> Option<String> {
    let fields = properties.get("diff")?.as_object()?;
    let one = |(name, diff): (&String, &Value)| {
        let side = |side: &str| diff.get(side).map(line).filter(|text| !text.is_empty());
        let nothing = || "nothing".to_owned();
        format!(
            "{name}: {} → {}",
            side("before").unwrap_or_else(nothing),
            side("after").unwrap_or_else(nothing)
        )
    };
    let changed: Vec<String> = fields.iter().map(one).collect();
    (!changed.is_empty()).then(|| changed.join("; "))
}

/// A workspace member in plain form.
fn member(value: &Value) -> Option<Who> {
    let text = |name: &str| value.get(name)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let who = Who { id: text("id"), name: text("name") };
    (who.id.is_some() || who.name.is_some()).then_some(who)
}

/// Whom Twenty notes as the maker of a record.
fn actor(value: &Value) -> Option<Who> {
    let text =
        |name: &str| value.get(name)?.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned);
    let who = Who { id: text("workspaceMemberId"), name: text("name").or_else(|| text("source")) };
    (who.id.is_some() || who.name.is_some()).then_some(who)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::twenty::workspace::fixture::{CURRENT, LEGACY};
    use serde_json::json;

    #[test]
    fn only_what_the_workspace_has_is_selected() {
        let task = selected(&CURRENT, CURRENT.object("task").unwrap());
        assert!(task.contains("bodyV2 { markdown }") && task.contains("assignee { id name"), "{task}");
        assert!(task.contains("createdBy {") && task.contains("workspaceMemberId"), "{task}");
        let entry = selected(&LEGACY, LEGACY.object("timelineActivity").unwrap());
        assert!(entry.contains(" name ") && !entry.contains("Snapshot"), "{entry}");
        assert!(entry.contains("linkedObjectMetadataId"), "{entry}");
    }

    #[test]
    fn a_body_is_where_the_workspace_keeps_it() {
        let mut note = CURRENT.object("note").unwrap().clone();
        assert_eq!(body(&note), "bodyV2");
        note.fields
            .iter_mut()
            .filter(|field| field.name == "bodyV2")
            .for_each(|field| field.name = "body".into());
        assert_eq!(body(&note), "body");
    }

    #[test]
    fn a_change_is_told_with_both_sides() {
        let properties = json!({ "diff": { "a": { "before": null, "after": 0 }, "b": { "before": "x", "after": false } } });
        assert_eq!(changed(&properties).unwrap(), "a: nothing → 0; b: x → false");
        assert_eq!(changed(&json!({})), None);
        assert_eq!(actor(&json!({ "source": "API", "name": "" })).unwrap().name.as_deref(), Some("API"));
    }
}
