//! The pipeline: deals by stage, currency and closing month, and what they are worth when weighed by their chances.

use crate::{
    seam::{Call, Tool, ToolError},
    tools::twenty::{
        pack::Twenty,
        records::{
            aggregate::groups::{Aggregate, Group},
            input::filter::filter,
            names::{Linking, Names},
            text::{money, table},
        },
        workspace::schema::{Field, Object},
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, fmt::Write as _};

/// Deals by stage, currency and closing month, weighted by probability where the workspace has it.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PipelineReport {
    /// First closing day.
    from: Option<String>,
    /// Last closing day.
    to: Option<String>,
    /// As in find_records.
    #[serde(default)]
    filter: Map<String, Value>,
}
crate::register!(PipelineReport);

/// The pipeline.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Pipeline {
    /// How many deals there are.
    deals: usize,
    /// The field that deals are weighed by, where the workspace has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    weighted_by: Option<String>,
    /// Deals that have no probability: they are in the amounts, and not in the weighted ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    without_probability: Option<usize>,
    /// Each currency's deals.
    currencies: Vec<Row>,
    /// Each stage's, in the workspace's order.
    stages: Vec<Row>,
    /// Each closing month's.
    months: Vec<Row>,
    /// Each stage's in each month.
    rows: Vec<Row>,
}

/// Deals that have something in common. Money is never summed across currencies.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Row {
    /// The stage's value.
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<String>,
    /// The month that they close in, as in `2026-01`; "none" without a date.
    #[serde(skip_serializing_if = "Option::is_none")]
    month: Option<String>,
    /// None where deals have no amount.
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
    deals: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    weighted: Option<f64>,
}

impl Tool for PipelineReport {
    const NAME: &'static str = "pipeline_report";
    type Pack = Twenty;
    type Output = Pipeline;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Pipeline, ToolError> {
        let records = twenty.records(&cx).await?;
        let (workspace, deal) = (records.workspace(), records.object("opportunity")?);
        let probability = probability(deal).map(|field| field.name.clone());
        let mut by = vec!["stage", "closeDate:month", "amount.currencyCode"];
        by.extend(probability.as_deref());
        let intent = Aggregate::read(workspace, deal, &by, &["sum:amount"], "UTC")?;
        let mut names = Names::new(Linking::Resolve);
        let mut filter = filter(workspace, deal, &self.filter(), &mut names)?;
        names.fill(&mut filter, &records.ids(&cx, names.wanted()).await?);
        let found = records.aggregate(&cx, deal, &intent.over(filter)).await?;
        Ok(pipeline(deal, probability, found.records, &found.groups))
    }

    fn text(pipeline: &Pipeline) -> Option<String> {
        Some(pipeline.told())
    }
}

impl PipelineReport {
    fn filter(&self) -> Value {
        let mut closes = Map::new();
        closes.extend(self.from.as_ref().map(|day| ("gte".to_owned(), json!(day))));
        closes.extend(self.to.as_ref().map(|day| ("lte".to_owned(), json!(day))));
        let closes = (!closes.is_empty()).then(|| json!({ "closeDate": closes }));
        let given = (!self.filter.is_empty()).then(|| Value::Object(self.filter.clone()));
        match (closes, given) {
            (Some(closes), Some(given)) => json!({ "and": [given, closes] }),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => json!({}),
        }
    }
}

/// The field that says how likely a deal is won.
fn probability(deal: &Object) -> Option<&Field> {
    let number = |field: &&Field| field.active && matches!(field.kind.as_str(), "NUMBER" | "NUMERIC");
    let named =
        |field: &&Field| field.name == "probability" || field.label.to_lowercase().contains("probability");
    deal.fields.iter().find(|field| number(field) && named(field))
}

