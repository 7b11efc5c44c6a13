//! What a change of several records answers.

use crate::{
    seam::ToolError,
    tools::twenty::{
        changes::writer::Made,
        records::{
            record::Record,
            text::{lines, one_line, table},
        },
    },
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::{collections::HashSet, fmt};

/// How many records the text shows.
const SHOWN: usize = 50;
/// How many records the answer holds.
const HELD: usize = 500;

/// The records that were changed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Many {
    /// The object, in singular.
    object: String,
    /// How many were changed.
    changed: usize,
    /// How many went away while it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    gone: Option<usize>,
    /// They as they are now, 500 at the most: one alone with its fields, several with their names.
    records: Vec<Record>,
}

impl Many {
    /// The records of a change, each once.
    ///
    /// # Errors
    /// The workspace lost the object, or answered with records without ids.
    pub fn of(made: &Made<'_>, object: &str) -> Result<Self, ToolError> {
        let object = made.records.object(object)?;
        let mut known = HashSet::new();
        let there = made.all.iter().filter(|raw| !raw.is_null());
        // A record that was restored and then changed is the same record, last as it is now.
        let mut last: Vec<&Value> =
            there.rev().filter(|raw| known.insert(raw.get("id").and_then(Value::as_str))).collect();
        last.reverse();
        let gone = made.all.iter().filter(|raw| raw.is_null()).count();
        let held = last.iter().take(HELD).map(|raw| made.records.record(object, raw));
        let mut records = held.collect::<Result<Vec<_>, _>>()?;
        if last.len() > 1 {
            records.iter_mut().for_each(|record| record.fields.clear());
        }
        let gone = (gone > 0).then_some(gone);
        Ok(Self { object: object.singular.clone(), changed: last.len(), gone, records })
    }
}

impl fmt::Display for Many {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |record: &Record| one_line(record.name.as_deref().unwrap_or("unnamed"));
        if let ([record], 1) = (self.records.as_slice(), self.changed) {
            writeln!(f, "{} ({}, id {})", name(record), self.object, record.id)?;
            lines(f, record.fields.iter().map(|(name, value)| (name.as_str(), value)))?;
            return writeln!(f, "page: {}", record.url);
        }
        writeln!(f, "{} records ({}).", self.changed, self.object)?;
        let shown = self.records.iter().take(SHOWN);
        let rows: Vec<Vec<String>> =
            shown.map(|record| vec![name(record), record.id.clone(), record.url.clone()]).collect();
        if !rows.is_empty() {
            f.write_str(&table(&["name", "id", "page"], &rows))?;
        }
        if self.changed > rows.len() {
            writeln!(f, "and {} more", self.changed - rows.len())?;
        }
        self.gone
            .map_or(Ok(()), |gone| writeln!(f, "{gone} went away while it was done, and were not changed."))
    }
}
