//! Companies and opportunities: all of them, by what is said of them, and by stage.

use super::{Large, ids, newest_first, relations::micros};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub async fn complete(large: &Large) {
    let tables = &large.tables;
    let companies = large.done("search_companies", json!({ "query": "", "limit": 5_000 })).await;
    newest_first(&companies["companies"]);
    assert_eq!(ids(&companies["companies"]), tables.ids("companies", |_| true));
    assert_eq!(companies.get("nextOffset"), None);

    let first = large.done("search_opportunities", json!({ "limit": 5_000 })).await;
    let rest = large.done("search_opportunities", json!({ "limit": 5_000, "offset": 5_000 })).await;
    let all = [&first, &rest].map(|page| page["opportunities"].as_array().unwrap().clone()).concat();
    assert_eq!(ids(&json!(all)), tables.ids("opportunities", |_| true));
    newest_first(&json!(all));

    let arguments = json!({
        "stage": "MEETING", "minAmount": 1000, "maxAmount": 50_000.5, "startDate": "2026-01-01", "limit": 5_000,
    });
    let found = large.done("search_opportunities", arguments).await;
    let right = tables.ids("opportunities", |deal| {
        deal["stage"] == "MEETING"
            && micros(deal).is_some_and(|micros| (1_000_000_000..=50_000_500_000).contains(&micros))
            && deal["closeDate"].as_str().is_some_and(|date| date >= "2026-01-01")
    });
    assert!(right.len() > 200, "{}", right.len());
    assert_eq!(ids(&found["opportunities"]), right);
    by_stage(large).await;
}

async fn by_stage(large: &Large) {
    let deals = large.tables.all("opportunities");
    let mut right = BTreeMap::<(String, String), i64>::new();
    let mut counts = BTreeMap::<String, usize>::new();
    for deal in deals {
        let stage = deal["stage"].as_str().unwrap_or_default().to_owned();
        *counts.entry(stage.clone()).or_default() += 1;
        if let Some(micros) = micros(deal) {
            let currency = deal["amount"]["currencyCode"].as_str().unwrap_or_default().to_owned();
            *right.entry((stage, currency)).or_default() += micros;
        }
    }
    let (mut listed, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let given = if cursor.is_null() { json!({}) } else { json!({ "cursor": cursor }) };
        let page = large.done("list_opportunities_by_stage", given).await;
        assert_eq!(page["total"], deals.len());
        let mut sums = BTreeMap::new();
        for stage in page["stages"].as_array().unwrap() {
            let name = stage["stage"].as_str().unwrap_or_default();
            assert_eq!(stage["total"], counts.get(name).copied().unwrap_or_default(), "{name}");
            for sum in stage["amounts"].as_array().unwrap() {
                let micros = (sum["amount"].as_f64().unwrap() * 1e6).round() as i64;
                sums.insert((name.to_owned(), sum["currency"].as_str().unwrap().to_owned()), micros);
            }
            listed.extend(stage["opportunities"].as_array().unwrap().iter().cloned());
        }
        assert_eq!(sums, right);
        cursor = page["nextCursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    assert_eq!(ids(&json!(listed)), large.tables.ids("opportunities", |_| true));
}
