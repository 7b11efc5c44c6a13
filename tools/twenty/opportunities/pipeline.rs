//! Opportunities by stage: how many there are, and what they are worth in each currency.

use super::opportunity::{Opportunity, listed};
use crate::{
    seam::ToolError,
    tools::twenty::{
        money::Money,
        records::text::{ROWS, one_line},
        workspace::schema::{Choice, meant},
    },
};
use serde::Serialize;
use serde_json::Value;
use std::{
    collections::{BTreeMap, HashMap},
    fmt,
};

/// All opportunities by stage, in the workspace's order.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Pipeline {
    /// How many opportunities there are.
    pub total: usize,
    /// How many of them are listed here.
    pub shown: usize,
    /// The cursor that lists the next ones, where there are more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// The stages, empty ones too.
    pub stages: Vec<Stage>,
}

/// The opportunities of one stage.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Stage {
    /// The workspace's value for it; nothing for opportunities without a stage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// As people see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// How many there are in it.
    pub total: usize,
    /// What all of them are worth, a sum for each currency.
    pub amounts: Vec<Money>,
    /// The listed ones, newest first.
    pub opportunities: Vec<Opportunity>,
    /// How many of those the text shows.
    #[serde(skip)]
    told: usize,
}

/// How many there are in each stage, and their sums in millionths by currency.
#[derive(Debug, Default, PartialEq)]
pub struct Tally {
    stages: HashMap<Option<String>, (usize, BTreeMap<String, f64>)>,
}

impl Tally {
    /// Counts opportunities of a stage, with the sum of their amounts in a currency where they have any.
    pub fn add(&mut self, stage: Option<&str>, deals: usize, micros: Option<f64>, currency: Option<&str>) {
        let stage = stage.filter(|stage| !stage.is_empty()).map(str::to_owned);
        let (total, sums) = self.stages.entry(stage).or_default();
        *total += deals;
        if let Some(micros) = micros {
            *sums.entry(currency.unwrap_or_default().to_owned()).or_default() += micros;
        }
    }

    /// Counts one record.
    pub fn record(&mut self, record: &Value) {
        let text = |path: &str| record.pointer(path).and_then(Value::as_str);
        let micros = record.pointer("/amount/amountMicros");
        let micros = micros.and_then(|micros| micros.as_f64().or_else(|| micros.as_str()?.parse().ok()));
        self.add(text("/stage"), 1, micros, text("/amount/currencyCode"));
    }

    /// How many there are.
    #[must_use]
    pub fn total(&self) -> usize {
        self.stages.values().map(|(total, _)| total).sum()
    }

    /// All stages with the opportunities that are listed, which come newest first.
    #[must_use]
    pub fn stages(mut self, options: &[Choice], listed: Vec<Opportunity>) -> Vec<Stage> {
        let mut known: Vec<(Option<String>, Option<String>)> =
            options.iter().map(|one| (Some(one.value.clone()), Some(one.label.clone()))).collect();
        let mut others: Vec<Option<String>> =
            self.stages.keys().chain(listed.iter().map(|deal| &deal.stage)).cloned().collect();
        others.retain(|stage| known.iter().all(|(known, _)| known != stage));
        // What has no stage comes last.
        others.sort_by_key(|stage| (stage.is_none(), stage.clone()));
        others.dedup();
        known.extend(others.into_iter().map(|stage| (stage, None)));
        let mut stages: Vec<Stage> = Vec::with_capacity(known.len());
        for (stage, label) in known {
            let (total, sums) = self.stages.remove(&stage).unwrap_or_default();
            let amounts = sums.into_iter().map(|(currency, micros)| Money { amount: micros / 1e6, currency });
            let amounts = amounts.collect();
            stages.push(Stage { stage, label, total, amounts, opportunities: Vec::new(), told: 0 });
        }
        for (nth, deal) in listed.into_iter().enumerate() {
            if let Some(stage) = stages.iter_mut().find(|stage| stage.stage == deal.stage) {
                stage.told += usize::from(nth < ROWS);
                stage.opportunities.push(deal);
            }
        }
        stages
    }
}

impl Pipeline {
    /// The stage that a value or a label stands for, as people and the workspace call it.
    ///
    /// # Errors
    /// There is none; tells those that there are.
    pub fn stage(&self, named: &str) -> Result<String, ToolError> {
        let lower = named.to_lowercase();
        let is = |text: &Option<String>| text.as_ref().is_some_and(|text| text.to_lowercase() == lower);
        let found = self.stages.iter().find(|stage| is(&stage.stage) || is(&stage.label));
        found.map(Stage::name).ok_or_else(|| {
            let known: Vec<&str> = self.stages.iter().filter_map(|stage| stage.stage.as_deref()).collect();
            ToolError::input(format_args!("there is no stage `{}`", one_line(named)))
                .hint(meant(named, &known))
        })
    }
}

impl Stage {
    fn name(&self) -> String {
        match (&self.stage, &self.label) {
            (None, _) => "No stage".to_owned(),
            (Some(stage), Some(label)) if label != stage => format!("{} ({stage})", one_line(label)),
            (Some(stage), _) => one_line(stage),
        }
    }
}

impl fmt::Display for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} opportunities by stage.", self.total)?;
        for stage in &self.stages {
            stage.fmt(f)?;
        }
        let told = self.shown.min(ROWS);
        if told < self.total {
            writeln!(
                f,
                "\n{told} of {} are listed here, newest first; search_opportunities finds others.",
                self.total
            )?;
        }
        let Some(next) = &self.next_cursor else { return Ok(()) };
        write!(
            f,
            "The structured answer lists {}; the ones after them: call again with cursor {next}",
            self.shown
        )
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name();
        let sums: Vec<String> = self.amounts.iter().map(ToString::to_string).collect();
        let sums = if sums.is_empty() { String::new() } else { format!(", {}", sums.join(" + ")) };
        writeln!(f, "\n{name}: {}{sums}", self.total)?;
        let told: Vec<&Opportunity> = self.opportunities.iter().take(self.told).collect();
        if told.is_empty() { Ok(()) } else { f.write_str(&listed(&told)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn currencies_are_never_added_up_and_empty_stages_stay() {
        let mut tally = Tally::default();
        tally.add(Some("NEW"), 2, Some(5e6), Some("EUR"));
        tally.add(Some("NEW"), 1, Some(7e6), Some("USD"));
        tally.add(Some("OLD"), 1, None, None);
        tally.add(None, 3, None, Some("USD"));
        let option = |value: &str| Choice { value: value.into(), label: value.to_lowercase() };
        assert_eq!(tally.total(), 7);
        let stages = tally.stages(&[option("WON"), option("NEW")], Vec::new());
        let told: Vec<_> = stages.iter().map(|one| (one.stage.as_deref(), one.total)).collect();
        assert_eq!(told, [(Some("WON"), 0), (Some("NEW"), 3), (Some("OLD"), 1), (None, 3)]);
        let sums: Vec<String> = stages[1].amounts.iter().map(ToString::to_string).collect();
        assert_eq!(sums, ["EUR 5.00", "USD 7.00"]);
        assert!(stages[3].amounts.is_empty());
    }
}
