//! The names of records.

use crate::{
    seam::{Arguments, Call, Common, Completed, Completion, Resource, ToolError},
    tools::twenty::{
        pack::Twenty,
        records::{
            engine::Records,
            find::Find,
            plain::label,
            search::{every_word, newest_first},
            selection::brief,
        },
        resources::record::Record,
        workspace::schema::Object,
    },
};

/// How many records are proposed.
const PROPOSED: usize = 20;

/// Completes the names of records of an object.
pub struct RecordNames;
crate::register!(completion RecordNames);

impl Completion for RecordNames {
    const OF: &'static [Completed] = &[Completed::resource(Record::URI, "id")];
    type Pack = Twenty;

    async fn complete(
        typed: &str,
        given: &Arguments,
        twenty: &Twenty,
        cx: Call,
    ) -> Result<Vec<String>, ToolError> {
        let Some(object) = given.get("object").filter(|object| !object.is_empty()) else {
            return Ok(Vec::new());
        };
        let records = twenty.records(&cx).await?;
        names(&records, &cx, records.object(object)?, typed).await
    }
}

/// Completes the people, companies and deals that a meeting may be with.
pub struct MeetingWith;
crate::register!(completion MeetingWith);

impl Completion for MeetingWith {
    const OF: &'static [Completed] = &[Completed::prompt("meeting_preparation", "with")];
    type Pack = Twenty;

    async fn complete(
        typed: &str,
        _: &Arguments,
        twenty: &Twenty,
        cx: Call,
    ) -> Result<Vec<String>, ToolError> {
        let records = twenty.records(&cx).await?;
        let mut all = Vec::new();
        for object in ["person", "company", "opportunity"] {
            all.append(&mut names(&records, &cx, records.object(object)?, typed).await?);
        }
        all.sort();
        all.dedup();
        Ok(all)
    }
}

/// The names of the newest records that hold every word that was typed.
async fn names(
    records: &Records<'_>,
    cx: &Common,
    object: &Object,
    typed: &str,
) -> Result<Vec<String>, ToolError> {
    let Some(field) = object.label_field.as_ref().and_then(|name| object.field(name)) else {
        return Ok(Vec::new());
    };
    let name = field.name.as_str();
    let filter = match field.kind.as_str() {
        "FULL_NAME" => every_word(typed, &[&[name, "firstName"], &[name, "lastName"]]),
        "TEXT" => every_word(typed, &[&[name]]),
        _ => return Ok(Vec::new()),
    };
    let selection = Some(brief(records.workspace(), object));
    let find = Find { filter, order: newest_first(), limit: PROPOSED, selection, ..Find::default() };
    let found = records.find(cx, object, &find).await?;
    let mut names: Vec<String> = found.records.iter().filter_map(|record| label(object, record)).collect();
    names.sort();
    names.dedup();
    Ok(names)
}
