//! The record tools over many rows: found by cursor, counted, grouped.

use super::{Large, ids};
use serde_json::json;
use std::collections::BTreeMap;

pub async fn complete(large: &Large) {
    let tables = &large.tables;
    let (mut all, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let mut given = json!({ "object": "person", "fields": ["name"], "limit": 5_000 });
        if let Some(cursor) = &cursor {
            given["cursor"] = json!(cursor);
        }
        let page = large.done("find_records", given).await;
        assert_eq!(page["total"], tables.all("people").len());
        all.extend(page["records"].as_array().unwrap().iter().cloned());
        match page["nextCursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => break,
        }
    }
    assert_eq!(ids(&json!(all)), tables.ids("people", |_| true));

    let company = super::relations::busiest(tables.all("people"), "companyId");
    let filter = json!({ "company": company, "emails": { "contains": "a" } });
    let counted = large.done("count_records", json!({ "object": "people", "filter": filter })).await;
    let right = tables.ids("people", |row| {
        row["companyId"] == company.as_str()
            && row["emails"]["primaryEmail"].as_str().unwrap_or_default().to_lowercase().contains('a')
    });
    assert_eq!(counted["total"], right.len());

    let given = json!({ "object": "person", "groupBy": ["company"], "limit": 1000 });
    let grouped = large.done("aggregate_records", given).await;
    let mut held = BTreeMap::<String, u64>::new();
    tables.all("people").iter().for_each(|row| *held.entry(row["companyId"].to_string()).or_default() += 1);
    assert_eq!(grouped["totalRecords"], tables.all("people").len());
    assert_eq!(grouped["totalGroups"], held.len());
    let counts = grouped["groups"].as_array().unwrap().iter().map(|group| group["count"].as_u64().unwrap());
    let mut right: Vec<u64> = held.into_values().collect();
    right.sort_unstable_by(|a, b| b.cmp(a));
    right.truncate(1000);
    assert_eq!(counts.collect::<Vec<_>>(), right, "the largest groups first");
}
