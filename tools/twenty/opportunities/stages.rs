//! The pipeline: opportunities by stage.

use super::{
    opportunity::opportunity,
    pipeline::{Pipeline, Tally},
};
use crate::{
    seam::{Call, Common, Tool, ToolError},
    tools::twenty::{
        pack::Twenty,
        records::{
            document::Document,
            engine::Records,
            find::{Find, Found, count},
            search::newest_first,
        },
        workspace::schema::Object,
    },
};
use serde::Deserialize;
use serde_json::Value;

/// How many opportunities an answer lists.
const LISTED: usize = 500;
/// How many groups of one stage and currency are asked for.
const GROUPS: usize = 1000;

/// Count and sum all opportunities by stage and currency; lists the newest.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListOpportunitiesByStage {
    cursor: Option<String>,
}
crate::register!(ListOpportunitiesByStage);

impl Tool for ListOpportunitiesByStage {
    const NAME: &'static str = "list_opportunities_by_stage";
    type Pack = Twenty;
    type Output = Pipeline;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Pipeline, ToolError> {
        let records = twenty.records(&cx).await?;
        let deal = records.object("opportunity")?;
        let stage = deal.field("stage").ok_or_else(|| deal.no_field("stage"))?;
        let mut beside = Document::default();
        let groups = groups(&records, deal, &mut beside);
        let find =
            Find { order: newest_first(), limit: LISTED, after: self.cursor.clone(), ..Find::default() };
        let (found, data) = records.find_beside(&cx, deal, &find, beside).await?;
        let tally = groups.and_then(|alias| data.get(&alias)).map(counted);
        // A server that gives fewer groups than were asked for would count too few.
        let tally = match tally.filter(|tally| tally.total() == found.total) {
            Some(tally) => tally,
            None => self.read(&records, &cx, deal, &found).await?,
        };
        let rows = found.records.iter().map(|raw| opportunity(&records, deal, raw));
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        Ok(Pipeline {
            total: tally.total(),
            shown: rows.len(),
            next_cursor: found.next,
            stages: tally.stages(&stage.options, rows),
        })
    }

    fn text(pipeline: &Pipeline) -> Option<String> {
        Some(pipeline.to_string())
    }
}

impl ListOpportunitiesByStage {
    /// The pipeline from its newest opportunity on.
    #[must_use]
    pub const fn all() -> Self {
        Self { cursor: None }
    }

    /// Counts by reading: what is listed is there already, unless the list begins in the middle.
    async fn read(
        &self,
        records: &Records<'_>,
        cx: &Common,
        deal: &Object,
        listed: &Found,
    ) -> Result<Tally, ToolError> {
        let mut tally = Tally::default();
        let begun = self.cursor.is_none();
        if begun {
            listed.records.iter().for_each(|record| tally.record(record));
        }
        if !begun || listed.next.is_some() {
            let amount = money(deal).map(|_| " amount { amountMicros currencyCode }").unwrap_or_default();
            let find = Find {
                order: newest_first(),
                limit: listed.total.max(1),
                after: listed.next.clone().filter(|_| begun),
                selection: Some(format!("id stage{amount}")),
                ..Find::default()
            };
            records.find(cx, deal, &find).await?.records.iter().for_each(|record| tally.record(record));
        }
        Ok(tally)
    }
}

fn money(deal: &Object) -> Option<&str> {
    deal.field("amount").filter(|field| field.kind == "CURRENCY").map(|field| field.name.as_str())
}

/// Asks for the groups, where the server makes them; the alias of the answer.
fn groups(records: &Records<'_>, deal: &Object, document: &mut Document) -> Option<String> {
    let root = format!("{}GroupBy", deal.plural);
    if !records.workspace().has(&root) {
        return None;
    }
    let (by, sum) = match money(deal) {
        Some(_) => (", { amount: { currencyCode: true } }", " sumAmountAmountMicros"),
        None => ("", ""),
    };
    let limit =
        if records.workspace().takes(&root, "limit") { format!(", limit: {GROUPS}") } else { String::new() };
    Some(document.root(&format!(
        "{root}(groupBy: [{{ stage: true }}{by}]{limit}) {{ groupByDimensionValues totalCount{sum} }}"
    )))
}

fn counted(groups: &Value) -> Tally {
    let mut tally = Tally::default();
    for group in groups.as_array().into_iter().flatten() {
        let value = |at: usize| group.get("groupByDimensionValues")?.get(at)?.as_str();
        let micros = group.get("sumAmountAmountMicros").and_then(Value::as_f64);
        tally.add(value(0), count(group, "totalCount").unwrap_or_default(), micros, value(1));
    }
    tally
}
