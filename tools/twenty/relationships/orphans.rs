//! Records that nothing is linked to.

use super::{
    contacts::MOST,
    cursor::{Offsets, shares},
};
use crate::{
    seam::{Call, Tool, ToolError},
    tools::twenty::{
        pack::Twenty,
        records::{
            document::Document,
            engine::Records,
            find::{Find, Found},
            id::RecordId,
            plain::label,
            search::newest_first,
            selection::chosen,
            text::{ROWS, table},
        },
        workspace::schema::Object,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;

/// Find companies and contacts without each other, opportunities without either, tasks and notes without a target.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FindOrphanedRecords {
    cursor: Option<String>,
}
crate::register!(FindOrphanedRecords);

/// What is looked for: the answer's word for it, the object, and how its orphans are told.
const KINDS: [(&str, &str, Lacks); 6] = [
    ("companies without contacts", "company", Lacks::Any { object: "person", through: "company" }),
    ("contacts without company", "person", Lacks::One("company")),
    ("opportunities without company", "opportunity", Lacks::One("company")),
    ("opportunities without contact", "opportunity", Lacks::One("pointOfContact")),
    ("tasks without target", "task", Lacks::Any { object: "taskTarget", through: "task" }),
    ("notes without target", "note", Lacks::Any { object: "noteTarget", through: "note" }),
];

/// What an orphan lacks.
#[derive(Clone, Copy)]
enum Lacks {
    /// It points at nothing with this field.
    One(&'static str),
    /// No record of an object points at it with that one's field.
    Any { object: &'static str, through: &'static str },
}

/// Records without links, by what they lack.
#[derive(Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Orphans {
    lists: Vec<OrphanList>,
    /// What this workspace has no such records or relations for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_looked_for: Vec<&'static str>,
    /// Shows the next records of each list, where there are more.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    #[serde(skip)]
    text: Text,
}

/// Records that lack the same, newest first.
#[derive(Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
struct OrphanList {
    what: &'static str,
    /// How many there are in all.
    total: usize,
    /// How many of them were passed over.
    offset: usize,
    records: Vec<Orphan>,
}

#[derive(Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Orphan {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<String>,
}

/// How many rows of each list are shown as text, and the cursor behind those.
#[derive(Default)]
struct Text {
    rows: Vec<usize>,
    cursor: Option<String>,
}

impl Tool for FindOrphanedRecords {
    const NAME: &'static str = "find_orphaned_records";
    type Pack = Twenty;
    type Output = Orphans;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Orphans, ToolError> {
        let records = twenty.records(&cx).await?;
        let offsets = self.cursor.as_deref().map_or(Ok(Offsets::default()), Offsets::parse)?;
        let (mut kinds, mut finds, mut not_looked_for) = (Vec::new(), Vec::new(), Vec::new());
        for (at, (what, of, lacks)) in KINDS.into_iter().enumerate() {
            match find(&records, of, lacks, offsets.at(at)) {
                Some(find) => {
                    kinds.push((at, what));
                    finds.push(find);
                }
                None => not_looked_for.push(what),
            }
        }
        let lists: Vec<(&Object, &Find)> = finds.iter().map(|(object, find)| (*object, find)).collect();
        let (found, _) = records.find_abreast(&cx, &lists, Document::default()).await?;
        let kept: Vec<usize> = found.iter().map(|one| one.records.len()).collect();
        let (kept, mut told) = (shares(&kept, MOST), Vec::with_capacity(found.len()));
        for (((_, what), list), (found, kept)) in kinds.iter().zip(lists).zip(found.iter().zip(&kept)) {
            told.push(OrphanList::of(&records, what, list, found, *kept)?);
        }
        // The place behind what was given, or nothing where that was all.
        let behind = |given: &[usize]| {
            let more = told.iter().zip(given).any(|(list, given)| list.offset + given < list.total);
            let next = kinds.iter().zip(given).fold(offsets, |next, ((at, _), given)| next.plus(*at, *given));
            (more && given.iter().any(|given| *given > 0)).then(|| next.to_string())
        };
        let rows = shares(&kept, ROWS);
        let (next_cursor, cursor) = (behind(&kept), behind(&rows));
        Ok(Orphans { lists: told, not_looked_for, next_cursor, text: Text { rows, cursor } })
    }

    fn text(orphans: &Orphans) -> Option<String> {
        Some(orphans.to_string())
    }
}

/// How one kind of orphans is found; nothing where the workspace has no such object or relation.
fn find<'a>(records: &'a Records<'_>, of: &str, lacks: Lacks, offset: usize) -> Option<(&'a Object, Find)> {
    let known = |name: &str| records.object(name).ok().filter(|object: &&Object| object.active);
    let object = known(of)?;
    let (filter, without) = match lacks {
        Lacks::One(field) => {
            let column = object.field(field)?.relation.as_ref()?.join_column.as_deref()?;
            (json!({ column: { "is": "NULL" } }), None)
        }
        Lacks::Any { object: other, through } => {
            (json!({}), Some(object.lists(known(other)?, through)?.name.clone()))
        }
    };
    let label = object.label_field.as_deref().unwrap_or_default();
    let selection = Some(chosen(records.workspace(), object, &[label, "createdAt"]));
    let order = newest_first();
    Some((object, Find { filter, order, limit: MOST, offset, selection, without, ..Find::default() }))
}

impl OrphanList {
    fn of(
        records: &Records<'_>,
        what: &'static str,
        (object, find): (&Object, &Find),
        found: &Found,
        kept: usize,
    ) -> Result<Self, ToolError> {
        let orphan = |raw: &Value| {
            let id = RecordId::of(raw)?.to_string();
            let created_at = raw.get("createdAt").and_then(Value::as_str).map(str::to_owned);
            Ok(Orphan { name: label(object, raw), url: records.link(object, &id), id, created_at })
        };
        let orphans = found.records.iter().take(kept).map(orphan).collect::<Result<Vec<_>, ToolError>>()?;
        Ok(Self { what, total: found.total, offset: find.offset, records: orphans })
    }
}

impl fmt::Display for Orphans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts: Vec<String> =
            self.lists.iter().map(|list| format!("{} {}", list.total, list.what)).collect();
        writeln!(f, "{}.", counts.join(", "))?;
        for what in &self.not_looked_for {
            writeln!(f, "Not looked for, as this workspace keeps no such links: {what}.")?;
        }
        for (list, shown) in self.lists.iter().zip(&self.text.rows).filter(|(_, shown)| **shown > 0) {
            let (from, to) = (list.offset + 1, list.offset + shown);
            writeln!(f, "\n{} ({from}–{to} of {}, newest first)", list.what, list.total)?;
            let row = |orphan: &Orphan| {
                let created = orphan.created_at.as_deref().and_then(|at| at.get(..10)).unwrap_or_default();
                let name = orphan.name.clone().unwrap_or_default();
                vec![name, created.to_owned(), orphan.id.clone(), orphan.url.clone()]
            };
            let rows: Vec<Vec<String>> = list.records.iter().take(*shown).map(row).collect();
            f.write_str(&table(&["name", "created", "id", "page"], &rows))?;
        }
        let given: usize = self.lists.iter().map(|list| list.records.len()).sum();
        match &self.text.cursor {
            Some(cursor) if given > ROWS => {
                write!(f, "\nMore: the structured answer holds {given}, or call again with cursor {cursor}")
            }
            Some(cursor) => write!(f, "\nMore: call again with cursor {cursor}"),
            None => Ok(()),
        }
    }
}