fn pipeline(deal: &Object, probability: Option<String>, deals: usize, groups: &[Group]) -> Pipeline {
    let chance = |group: &Group| group.keys.get(3).and_then(Value::as_f64);
    // Chances are kept from 0 to 100 or from 0 to 1.
    let scale = if groups.iter().filter_map(chance).any(|chance| chance > 1.0) { 100.0 } else { 1.0 };
    let (mut currencies, mut stages, mut months, mut rows) =
        (Sums::default(), Sums::default(), Sums::default(), Sums::default());
    let mut without = 0;
    for group in groups {
        let key = |at: usize| {
            group.keys.get(at).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let (stage, month, currency) = (key(0), key(1).unwrap_or_else(|| "none".into()), key(2));
        let amount = group.measures.first().and_then(Value::as_array).and_then(|sums| sums.first());
        let amount = amount.and_then(|sum| sum.get("amount")).and_then(Value::as_f64);
        let weighted =
            probability.as_ref().and(amount).zip(chance(group)).map(|(sum, chance)| sum * chance / scale);
        if probability.is_some() && chance(group).is_none() {
            without += group.count;
        }
        let row = Row { currency, deals: group.count, amount, weighted, ..Row::default() };
        let stage = Some(stage.unwrap_or_else(|| "none".into()));
        currencies.add(row.clone());
        stages.add(Row { stage: stage.clone(), ..row.clone() });
        months.add(Row { month: Some(month.clone()), ..row.clone() });
        rows.add(Row { stage, month: Some(month), ..row });
    }
    let order: Vec<&str> = deal
        .field("stage")
        .map(|stage| stage.options.iter().map(|option| option.value.as_str()).collect())
        .unwrap_or_default();
    Pipeline {
        deals,
        without_probability: (without > 0).then_some(without),
        weighted_by: probability,
        currencies: currencies.done(&order),
        stages: stages.done(&order),
        months: months.done(&order),
        rows: rows.done(&order),
    }
}

/// Stage, month and currency.
type Key = [Option<String>; 3];

/// Rows by what they have in common.
#[derive(Default)]
struct Sums(BTreeMap<Key, Row>);

impl Sums {
    fn add(&mut self, row: Row) {
        let key = [row.stage.clone(), row.month.clone(), row.currency.clone()];
        let Some(sum) = self.0.get_mut(&key) else {
            self.0.insert(key, row);
            return;
        };
        let plus = |a: Option<f64>, b: Option<f64>| a.zip(b).map(|(a, b)| a + b).or(a).or(b);
        sum.deals += row.deals;
        sum.amount = plus(sum.amount, row.amount);
        sum.weighted = plus(sum.weighted, row.weighted);
    }

    /// In the order of stages, months and currencies.
    fn done(self, stages: &[&str]) -> Vec<Row> {
        let mut rows: Vec<Row> = self.0.into_values().collect();
        let place = |row: &Row| {
            row.stage
                .as_ref()
                .map(|stage| stages.iter().position(|known| known == stage).unwrap_or(stages.len()))
        };
        rows.sort_by_key(place);
        let cents = |sum: &mut Option<f64>| {
            if let Some(sum) = sum {
                *sum = (*sum * 100.0).round() / 100.0;
            }
        };
        for row in &mut rows {
            cents(&mut row.amount);
            cents(&mut row.weighted);
        }
        rows
    }
}

impl Pipeline {
    fn told(&self) -> String {
        if self.deals == 0 {
            return "No deals.".to_owned();
        }
        let mut text = format!("{} deals. Amounts are never summed across currencies.\n", self.deals);
        if let Some(field) = &self.weighted_by {
            // Writing to a String cannot fail.
            let _ = write!(text, "Weighted by `{field}`");
            let _ = match self.without_probability {
                Some(without) => writeln!(text, "; {without} deals have none and are left out of it."),
                None => writeln!(text, "."),
            };
        }
        for (title, rows) in
            [("currency", &self.currencies), ("stage", &self.stages), ("month", &self.months)]
        {
            let _ = write!(text, "\n## By {title}\n\n{}", shown(rows));
        }
        text
    }
}

fn shown(rows: &[Row]) -> String {
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let currency = row.currency.as_deref().unwrap_or_default();
            let sum = |sum: Option<f64>| sum.map(|sum| money(sum, currency)).unwrap_or_default();
            vec![
                row.stage.clone().unwrap_or_default(),
                row.month.clone().unwrap_or_default(),
                if currency.is_empty() { "no amount".to_owned() } else { currency.to_owned() },
                row.deals.to_string(),
                sum(row.amount),
                sum(row.weighted),
            ]
        })
        .collect();
    table(&["stage", "month", "currency", "deals", "amount", "weighted"], &rows)
}
