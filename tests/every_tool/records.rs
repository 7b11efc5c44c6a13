//! The record tools, on whatever object, and the reports.

use super::rows::{NOBODY, Named, Row};
use serde_json::json;

pub fn rows(named: &Named) -> Vec<Row> {
    [reading(named), writing(named), reports(named)].into_iter().flatten().collect()
}

fn reading(named: &Named) -> Vec<Row> {
    let filter = json!({ "object": "person", "filter": { "company": "Sole" } });
    vec![
        Row::new("find_records", filter.clone())
            .not_found("object", json!("persn"))
            .naming("/filter/company", "Twin")
            .wrong("filter", json!({ "nickname": "x" }))
            .wrong("orderBy", json!("-nickname"))
            .wrong("limit", json!(0))
            .needs("object"),
        Row::new("count_records", filter)
            .not_found("object", json!("persn"))
            .naming("/filter/company", "Twin")
            .wrong("filter", json!({ "jobTitle": { "gtt": 1 } })),
        Row::new(
            "aggregate_records",
            json!({ "object": "opportunities", "groupBy": ["stage"], "measures": ["sum:amount"] }),
        )
        .not_found("object", json!("deals"))
        .wrong("groupBy", json!(["colour"]))
        .wrong("measures", json!(["sum:name"]))
        .wrong("measures", json!(["product:amount"])),
        Row::new("get_record", json!({ "object": "company", "id": named.company }))
            .not_found("object", json!("compny"))
            .naming("id", "Twin")
            .wrong("fields", json!(["colour"]))
            .needs("id"),
        Row::new("search", json!({ "query": "sole" })).wrong("limit", json!(0)).needs("query"),
        Row::new("find_duplicates", json!({ "object": "person", "id": "una@sole.example" }))
            .not_found("object", json!("persn"))
            .naming("id", "Sam Twin")
            .needs("id"),
        Row::new("run_graphql", json!({ "document": "{ people { totalCount } }" }))
            .wrong("document", json!("{ people"))
            .needs("document"),
    ]
}

fn writing(named: &Named) -> Vec<Row> {
    vec![
        Row::new(
            "create_records",
            json!({ "object": "person", "records": [{ "jobTitle": "A", "company": "Sole" }] }),
        )
        .not_found("object", json!("persn"))
        .naming("/records/0/company", "Twin")
        .wrong("records", json!([{ "nickname": "x" }]))
        .wrong("records", json!([]))
        .needs("records"),
        Row::new(
            "update_records",
            json!({ "object": "company", "ids": ["Other"], "set": { "name": "Other" } }),
        )
        .not_found("object", json!("compny"))
        .naming("/ids/0", "Twin")
        .wrong("set", json!({ "colour": "red" }))
        .needs("set"),
        Row::new(
            "upsert_records",
            json!({ "object": "person", "records": [{ "emails": "una@sole.example", "jobTitle": "B" }] }),
        )
        .not_found("object", json!("persn"))
        .wrong("records", json!([{ "nickname": "x" }]))
        .needs("records"),
        Row::new("delete_records", json!({ "object": "opportunity", "ids": ["Sole deal"] }))
            .not_found("object", json!("deals"))
            .naming("/ids/0", "Twin deal")
            .wrong("filter", json!({ "name": "Sole deal" }))
            .needs("ids"),
        Row::new("restore_records", json!({ "object": "opportunity", "ids": [named.deal] }))
            .not_found("object", json!("deals"))
            .not_found("/ids/0", json!(NOBODY))
            .needs("ids"),
        Row::new("destroy_records", json!({ "object": "person", "ids": [named.passing] }))
            .not_found("object", json!("persn"))
            .not_found("/ids/0", json!(NOBODY))
            .needs("ids"),
        Row::new("merge_records", json!({ "object": "company", "ids": ["Sole", "Other"] }))
            .not_found("object", json!("compny"))
            .naming("/ids/1", "Twin")
            .wrong("ids", json!(["Sole"]))
            .needs("ids"),
    ]
}

fn reports(named: &Named) -> Vec<Row> {
    let mut undo = Row::new("undo", json!({ "list": true })).schema_alone();
    undo.missing.push(json!({ "change": NOBODY }));
    undo.wrong.push(json!({ "plan": true, "planToken": "x" }));
    vec![
        undo,
        Row::new("brief", json!({ "record": named.person }))
            .naming("record", "Sam Twin")
            .wrong("object", json!("invoice"))
            .needs("record"),
        Row::new("pipeline_report", json!({ "from": "2020-01-01", "filter": { "company": "Sole" } }))
            .naming("/filter/company", "Twin")
            .wrong("to", json!("soon"))
            .wrong("filter", json!({ "colour": "red" })),
    ]
}
