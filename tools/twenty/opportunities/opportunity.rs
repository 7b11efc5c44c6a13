//! An opportunity of the workspace, under the names of the opportunity tools.

use crate::{
    seam::ToolError,
    tools::twenty::{
        listing::Page,
        money::Money,
        records::{
            engine::Records,
            linked::Linked,
            record::{Shape, written},
            text::{ROWS, table},
        },
        workspace::schema::Object,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;

/// A deal of the workspace.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Opportunity {
    /// The record's id.
    pub id: String,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is worth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// The workspace's value for the stage that it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    close_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    company: Option<Linked>,
    #[serde(skip_serializing_if = "Option::is_none")]
    point_of_contact: Option<Linked>,
    /// The record's page in Twenty.
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<String>,
    /// What to know of how it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Whatever else the workspace keeps of opportunities.
    #[serde(skip_serializing_if = "Map::is_empty")]
    other: Map<String, Value>,
}

/// Several opportunities, and how many there are in all.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Opportunities {
    /// Which piece of the list it is.
    #[serde(flatten)]
    pub page: Page,
    /// These.
    pub opportunities: Vec<Opportunity>,
}

const SHAPE: Shape = Shape {
    names: &[
        ("amount", "amount"),
        ("stage", "stage"),
        ("closeDate", "closeDate"),
        ("company", "company"),
        ("pointOfContact", "pointOfContact"),
    ],
    parts: &[],
};

/// The opportunity that a record is.
///
/// # Errors
/// The workspace answered with something else.
pub fn opportunity(records: &Records<'_>, object: &Object, raw: &Value) -> Result<Opportunity, ToolError> {
    records.shaped(object, raw, &SHAPE)
}

impl fmt::Display for Opportunity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_deref().unwrap_or("Nameless opportunity");
        written(f, name, &self.id, self, &self.other)
    }
}

impl fmt::Display for Opportunities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows: Vec<&Opportunity> = self.opportunities.iter().take(ROWS).collect();
        let given = self.opportunities.len();
        self.page.around(f, given, ("opportunity", "opportunities"), || listed(&rows))
    }
}

/// A table of opportunities.
#[must_use]
pub fn listed(opportunities: &[&Opportunity]) -> String {
    let cell = |text: &Option<String>| text.clone().unwrap_or_default();
    let rows = opportunities.iter().map(|deal| {
        let of = |linked: &Option<Linked>| linked.as_ref().map(|to| cell(&to.name)).unwrap_or_default();
        vec![
            cell(&deal.name),
            cell(&deal.stage),
            deal.amount.as_ref().map(ToString::to_string).unwrap_or_default(),
            deal.close_date.as_deref().and_then(|date| date.get(..10)).unwrap_or_default().to_owned(),
            of(&deal.company),
            of(&deal.point_of_contact),
            deal.id.clone(),
            deal.url.clone(),
        ]
    });
    let columns = ["name", "stage", "amount", "closes", "company", "contact", "id", "page"];
    table(&columns, &rows.collect::<Vec<_>>())
}
