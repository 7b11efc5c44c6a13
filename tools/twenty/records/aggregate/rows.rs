//! Groups for servers that cannot group: the records are read, only the fields that matter, and counted page by page.

use super::{
    dimension::number,
    groups::{Aggregate, GROUPS, Group, too_many},
    measure::{Function, Measure},
};
use crate::{
    seam::{Common, ToolError},
    tools::twenty::{
        records::{
            engine::Records,
            find::{Find, PAGE},
            plain::micros,
        },
        workspace::schema::Object,
    },
};
use serde_json::{Value, json};
use std::{
    cmp::Ordering,
    collections::{BTreeMap, HashMap, HashSet},
};

/// The most records that are read for one answer.
const RECORDS: usize = 100_000;

/// The groups, in no order.
pub(super) async fn count(
    records: &Records<'_>,
    cx: &Common,
    object: &Object,
    intent: &Aggregate,
) -> Result<Vec<Group>, ToolError> {
    let mut find = Find {
        filter: intent.filter.clone(),
        limit: PAGE,
        selection: Some(selection(intent)),
        ..Find::default()
    };
    let mut counting = Counting { intent, places: HashMap::new(), groups: Vec::new() };
    let mut read = 0_usize;
    loop {
        let found = records.find(cx, object, &find).await?;
        read += found.records.len();
        let total = found.total.max(read);
        if total > RECORDS {
            return Err(ToolError::limited(format_args!(
                "this server cannot group, and {} records are too many to be read for it",
                total
            ))
            .hint(format_args!("filter first: at most {RECORDS} records are read")));
        }
        found.records.iter().for_each(|record| counting.add(record));
        if counting.groups.len() > GROUPS {
            return Err(too_many());
        }
        let (done, all) = (read as f64, total as f64);
        find.after = found.next;
        if find.after.is_none() {
            break;
        }
        cx.progress(done, Some(all), &format!("{done} of {all} records")).await;
    }
    Ok(counting.told())
}

/// Records that are here already, counted.
pub(super) fn counted(intent: &Aggregate, records: &[Value]) -> Vec<Group> {
    let mut counting = Counting { intent, places: HashMap::new(), groups: Vec::new() };
    records.iter().for_each(|record| counting.add(record));
    counting.told()
}

/// What must be selected of records to count them.
pub(super) fn selection(intent: &Aggregate) -> String {
    let columns = intent.dimensions.iter().flat_map(|dimension| &dimension.columns);
    let columns = columns.map(|path| {
        path.iter().rev().fold(String::new(), |inner, name| match inner.as_str() {
            "" => name.clone(),
            inner => format!("{name} {{ {inner} }}"),
        })
    });
    let measures = intent.measures.iter().map(|measure| measure.selection.clone());
    let mut all: Vec<String> = columns.chain(measures).chain(["id".to_owned()]).collect();
    all.sort_unstable();
    all.dedup();
    all.join(" ")
}

struct Counting<'a> {
    intent: &'a Aggregate,
    places: HashMap<String, usize>,
    groups: Vec<(Vec<Value>, usize, Vec<Tally>)>,
}

impl Counting<'_> {
    fn add(&mut self, record: &Value) {
        let at = |path: &Vec<String>| {
            path.iter().try_fold(record, |value, name| value.get(name)).cloned().unwrap_or_default()
        };
        let keys: Vec<Value> = self
            .intent
            .dimensions
            .iter()
            .map(|dimension| {
                let values: Vec<Value> = dimension.columns.iter().map(at).collect();
                dimension.group(&values, &self.intent.zone)
            })
            .collect();
        let name = Value::Array(keys.clone()).to_string();
        let groups = &mut self.groups;
        let place = *self.places.entry(name).or_insert_with(|| {
            groups.push((keys, 0, vec![Tally::default(); self.intent.measures.len()]));
            groups.len() - 1
        });
        let Some((_, count, tallies)) = groups.get_mut(place) else { return };
        *count += 1;
        for (measure, tally) in self.intent.measures.iter().zip(tallies) {
            let value = measure.field.as_ref().and_then(|field| record.get(field));
            tally.add(measure, value.unwrap_or(&Value::Null));
        }
    }

    fn told(self) -> Vec<Group> {
        let intent = self.intent;
        let mut groups: Vec<Group> = self
            .groups
            .into_iter()
            .map(|(keys, count, tallies)| {
                let measures = intent.measures.iter().zip(&tallies);
                let measures = measures.map(|(measure, tally)| tally.told(measure, count)).collect();
                Group { keys, count, measures }
            })
            .collect();
        // As in SQL: without dimensions there is one group, be it empty.
        if groups.is_empty() && intent.dimensions.is_empty() {
            let measures = intent.measures.iter().map(|measure| Tally::default().told(measure, 0)).collect();
            groups.push(Group { keys: Vec::new(), count: 0, measures });
        }
        groups
    }
}

/// What is known of one measure of one group so far.
#[derive(Clone, Default)]
struct Tally {
    empty: usize,
    yes: usize,
    no: usize,
    unique: HashSet<String>,
    /// By currency, which only money has.
    amounts: BTreeMap<String, Amounts>,
}

#[derive(Clone, Default)]
struct Amounts {
    number: usize,
    sum: f64,
    least: Value,
    most: Value,
}

