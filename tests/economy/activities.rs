//! Tasks, notes, comments and what is told of them.

use super::Counted;
use serde_json::{Value, json};

pub async fn activities(table: &mut Counted) {
    let found = table.crm.done("search_contacts", json!({ "query": "Ada Byron" })).await;
    let id = &found["contacts"][0]["id"];
    table.call("create_task", "plain", 1, json!({ "title": "Call" })).await;
    let on =
        |kind: &str, id: &Value| json!({ "body": "Met", "targetObjectType": kind, "targetObjectId": id });
    table.call("create_note", "on a record by id", 1, on("person", id)).await;
    table.call("create_comment", "on a record by id", 1, on("person", id)).await;
    table.call("create_comment", "on a record by name", 2, on("person", &json!("Ada Byron"))).await;
    let unsaid = json!({ "body": "Met", "activityTargetId": id });
    table.call("create_comment", "on an id of whatever object", 2, unsaid).await;
    table.call("get_tasks", "a few rows", 1, json!({})).await;
    table.call("get_activities", "a few rows", 1, json!({})).await;
    table.call("get_activities", "rows 241 to 260 of both kinds", 2, json!({ "offset": 240 })).await;
    let filter = json!({ "type": ["task"], "status": ["DONE"], "dateFrom": "2020-01-01" });
    table.call("filter_activities", "by status and date", 1, filter).await;
    let around = |id: &Value| json!({ "entityType": "person", "entityId": id });
    table.call("get_entity_activities", "by id", 1, around(id)).await;
    table.call("get_entity_activities", "by email", 1, around(&json!("ada@byron.example"))).await;
    table.call("get_entity_activities", "by name", 2, around(&json!("Ada Byron"))).await;
}
