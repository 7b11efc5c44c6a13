//! The pipeline.

use super::{Large, relations::micros};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub async fn complete(large: &Large) {
    let report = large.done("pipeline_report", json!({})).await;
    let deals = large.tables.all("opportunities");
    assert_eq!(report["deals"], deals.len());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut right = BTreeMap::<(String, String, String), (u64, i64)>::new();
    for deal in deals {
        let month = deal["closeDate"].as_str().map_or("none", |date| &date[..7]).to_owned();
        let key = (text(&deal["stage"]), month, text(&deal["amount"]["currencyCode"]));
        let (count, sum) = right.entry(key).or_default();
        *count += 1;
        *sum += micros(deal).unwrap_or_default();
    }
    let rows = report["rows"].as_array().unwrap().iter();
    let told: BTreeMap<_, _> = rows
        .map(|row| {
            let sum = (row["amount"].as_f64().unwrap_or_default() * 1e6).round() as i64;
            let key = (text(&row["stage"]), text(&row["month"]), text(&row["currency"]));
            (key, (row["deals"].as_u64().unwrap(), sum))
        })
        .collect();
    assert_eq!(told, right);
}
