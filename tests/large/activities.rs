//! Tasks and notes: all of them, by what is said of them, and around one company.

use super::{Large, ids, newest_first, tables::id};
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub async fn complete(large: &Large) {
    let tables = &large.tables;
    let all = [
        large.done("get_tasks", json!({ "limit": 5_000 })).await,
        large.done("get_tasks", json!({ "limit": 5_000, "offset": 5_000 })).await,
    ];
    let tasks = json!(all.each_ref().map(|page| page["tasks"].as_array().unwrap().clone()).concat());
    assert_eq!(ids(&tasks), tables.ids("tasks", |_| true));
    newest_first(&tasks);

    let since = "2026-06-01";
    let given = json!({ "type": ["task"], "status": ["DONE"], "dateFrom": since });
    let done = listed(large, "filter_activities", given).await;
    let right =
        tables.ids("tasks", |row| row["status"] == "DONE" && row["createdAt"].as_str().unwrap() >= since);
    assert!(right.len() > 200, "{}", right.len());
    assert_eq!(ids(&done), right);

    let both = listed(large, "get_activities", json!({ "dateFrom": since })).await;
    let of_both = ["tasks", "notes"]
        .map(|object| tables.ids(object, |row| row["createdAt"].as_str().unwrap() >= since));
    assert_eq!(ids(&both), of_both.into_iter().flatten().collect());

    let company = super::relations::busiest(tables.all("noteTargets"), "companyId");
    let given = json!({ "entityId": company, "entityType": "company" });
    let around = listed(large, "get_entity_activities", given).await;
    let kinds: BTreeSet<&str> =
        around.as_array().unwrap().iter().map(|one| one["type"].as_str().unwrap()).collect();
    for (kind, targets, column) in [("task", "taskTargets", "taskId"), ("note", "noteTargets", "noteId")] {
        let told = around.as_array().unwrap().iter().filter(|one| one["type"] == kind);
        let right = tables.all(targets).iter().filter(|row| row["companyId"] == company);
        let right: BTreeSet<&str> = right.map(|row| row[column].as_str().unwrap()).collect();
        assert_eq!(told.map(id).collect::<BTreeSet<_>>(), right, "{kind} of {kinds:?}");
    }
}

/// Every activity, piece after piece; newest first.
async fn listed(large: &Large, tool: &str, mut given: Value) -> Value {
    let (mut all, mut offset) = (Vec::new(), Some(0));
    while let Some(at) = offset {
        given["limit"] = json!(2_000);
        given["offset"] = json!(at);
        let page = large.done(tool, given.clone()).await;
        all.extend(page["activities"].as_array().unwrap().iter().cloned());
        offset = page["nextOffset"].as_u64();
        assert!(offset.is_some() || page["total"].as_u64() == Some(all.len() as u64), "{tool}");
    }
    let dates = all.iter().map(|row| row["date"].as_str().unwrap());
    assert!(dates.is_sorted_by(|a, b| a >= b), "newest first");
    json!(all)
}
