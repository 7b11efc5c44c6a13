//! Records that look like one another, found and made one.

use super::listing::Listing;
use crate::{
    seam::{Call, Effect, Tool, ToolError},
    tools::twenty::{
        changes::{draft::Draft, plan::Planning, written::Written},
        pack::Twenty,
        records::{
            document::Document,
            engine::Records,
            faults::Faults,
            find::nodes,
            id::RecordId,
            input::data::{Purpose, data_at},
            names::{Linking, Names, Wanted},
            record::Record,
            reference::Reference,
            selection::{everything, hidden, selection},
            text::{lines, one_line},
        },
        workspace::schema::Object,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::fmt::{self, Display};

/// The most records that Twenty merges at once.
const MOST: usize = 9;

/// Find records like one that is there, or like data.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FindDuplicates {
    object: String,
    id: Option<String>,
    data: Option<Map<String, Value>>,
}
crate::register!(FindDuplicates);

impl Tool for FindDuplicates {
    const NAME: &'static str = "find_duplicates";
    type Pack = Twenty;
    type Output = Listing;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Listing, ToolError> {
        let records = twenty.records(&cx).await?;
        let object = records.object(&self.object)?;
        let root = format!("{}Duplicates", object.singular);
        if !records.workspace().has(&root) {
            return Err(ToolError::input(format_args!(
                "this workspace's server finds no duplicates of {}",
                object.plural
            ))
            .hint("compare with find_records, by name, email or domain"));
        }
        let (mut document, mut names) = (Document::default(), Names::new(Linking::Resolve));
        let argument = match (&self.id, &self.data) {
            (Some(id), None) => {
                let mut id = names.id("id", object, id)?;
                let found = records.ids(&cx, names.wanted()).await?;
                names.fill(&mut id, &found);
                format!("ids: [{id}]")
            }
            (None, Some(data)) => {
                let mut faults = Faults::default();
                let workspace = records.workspace();
                let made = data_at("data", &mut faults, workspace, object, data, Purpose::Create, &mut names);
                let mut made = json!([faults.or(made)?]);
                let found = records.ids(&cx, names.wanted()).await?;
                names.fill(&mut made, &found);
                let data = document.variable(&format!("[{}CreateInput]", object.kind()), made);
                format!("data: {data}")
            }
            _ => {
                return Err(ToolError::input("give either `id`, for a record that is there, or `data`"));
            }
        };
        let selected = selection(records.workspace(), object);
        let alias = document.root(&format!("{root}({argument}) {{ edges {{ node {{ {selected} }} }} }}"));
        let data = records.read(&cx, document).await?;
        let Some(answer) = data.get(&alias).and_then(|answers| answers.get(0)) else {
            return Err(ToolError::not_found(format_args!("`id`: there is no such {}", object.singular))
                .hint("it may have been deleted: search for it"));
        };
        let found = nodes(answer.get("edges"));
        let found = found.iter().map(|raw| records.record(object, raw));
        Ok(Listing::of(object, found.collect::<Result<_, _>>()?, None))
    }

    fn text(found: &Listing) -> Option<String> {
        Some(found.to_string())
    }
}

/// Merge 2 to 9 records into the one to keep (the first, unless told); the others are gone for good.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MergeRecords {
    object: String,
    #[schemars(length(min = 2, max = 9))]
    ids: Vec<String>,
    /// One of the ids.
    keep: Option<String>,
    #[serde(flatten)]
    planning: Planning,
}
crate::register!(MergeRecords);

/// The record that is left, or the plan and what would be left.
#[derive(Serialize, schemars::JsonSchema)]
pub struct Merged {
    #[serde(flatten)]
    written: Written<Left>,
    /// What would be left.
    #[serde(skip_serializing_if = "Option::is_none")]
    preview: Option<Left>,
}

/// A record that took up others.
#[derive(Serialize, schemars::JsonSchema)]
struct Left {
    #[serde(flatten)]
    record: Record,
}

