//! What hangs on what, and what hangs on nothing.

use super::{Large, ids, newest_first, tables::id};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub async fn complete(large: &Large) {
    orphans(large).await;
    let company = busiest(large.tables.all("people"), "companyId");
    pages(large, "get_company_contacts", json!({ "companyId": company }), "contacts", "people", "companyId")
        .await;
    let person = busiest(large.tables.all("opportunities"), "pointOfContactId");
    let deals = "opportunities";
    pages(large, "get_person_opportunities", json!({ "personId": person }), deals, deals, "pointOfContactId")
        .await;
    summary(large, &company, "company", "companyId").await;
    summary(large, &person, "person", "pointOfContactId").await;
}

/// The record that most rows point at.
pub fn busiest(rows: &[Value], column: &str) -> String {
    let mut held = BTreeMap::<&str, usize>::new();
    rows.iter().filter_map(|row| row[column].as_str()).for_each(|id| *held.entry(id).or_default() += 1);
    held.into_iter().max_by_key(|(_, held)| *held).unwrap().0.to_owned()
}

/// A list with `offset`, page after page, against the rows that point at one record.
async fn pages(large: &Large, tool: &str, mut arguments: Value, list: &str, object: &str, column: &str) {
    let owner = arguments.as_object().unwrap().values().next().unwrap().clone();
    let (mut all, mut offset) = (Vec::new(), Some(0));
    while let Some(at) = offset {
        arguments["offset"] = json!(at);
        let page = large.done(tool, arguments.clone()).await;
        all.extend(page[list].as_array().unwrap().iter().cloned());
        offset = page["nextOffset"].as_u64();
        assert!(offset.is_some() || page["total"].as_u64() == Some(all.len() as u64), "{tool}");
    }
    let all = json!(all);
    newest_first(&all);
    assert_eq!(ids(&all), large.tables.ids(object, |row| row[column] == owner), "{tool}");
}

async fn summary(large: &Large, record: &str, kind: &str, deals: &str) {
    let told =
        large.done("get_relationship_summary", json!({ "entityId": record, "entityType": kind })).await;
    let held = |object: &str, column: &str| large.tables.ids(object, |row| row[column] == record).len();
    assert_eq!(told["opportunities"], held("opportunities", deals), "{told}");
    let column = format!("{kind}Id");
    assert_eq!(told["tasks"], held("taskTargets", &column), "{told}");
    assert_eq!(told["notes"], held("noteTargets", &column), "{told}");
    if kind == "company" {
        assert_eq!(told["contacts"], held("people", &column), "{told}");
    }
    let mut sums = BTreeMap::<&str, i64>::new();
    for deal in large.tables.all("opportunities").iter().filter(|deal| deal[deals] == record) {
        if let Some(micros) = micros(deal) {
            *sums.entry(deal["amount"]["currencyCode"].as_str().unwrap_or_default()).or_default() += micros;
        }
    }
    let amounts = told["amounts"].as_array().unwrap().iter();
    let told: BTreeMap<&str, i64> = amounts
        .map(|sum| {
            (sum["currency"].as_str().unwrap(), (sum["amount"].as_f64().unwrap() * 1e6).round() as i64)
        })
        .collect();
    assert_eq!(told, sums, "the worth of {kind} {record}");
}

/// A deal's amount in millionths; some servers write it as a text.
pub fn micros(deal: &Value) -> Option<i64> {
    let micros = &deal["amount"]["amountMicros"];
    micros.as_f64().or_else(|| micros.as_str()?.parse().ok()).map(|micros| micros as i64)
}

async fn orphans(large: &Large) {
    let tables = &large.tables;
    let pointed = |object: &str, column: &str| -> BTreeSet<String> {
        tables.all(object).iter().filter_map(|row| Some(row[column].as_str()?.to_owned())).collect()
    };
    let (staffed, tasks, notes) =
        (pointed("people", "companyId"), pointed("taskTargets", "taskId"), pointed("noteTargets", "noteId"));
    let right = BTreeMap::from([
        ("companies without contacts", tables.ids("companies", |row| !staffed.contains(id(row)))),
        ("contacts without company", tables.ids("people", |row| row["companyId"].is_null())),
        ("opportunities without company", tables.ids("opportunities", |row| row["companyId"].is_null())),
        (
            "opportunities without contact",
            tables.ids("opportunities", |row| row["pointOfContactId"].is_null()),
        ),
        ("tasks without target", tables.ids("tasks", |row| !tasks.contains(id(row)))),
        ("notes without target", tables.ids("notes", |row| !notes.contains(id(row)))),
    ]);
    let (mut found, mut arguments) = (BTreeMap::<String, Vec<Value>>::new(), Some(json!({})));
    while let Some(given) = arguments {
        let page = large.done("find_orphaned_records", given).await;
        for list in page["lists"].as_array().unwrap() {
            let what = list["what"].as_str().unwrap();
            assert_eq!(list["total"], right[what].len(), "{what}");
            found
                .entry(what.to_owned())
                .or_default()
                .extend(list["records"].as_array().unwrap().iter().cloned());
        }
        arguments = page["nextCursor"].as_str().map(|cursor| json!({ "cursor": cursor }));
    }
    assert_eq!(found.len(), right.len());
    for (what, records) in found {
        let records = json!(records);
        newest_first(&records);
        assert_eq!(ids(&records), right[what.as_str()], "{what}");
    }
}
