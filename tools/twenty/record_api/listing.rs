//! Records as a list: all that was found in the answer, the most telling columns in the text.

use crate::tools::twenty::{
    records::{
        record::Record,
        text::{line, table},
    },
    workspace::schema::Object,
};
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;

/// The columns that a table chooses by itself.
const COLUMNS: usize = 5;

/// Some records of an object, and how many there are in all.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Listing {
    /// The object, in singular.
    pub object: String,
    /// How many there are in all.
    pub total: usize,
    /// Hand this over as `cursor` to see the next ones, where there are more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// These.
    pub records: Vec<Record>,
    #[serde(skip)]
    columns: Vec<String>,
}

impl Listing {
    /// A list with these columns, or with those that tell most.
    #[must_use]
    pub fn of(object: &Object, records: Vec<Record>, columns: Option<Vec<String>>) -> Self {
        let columns = columns.unwrap_or_else(|| telling(object, &records));
        Self { object: object.singular.clone(), total: records.len(), next_cursor: None, records, columns }
    }
}

impl fmt::Display for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.records.is_empty() {
            return writeln!(f, "No {} found ({} in all).", self.object, self.total);
        }
        writeln!(f, "{} of {} ({}).", self.records.len(), self.total, self.object)?;
        let mut head = vec!["name"];
        head.extend(self.columns.iter().map(String::as_str));
        head.extend(["id", "page"]);
        let rows = self.records.iter().map(|record| {
            let mut row = vec![record.name.clone().unwrap_or_default()];
            let cells = self.columns.iter().map(|name| record.fields.get(name).map(line).unwrap_or_default());
            row.extend(cells);
            row.extend([record.id.clone(), record.url.clone()]);
            row
        });
        let rows: Vec<Vec<String>> = rows.collect();
        f.write_str(&table(&head, &rows))?;
        match &self.next_cursor {
            Some(next) => writeln!(f, "More: call again with cursor {next}"),
            None => Ok(()),
        }
    }
}

/// The fields that tell most of these records: those that some of them have, by what they hold.
fn telling(object: &Object, records: &[Record]) -> Vec<String> {
    let weight = |kind: &str| match kind {
        "SELECT" => 0,
        "CURRENCY" => 1,
        "EMAILS" => 2,
        "RELATION" | "MORPH_RELATION" => 3,
        "LINKS" | "PHONES" => 4,
        "DATE" | "DATE_TIME" => 5,
        "TEXT" | "NUMBER" | "BOOLEAN" | "RATING" | "MULTI_SELECT" => 6,
        _ => 7,
    };
    let shown = |name: &String| {
        !matches!(name.as_str(), "createdAt" | "updatedAt")
            && records.iter().any(|record| record.fields.contains_key(name))
    };
    let fields = object.fields.iter().filter(|field| field.active && shown(&field.name));
    let mut fields: Vec<(usize, &String)> =
        fields.map(|field| (weight(&field.kind), &field.name)).filter(|(weight, _)| *weight < 7).collect();
    fields.sort_by_key(|(weight, _)| *weight);
    fields.into_iter().take(COLUMNS).map(|(_, name)| name.clone()).collect()
}
