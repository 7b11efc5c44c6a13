//! What each call costs at Twenty, counted there, held against the rules, and kept in docs/upstream-requests.md.

use crate::support::crm::{Crm, PROFILES};
use serde_json::{Value, json};
use std::{fmt::Write as _, path::Path};

const PAGE: &str = "docs/upstream-requests.md";
const HEAD: &str = "| tool | call | requests | at most |\n| --- | --- | ---: | ---: |\n";

/// One call, what it was, what it cost and what it may cost.
#[derive(Debug, PartialEq)]
struct Row {
    tool: &'static str,
    call: &'static str,
    sent: usize,
    at_most: usize,
}

/// The calls so far on one sandbox.
struct Counted {
    crm: Crm,
    rows: Vec<Row>,
}

impl Counted {
    /// Makes a call that must succeed, and counts; its `structuredContent`.
    async fn call(
        &mut self,
        tool: &'static str,
        call: &'static str,
        at_most: usize,
        arguments: Value,
    ) -> Value {
        let (answer, sent) = self.crm.counted(tool, arguments).await;
        assert_eq!(answer.error, None, "{tool} ({call}): {}", answer.text);
        self.rows.push(Row { tool, call, sent: sent.len(), at_most });
        answer.structured.unwrap()
    }
}

async fn contacts(table: &mut Counted) {
    let ada = json!({ "firstName": "Ada", "lastName": "Byron", "email": "ada@byron.example" });
    let ada = table.call("create_contact", "plain", 1, ada).await;
    let (id, url) = (&ada["id"], &ada["url"]);
    let found = table.call("search_contacts", "a few rows", 1, json!({ "query": "a" })).await;
    table.call("search_contacts", "all 451 rows", 3, json!({ "query": "", "limit": 5000 })).await;
    let companies = found["contacts"].as_array().unwrap().iter().map(|contact| &contact["company"]);
    let company = companies.clone().find(|company| company["name"].is_string()).unwrap();
    table.call("get_contact", "by id", 1, json!({ "id": id })).await;
    table.call("get_contact", "by link", 1, json!({ "id": url })).await;
    table.call("get_contact", "by email", 1, json!({ "id": "ada@byron.example" })).await;
    table.call("get_contact", "by name", 2, json!({ "id": "Ada Byron" })).await;
    let at =
        |first: &str, company: &Value| json!({ "firstName": first, "lastName": "B", "companyId": company });
    table.call("create_contact", "at a company by id", 1, at("C", &company["id"])).await;
    table.call("create_contact", "at a company by name", 2, at("D", &company["name"])).await;
    table.call("update_contact", "by id", 2, json!({ "id": id, "jobTitle": "Countess" })).await;
    table.call("update_contact", "by email", 2, json!({ "id": "ada@byron.example", "jobTitle": null })).await;
    table.call("update_contact", "by name", 3, json!({ "id": "Ada Byron", "jobTitle": "Poet" })).await;
    let moved = json!({ "id": "Ada Byron", "companyId": company["name"] });
    table.call("update_contact", "by name, to a company by name", 3, moved).await;
}

async fn objects(table: &mut Counted) {
    table.call("list_all_objects", "", 0, json!({})).await;
    table.call("get_object_schema", "", 0, json!({ "objectName": "person" })).await;
    table.call("get_field_metadata", "", 0, json!({})).await;
}

async fn relationships(table: &mut Counted) {
    let found = table.crm.done("search_contacts", json!({ "query": "", "limit": 450 })).await;
    let contacts = found["contacts"].as_array().unwrap();
    let at = |contact: &&Value| contact["company"].is_object() && contact["email"].is_string();
    let contact = contacts.iter().find(at).unwrap();
    let (id, email, company) = (&contact["id"], &contact["email"], &contact["company"]);
    let of = |company: &Value| json!({ "companyId": company });
    table.call("get_company_contacts", "by id", 1, of(&company["id"])).await;
    table.call("get_company_contacts", "by name", 2, of(&company["name"])).await;
    table.call("get_person_opportunities", "by id", 1, json!({ "personId": id })).await;
    let deals = table.call("get_person_opportunities", "by email", 1, json!({ "personId": email })).await;
    assert!(deals["total"].is_u64());
    let about = |id: &Value, kind: &str| json!({ "entityId": id, "entityType": kind });
    table.call("get_relationship_summary", "by id", 1, about(&company["id"], "company")).await;
    table.call("get_relationship_summary", "by name", 2, about(&company["name"], "company")).await;
    table.call("get_relationship_summary", "by email", 1, about(email, "person")).await;
    let stay = |to: &Value| json!({ "contactId": email, "toCompanyId": to, "fromCompanyId": to });
    table.call("transfer_contact_to_company", "by email, companies by id", 2, stay(&company["id"])).await;
    table.call("transfer_contact_to_company", "companies by name", 3, stay(&company["name"])).await;
    // The longest list is that of tasks or notes: one page for each 200 of it.
    table.call("find_orphaned_records", "451 people", 4, json!({})).await;
}

async fn changes(table: &mut Counted) {
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

async fn record_api(table: &mut Counted) {
    let people = |more: Value| {
        let mut all = json!({ "object": "person" });
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    table.call("find_records", "a few rows", 1, people(json!({ "filter": { "jobTitle": null } }))).await;
    table.call("find_records", "all people", 3, people(json!({ "limit": 5000, "fields": ["emails"] }))).await;
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
    table.call("aggregate_records", "up to 200 rows, or any number on today's servers", 1, groups).await;
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

async fn briefs(table: &mut Counted) {
    table.call("brief", "by email", 2, json!({ "record": "ada@byron.example" })).await;
    table.call("brief", "by name", 3, json!({ "record": "Ada Byron" })).await;
}

async fn activities(table: &mut Counted) {
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

#[tokio::test(flavor = "multi_thread")]
async fn calls_cost_what_the_documentation_says() {
    let mut tables = Vec::new();
    for profile in PROFILES {
        let crm = Crm::configured(json!({ "profile": profile, "people": 450 }), json!({})).await;
        crm.done("list_all_objects", json!({})).await;
        let mut table = Counted { crm, rows: Vec::new() };
        contacts(&mut table).await;
        objects(&mut table).await;
        relationships(&mut table).await;
        changes(&mut table).await;
        record_api(&mut table).await;
        briefs(&mut table).await;
        activities(&mut table).await;
        tables.push(table.rows);
    }
    let [current, legacy] = &tables[..] else { panic!("two profiles") };
    assert_eq!(current, legacy, "both profiles cost the same");

    let mut told = HEAD.to_owned();
    for Row { tool, call, sent, at_most } in current {
        writeln!(told, "| `{tool}` | {call} | {sent} | {at_most} |").unwrap();
    }
    println!("{told}");
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let text = std::fs::read_to_string(&page).unwrap();
    let intro = text.split(HEAD).next().unwrap();
    if std::env::var_os("TWENTY_MCP_RENEW").is_some() {
        std::fs::write(&page, format!("{intro}{told}")).unwrap();
    } else {
        let renew = "TWENTY_MCP_RENEW=1 cargo test --test behaviour economy";
        assert_eq!(text, format!("{intro}{told}"), "{PAGE} is out of date; renew it with `{renew}`");
    }
    let dear: Vec<&Row> = current.iter().filter(|row| row.sent > row.at_most).collect();
    assert!(dear.is_empty(), "calls that cost more than they may: {dear:#?}");
}
