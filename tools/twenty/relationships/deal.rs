//! An opportunity as the relationship tools tell it.

use crate::{
    seam::ToolError,
    tools::twenty::{
        contact::Linked,
        records::{
            engine::Records,
            record::Shape,
            text::{ROWS, line, lines, money, one_line, rest, table},
        },
        workspace::schema::Object,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// What is selected of an opportunity.
pub const SHOWN: [&str; 7] =
    ["name", "amount", "stage", "closeDate", "company", "pointOfContact", "createdAt"];

/// An opportunity in short.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Deal {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    close_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    company: Option<Linked>,
    #[serde(skip_serializing_if = "Option::is_none")]
    point_of_contact: Option<Linked>,
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<String>,
}

/// An amount in one currency.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Money {
    /// In units of the currency.
    pub amount: f64,
    /// As in `EUR`; empty where none is kept.
    pub currency: String,
}

/// Several opportunities, and how many there are in all.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Deals {
    /// How many there are in all.
    pub total: usize,
    /// How many of them were passed over.
    offset: usize,
    /// The offset that shows the next ones, where there are more.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_offset: Option<usize>,
    opportunities: Vec<Deal>,
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
pub fn deal(records: &Records<'_>, opportunity: &Object, raw: &Value) -> Result<Deal, ToolError> {
    records.shaped(opportunity, raw, &SHAPE)
}

impl Deals {
    /// A page of opportunities, and the place of the next one.
    #[must_use]
    pub fn page(total: usize, offset: usize, opportunities: Vec<Deal>) -> Self {
        let shown = offset.saturating_add(opportunities.len());
        let next_offset = (shown < total && !opportunities.is_empty()).then_some(shown);
        Self { total, offset, next_offset, opportunities }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&money(self.amount, &self.currency))
    }
}

impl fmt::Display for Deal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_deref().map(one_line);
        writeln!(f, "{} (id {})", name.as_deref().unwrap_or("Nameless opportunity"), self.id)?;
        let fields = serde_json::to_value(self).map_err(|_| fmt::Error)?;
        let shown = fields.as_object().into_iter().flatten();
        let shown = shown.filter(|(name, _)| !matches!(name.as_str(), "id" | "name" | "createdAt"));
        lines(f, shown.map(|(name, value)| (name.as_str(), value)))
    }
}

impl fmt::Display for Deals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.opportunities.len().min(ROWS);
        writeln!(f, "{shown} of {} opportunities, newest first.", self.total)?;
        let rows = self.opportunities.iter().take(ROWS).map(|deal| {
            let company = deal.company.as_ref().and_then(|company| company.name.clone());
            vec![
                deal.name.clone().unwrap_or_default(),
                deal.stage.clone().unwrap_or_default(),
                deal.amount.as_ref().map(ToString::to_string).unwrap_or_default(),
                company.unwrap_or_default(),
                deal.close_date.clone().map(|date| line(&date.into())).unwrap_or_default(),
                deal.id.clone(),
                deal.url.clone(),
            ]
        });
        let rows: Vec<Vec<String>> = rows.collect();
        if !rows.is_empty() {
            f.write_str(&table(&["name", "stage", "amount", "company", "close", "id", "page"], &rows))?;
        }
        f.write_str(&rest(self.offset, self.opportunities.len(), self.total))
    }
}
