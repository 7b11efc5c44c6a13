//! The 29 tools that users' prompts rely on.

use super::rows::{Named, Row};
use serde_json::{Value, json};

const PERSON: &str = "Sam Twin";
const COMPANY: &str = "Twin";
const DEAL: &str = "Twin deal";

pub fn rows(named: &Named) -> Vec<Row> {
    [contacts(named), companies(named), deals(named), activities(named), relations(named), objects()]
        .into_iter()
        .flatten()
        .collect()
}

fn contacts(named: &Named) -> Vec<Row> {
    vec![
        Row::new("create_contact", json!({ "firstName": "New", "lastName": "Person", "companyId": "Sole" }))
            .naming("companyId", COMPANY)
            .wrong("email", json!("no email"))
            .needs("lastName"),
        Row::new("get_contact", json!({ "id": named.person })).naming("id", PERSON).wrong("id", json!("")),
        Row::new("update_contact", json!({ "id": named.person, "companyId": named.company }))
            .naming("id", PERSON)
            .naming("companyId", COMPANY)
            .needs("companyId"),
        Row::new("search_contacts", json!({ "query": "una" })).wrong("limit", json!(0)).needs("query"),
    ]
}

fn companies(named: &Named) -> Vec<Row> {
    vec![
        Row::new("create_company", json!({ "name": "New" }))
            .wrong("linkedinUrl", json!("no address"))
            .needs("name"),
        Row::new("get_company", json!({ "id": named.company })).naming("id", COMPANY).needs("id"),
        Row::new("update_company", json!({ "id": named.company, "address": "1 Road" }))
            .naming("id", COMPANY)
            .needs("address"),
        Row::new("search_companies", json!({ "query": "sole" })).wrong("offset", json!(-1)).needs("query"),
    ]
}

fn deals(named: &Named) -> Vec<Row> {
    let amount = json!({ "value": 5, "currency": "EUR" });
    vec![
        Row::new("create_opportunity", json!({ "name": "New deal", "amount": amount, "companyId": "Sole" }))
            .naming("companyId", COMPANY)
            .naming("pointOfContactId", PERSON)
            .wrong("stage", json!("WON"))
            .wrong("closeDate", json!("soon"))
            .needs("name"),
        Row::new("get_opportunity", json!({ "id": "Sole deal" })).naming("id", DEAL).needs("id"),
        Row::new("update_opportunity", json!({ "id": named.deal, "stage": "PROPOSAL" }))
            .naming("id", DEAL)
            .naming("companyId", COMPANY)
            .wrong("stage", json!("WON"))
            .needs("stage"),
        Row::new("search_opportunities", json!({ "query": "deal", "minAmount": 0 }))
            .naming("companyId", COMPANY)
            .wrong("stage", json!("WON"))
            .wrong("endDate", json!("soon")),
        Row::new("list_opportunities_by_stage", json!({})),
    ]
}

fn activities(named: &Named) -> Vec<Row> {
    let entity = json!({ "entityId": named.person, "entityType": "person" });
    let comment = json!({ "body": "Good", "targetObjectId": named.company, "targetObjectType": "company" });
    vec![
        Row::new("get_activities", json!({ "type": ["task"], "dateFrom": "2020-01-01" }))
            .not_found("authorId", json!(super::rows::NOBODY))
            .wrong("dateTo", json!("soon"))
            .wrong("type", json!(["call"])),
        Row::new("filter_activities", json!({ "status": ["DONE"] }))
            .wrong("status", json!(["LATER"]))
            .wrong("limit", json!(0)),
        Row::new("create_comment", comment).naming("targetObjectId", COMPANY).needs("body"),
        Row::new("get_entity_activities", entity)
            .naming("entityId", PERSON)
            .wrong("entityType", json!("invoice"))
            .needs("entityId"),
        Row::new("create_task", json!({ "title": "Call", "dueAt": "2027-01-31" }))
            .not_found("assigneeId", json!(super::rows::NOBODY))
            .wrong("dueAt", json!("soon"))
            .wrong("status", json!("LATER"))
            .needs("title"),
        Row::new("get_tasks", json!({})).wrong("limit", json!(0)),
        Row::new("create_note", json!({ "title": "Lunch", "body": "Met" })).needs("body"),
    ]
}

fn relations(named: &Named) -> Vec<Row> {
    let summary: Value = json!({ "entityId": named.company, "entityType": "company" });
    vec![
        Row::new("get_company_contacts", json!({ "companyId": named.company }))
            .naming("companyId", COMPANY)
            .needs("companyId"),
        Row::new("get_person_opportunities", json!({ "personId": "una@sole.example" }))
            .naming("personId", PERSON)
            .needs("personId"),
        Row::new("link_opportunity_to_company", json!({ "opportunityId": named.deal, "companyId": "Sole" }))
            .naming("opportunityId", DEAL)
            .naming("companyId", COMPANY)
            .naming("pointOfContactId", PERSON)
            .needs("companyId"),
        Row::new(
            "transfer_contact_to_company",
            json!({ "contactId": named.person, "toCompanyId": named.other_company }),
        )
        .naming("contactId", PERSON)
        .naming("toCompanyId", COMPANY)
        .naming("fromCompanyId", COMPANY)
        .needs("toCompanyId"),
        Row::new("get_relationship_summary", summary)
            .naming("entityId", COMPANY)
            .wrong("entityType", json!("opportunities")),
        Row::new("find_orphaned_records", json!({})),
    ]
}

fn objects() -> Vec<Row> {
    vec![
        Row::new("list_all_objects", json!({})).wrong("groupBy", json!("colour")).schema_alone(),
        Row::new("get_object_schema", json!({ "objectName": "person" }))
            .not_found("objectName", json!("persn"))
            .needs("objectName")
            .schema_alone(),
        Row::new("get_field_metadata", json!({ "objectName": "person", "fieldType": "SELECT" }))
            .not_found("objectName", json!("persn"))
            .wrong("fieldType", json!("COLOUR"))
            .schema_alone(),
    ]
}