impl Tool for MergeRecords {
    const NAME: &'static str = "merge_records";
    const EFFECT: Effect = Effect::Destroy;
    type Pack = Twenty;
    type Output = Merged;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Merged, ToolError> {
        let writer = twenty.writer(&cx, Self::NAME, &self.planning).await?;
        let records = writer.records();
        let object = records.object(&self.object)?;
        if !records.workspace().has(&format!("merge{}", object.kinds())) {
            return Err(ToolError::input(format_args!(
                "this workspace's server cannot merge {}",
                object.plural
            ))
            .hint("copy what is worth keeping with update_records, and delete the others"));
        }
        let (winner, others) = self.chosen(records, &cx, object).await?;
        let preview = match writer.shows() {
            true => Some(Left { record: preview(records, &cx, object, &winner, &others).await? }),
            false => None,
        };
        let written = writer.write(cx, |draft: &mut Draft<'_>| {
            draft.merge(draft.object(&self.object)?, winner.clone(), others.clone());
            Ok(())
        });
        let written = written.await?.map(|made| {
            made.one(|records, raw| Ok(Left { record: records.record(records.object(&self.object)?, raw)? }))
        })?;
        Ok(Merged { written, preview })
    }

    fn text(merged: &Merged) -> Option<String> {
        let preview = merged.preview.iter().map(|left| format!("\nThis would be left:\n{left}"));
        Some(merged.written.told("Merged") + &preview.collect::<String>())
    }
}

impl MergeRecords {
    /// The record that wins, and the others, all as they are.
    async fn chosen(
        &self,
        records: &Records<'_>,
        cx: &Call,
        object: &Object,
    ) -> Result<(Value, Vec<Value>), ToolError> {
        if self.ids.len() < 2 || self.ids.len() > MOST {
            return Err(ToolError::input(format_args!(
                "`ids` has {}: 2 to {MOST} records are merged at once",
                self.ids.len()
            )));
        }
        let told = self.ids.iter().enumerate().map(|(at, given)| (format!("ids[{at}]"), given));
        let told = told.chain(self.keep.iter().map(|given| ("keep".to_owned(), given)));
        let wanted = told.map(|(argument, given)| {
            let reference = Reference::parse(&argument, object, given)?;
            Ok(Wanted {
                reference,
                object: object.singular.clone(),
                given: given.trim().to_owned(),
                argument,
            })
        });
        let wanted = wanted.collect::<Result<Vec<_>, ToolError>>()?;
        let hidden = hidden(object).join(" ");
        let extra = vec![hidden.as_str(); wanted.len()];
        let mut found = records.look_up(cx, &wanted, &extra).await?;
        let kept = self.keep.as_ref().and_then(|_| found.pop());
        let ids = found.iter().map(RecordId::of).collect::<Result<Vec<_>, _>>()?;
        for (at, id) in ids.iter().enumerate() {
            if let Some(first) = ids.iter().take(at).position(|other| other == id) {
                let what = format_args!("`ids[{at}]` is the same record as `ids[{first}]`: {id}");
                return Err(ToolError::input(what).hint("a record is merged with others, not with itself"));
            }
        }
        let winner = match kept {
            None => 0,
            Some(kept) => {
                let kept = RecordId::of(&kept)?;
                let place = ids.iter().position(|id| *id == kept);
                place.ok_or_else(|| {
                    ToolError::input("`keep` is none of the records that are to be merged")
                        .hint("give one of `ids` as `keep`")
                })?
            }
        };
        let winner = found.remove(winner);
        Ok((winner, found))
    }
}

/// What the server says would be left.
async fn preview(
    records: &Records<'_>,
    cx: &Call,
    object: &Object,
    winner: &Value,
    others: &[Value],
) -> Result<Record, ToolError> {
    let ids = std::iter::once(winner).chain(others).map(RecordId::of);
    let ids = ids.map(|id| Ok(format!("\"{}\"", id?))).collect::<Result<Vec<_>, ToolError>>()?;
    let mut document = Document::default();
    let alias = document.root(&format!(
        "merge{}(ids: [{}], conflictPriorityIndex: 0, dryRun: true) {{ {} }}",
        object.kinds(),
        ids.join(", "),
        everything(records.workspace(), object)
    ));
    let mut data = records.rehearse(cx, document).await?;
    let mut left = data.remove(&alias).unwrap_or_default();
    if let Some(fields) = left.as_object_mut() {
        // A rehearsal gives an id of its own.
        fields.insert("id".into(), winner.get("id").cloned().unwrap_or_default());
    }
    records.record(object, &left)
}

impl Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Record { id, name, url, fields } = &self.record;
        writeln!(f, "{} (id {id})", one_line(name.as_deref().unwrap_or("unnamed")))?;
        lines(f, fields.iter().map(|(name, value)| (name.as_str(), value)))?;
        writeln!(f, "page: {url}")
    }
}
