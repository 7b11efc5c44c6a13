//! The record tools, changes and reports.

use super::Counted;
use serde_json::{Value, json};

pub async fn record_api(table: &mut Counted) {
    let people = |more: Value| {
        let mut all = json!({ "object": "person" });
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    table.call("find_records", "a few rows", 1, people(json!({ "filter": { "jobTitle": null } }))).await;
    table.call("find_records", "450 rows", 3, people(json!({ "limit": 450, "fields": ["emails"] }))).await;
    let company = table.crm.done("find_records", json!({ "object": "company", "limit": 1 })).await;
    let company = &company["records"][0];
    table
        .call(
            "find_records",
            "by a company's name",
            2,
            people(json!({ "filter": { "company": company["name"] } })),
        )
        .await;
    table.call("get_record", "by id", 1, json!({ "object": "company", "id": company["id"] })).await;
    table.call("get_record", "by name", 2, json!({ "object": "company", "id": company["name"] })).await;
    table.call("count_records", "", 1, people(json!({}))).await;
    let groups = json!({ "object": "opportunity", "groupBy": ["stage"], "measures": ["sum:amount"] });
    let most = table.by_profile(1, 4);
    table.call("aggregate_records", "of 602 deals", most, groups).await;
    table.call("search", "", 1, json!({ "query": "a" })).await;
    table.call("find_duplicates", "by id", 1, json!({ "object": "company", "id": company["id"] })).await;
    let one =
        |nth: usize| json!({ "name": format!("Bulk N{nth}"), "emails": format!("n{nth}@bulk.example") });
    let records: Vec<Value> = (0..20).map(one).collect();
    table.call("create_records", "20 records", 1, people(json!({ "records": records }))).await;
    table.call("upsert_records", "20 records", 2, people(json!({ "records": records }))).await;
    let bulk = json!({ "emails": { "contains": "@bulk.example" } });
    let set = json!({ "filter": bulk, "set": { "jobTitle": "x" } });
    table.call("update_records", "20 records by filter", 2, people(set)).await;
    let set = json!({ "ids": ["n1@bulk.example"], "set": { "jobTitle": "y" } });
    table.call("update_records", "by email", 2, people(set)).await;
    table.call("delete_records", "20 records by filter", 2, people(json!({ "filter": bulk }))).await;
    table.call("restore_records", "20 records by filter", 2, people(json!({ "filter": bulk }))).await;
}

pub async fn changes(table: &mut Counted) {
    let change = json!({ "id": "ada@byron.example", "jobTitle": "Baroness" });
    let mut planned = change.clone();
    planned["plan"] = true.into();
    let plan = table.call("update_contact", "planned", 1, planned).await;
    let mut applied = change;
    applied["planToken"] = plan["plan"]["planToken"].clone();
    table.call("update_contact", "as planned", 2, applied).await;
    table.call("undo", "a list", 0, json!({ "list": true })).await;
    table.call("undo", "planned", 1, json!({ "plan": true })).await;
    table.call("undo", "one change", 2, json!({})).await;
}

pub async fn briefs(table: &mut Counted) {
    table.call("brief", "by email", 2, json!({ "record": "ada@byron.example" })).await;
    table.call("brief", "by name", 3, json!({ "record": "Ada Byron" })).await;
}