impl Tally {
    fn add(&mut self, measure: &Measure, value: &Value) {
        if empty(value) {
            self.empty += 1;
        } else if measure.function == Function::CountUnique {
            self.unique.insert(value.to_string());
        }
        match value {
            Value::Bool(true) => self.yes += 1,
            Value::Bool(false) => self.no += 1,
            _ => {}
        }
        if !measure.function.amounts() {
            return;
        }
        let (code, value) = match measure.money {
            true => {
                let code = value.get("currencyCode").and_then(Value::as_str).unwrap_or_default();
                let micros = value.get("amountMicros").unwrap_or(&Value::Null);
                let text = || micros.as_str().and_then(|text| text.parse::<f64>().ok());
                (code, micros.as_f64().or_else(text).map_or(Value::Null, |micros| json!(micros)))
            }
            false => ("", value.clone()),
        };
        if !value.is_null() {
            self.amounts.entry(code.to_owned()).or_default().add(value);
        }
    }

    fn told(&self, measure: &Measure, count: usize) -> Value {
        let share = |part: usize| match count {
            0 => Value::Null,
            count => number(part as f64 * 100.0 / count as f64),
        };
        match measure.function {
            Function::Count => json!(count),
            Function::CountUnique => json!(self.unique.len()),
            Function::CountEmpty => json!(self.empty),
            Function::CountNotEmpty => json!(count - self.empty),
            Function::PercentageEmpty => share(self.empty),
            Function::PercentageNotEmpty => share(count - self.empty),
            Function::CountTrue => json!(self.yes),
            Function::CountFalse => json!(self.no),
            function if measure.money => {
                let all: Vec<Value> = self
                    .amounts
                    .iter()
                    .map(|(code, amounts)| json!({ "amount": micros(&amounts.told(function)), "currency": code }))
                    .collect();
                if all.is_empty() { Value::Null } else { json!(all) }
            }
            function => self.amounts.get("").map_or(Value::Null, |amounts| amounts.told(function)),
        }
    }
}

impl Amounts {
    fn add(&mut self, value: Value) {
        self.number += 1;
        self.sum += value.as_f64().unwrap_or_default();
        if self.least.is_null() || order(&value, &self.least).is_lt() {
            self.least = value.clone();
        }
        if self.most.is_null() || order(&value, &self.most).is_gt() {
            self.most = value;
        }
    }

    fn told(&self, function: Function) -> Value {
        match function {
            Function::Min => self.least.clone(),
            Function::Max => self.most.clone(),
            Function::Avg => number(self.sum / self.number as f64),
            _ => number(self.sum),
        }
    }
}

fn order(a: &Value, b: &Value) -> Ordering {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        _ => a.as_str().cmp(&b.as_str()),
    }
}

/// Whether all parts of a value are empty.
fn empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(parts) => parts.values().all(empty),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::twenty::workspace::fixture::LEGACY;

    #[test]
    fn records_are_counted_as_the_server_would() {
        let deal = LEGACY.object("opportunity").unwrap();
        let measures =
            ["sum:amount", "avg:probability", "max:closeDate", "countUnique:name", "percentageEmpty:amount"];
        let intent =
            Aggregate::read(&LEGACY, deal, &["company", "closeDate:year"], &measures, "UTC").unwrap();
        assert_eq!(
            selection(&intent),
            "amount { amountMicros currencyCode } closeDate company { id } company { name } id name probability"
        );
        let mut counting = Counting { intent: &intent, places: HashMap::new(), groups: Vec::new() };
        let money = |micros: u64, code: &str| json!({ "amountMicros": micros, "currencyCode": code });
        let at = "2026-03-01T00:00:00Z";
        for record in [
            json!({ "name": "a", "amount": money(1_500_000, "EUR"), "closeDate": at, "probability": 40, "company": { "id": "7", "name": "Acme" } }),
            json!({ "name": "b", "amount": money(2_000_000, "EUR"), "closeDate": "2026-09-01T00:00:00Z", "probability": 0, "company": { "id": "7", "name": "Acme" } }),
            json!({ "name": "b", "amount": money(1_000_000, "USD"), "closeDate": at, "probability": null, "company": { "id": "7", "name": "Acme" } }),
            json!({ "name": "c", "amount": money(0, "EUR"), "closeDate": at, "company": { "id": "8", "name": "Acme" } }),
            json!({ "name": "d", "amount": null, "closeDate": null, "company": null }),
        ] {
            counting.add(&record);
        }
        let groups = counting.told();
        let told: Vec<Value> = groups.iter().map(|one| json!([one.keys, one.count, one.measures])).collect();
        assert_eq!(
            told,
            [
                json!([
                    [{ "id": "7", "name": "Acme" }, "2026"], 3,
                    [[{ "amount": 3.5, "currency": "EUR" }, { "amount": 1.0, "currency": "USD" }], 20, "2026-09-01T00:00:00Z", 2, 0]
                ]),
                json!([[{ "id": "8", "name": "Acme" }, "2026"], 1, [[{ "amount": 0.0, "currency": "EUR" }], null, at, 1, 0]]),
                json!([[null, null], 1, [null, null, null, 1, 100]]),
            ]
        );
    }
}
