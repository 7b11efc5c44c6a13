//! Numbers over the records of any object, in groups.

use super::ask::{Filter, filtered};
use crate::{
    seam::{Call, Tool, ToolError},
    tools::twenty::{
        pack::Twenty,
        records::{
            aggregate::groups::{Aggregate, Group},
            text::{line, table},
        },
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Group and measure records; money stays apart by currency.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AggregateRecords {
    object: String,
    /// As in stage, closeDate:month, company.name.
    #[serde(default)]
    #[schemars(length(max = 3))]
    group_by: Vec<String>,
    /// count, or min, max, avg, sum, countUnique, countEmpty of a field: sum:amount.
    #[serde(default)]
    measures: Vec<String>,
    filter: Filter,
    #[serde(default = "fifty")]
    #[schemars(range(min = 1, max = 1000))]
    limit: usize,
    #[serde(default = "utc")]
    time_zone: String,
}
crate::register!(AggregateRecords);

const fn fifty() -> usize {
    50
}

fn utc() -> String {
    "UTC".into()
}

/// Groups of records with what was measured of each.
#[derive(Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Aggregated {
    /// The object, in singular.
    object: String,
    /// How many records are in all groups.
    total_records: usize,
    /// How many groups there are in all.
    total_groups: usize,
    /// Each group: what its records share, `count`, and the measures, under the names that were asked for.
    groups: Vec<Map<String, Value>>,
}

impl Tool for AggregateRecords {
    const NAME: &'static str = "aggregate_records";
    type Pack = Twenty;
    type Output = Aggregated;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Aggregated, ToolError> {
        let records = twenty.records(&cx).await?;
        let object = records.object(&self.object)?;
        let intent =
            Aggregate::read(records.workspace(), object, &self.group_by, &self.measures, &self.time_zone)?;
        let intent = intent.over(filtered(&records, &cx, object, &self.filter).await?);
        let found = records.aggregate(&cx, object, &intent).await?;
        let group = |group: &Group| {
            let keys = intent.dimensions.iter().zip(&group.keys);
            let mut told: Map<String, Value> =
                keys.map(|(dimension, key)| (dimension.name.clone(), key.clone())).collect();
            told.insert("count".into(), json!(group.count));
            let measures = intent.measures.iter().zip(&group.measures);
            told.extend(measures.map(|(measure, value)| (measure.name.clone(), value.clone())));
            told
        };
        Ok(Aggregated {
            object: object.singular.clone(),
            total_records: found.records,
            total_groups: found.groups.len(),
            groups: found.groups.iter().take(self.limit).map(group).collect(),
        })
    }

    fn text(found: &Aggregated) -> Option<String> {
        let Aggregated { object, total_records, total_groups, groups } = found;
        let mut out =
            format!("{} of {total_groups} groups; {total_records} records ({object}).\n", groups.len());
        let Some(first) = groups.first() else { return Some(out) };
        let columns: Vec<&str> = first.keys().map(String::as_str).collect();
        let cell = |value: &Value| if value.is_null() { "(none)".to_owned() } else { line(value) };
        let rows = groups.iter().map(|group| group.values().map(cell).collect());
        out.push_str(&table(&columns, &rows.collect::<Vec<Vec<String>>>()));
        if groups.len() < *total_groups {
            out.push_str("More: a higher limit, a filter, or something coarser to group by.\n");
        }
        Some(out)
    }
}
