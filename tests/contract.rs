//! The 29 tools that users' prompts rely on keep their names and take the arguments that they always took.

use crate::support::{client::Client, running::Running};
use serde_json::{Map, Value, json};

/// A tool, the arguments without which it refuses, and the ones that may be there as well, each with an example.
pub struct Kept {
    pub tool: &'static str,
    needs: Value,
    takes: Value,
}

/// Every tool of the contract.
pub fn contract() -> Vec<Kept> {
    let contact = json!({
        "email": "ada@example.com", "phone": "+33 612345678", "companyId": "C", "jobTitle": "Analyst",
        "linkedinUrl": "https://linkedin.com/in/ada", "city": "Paris",
    });
    let company = json!({
        "domainName": "acme.com", "address": "1 Road", "employees": 0, "linkedinUrl": "https://linkedin.com/c/a",
        "xUrl": "https://x.com/acme", "annualRecurringRevenue": 1.5, "idealCustomerProfile": false,
    });
    let deal = json!({
        "amount": { "value": 10.5, "currency": "EUR" }, "stage": "NEW", "closeDate": "2026-01-31", "companyId": "C",
        "pointOfContactId": "P",
    });
    let page = json!({ "limit": 20, "offset": 0 });
    let timeline = json!({
        "type": ["task", "note"], "dateFrom": "2026-01-01", "dateTo": "2026-12-31T00:00:00Z", "authorId": "A",
        "limit": 20, "offset": 0,
    });
    let kept = |tool, needs, takes| Kept { tool, needs, takes };
    let id = json!({ "id": "I" });
    vec![
        kept("create_contact", json!({ "firstName": "Ada", "lastName": "Byron" }), contact.clone()),
        kept("get_contact", id.clone(), json!({})),
        kept(
            "update_contact",
            id.clone(),
            with(&contact, json!({ "firstName": "Ada", "lastName": "Byron" })),
        ),
        kept("search_contacts", json!({ "query": "ada" }), page.clone()),
        kept("create_company", json!({ "name": "Acme" }), company.clone()),
        kept("get_company", id.clone(), json!({})),
        kept("update_company", id.clone(), with(&company, json!({ "name": "Acme" }))),
        kept("search_companies", json!({ "query": "acme" }), page.clone()),
        kept(
            "create_task",
            json!({ "title": "Call" }),
            json!({
                "body": "Soon", "dueAt": "2026-01-31T10:00:00Z", "status": "IN_PROGRESS", "assigneeId": "A",
            }),
        ),
        kept("get_tasks", json!({}), page.clone()),
        kept("create_note", json!({ "body": "Met" }), json!({ "title": "Lunch", "authorId": "A" })),
        kept("create_opportunity", json!({ "name": "Deal" }), deal.clone()),
        kept("get_opportunity", id.clone(), json!({})),
        kept("update_opportunity", id, with(&deal, json!({ "name": "Deal" }))),
        kept(
            "search_opportunities",
            json!({}),
            json!({
                "query": "deal", "stage": "NEW", "minAmount": 0, "maxAmount": 9.5, "startDate": "2026-01-01",
                "endDate": "2026-12-31T00:00:00Z", "companyId": "C", "limit": 20, "offset": 0,
            }),
        ),
        kept("list_opportunities_by_stage", json!({}), json!({})),
        kept("get_activities", json!({}), timeline.clone()),
        kept("filter_activities", json!({}), with(&timeline, json!({ "status": ["TODO", "DONE"] }))),
        kept(
            "create_comment",
            json!({ "body": "Good" }),
            json!({
                "authorId": "A", "activityTargetId": "T", "targetObjectId": "T", "targetObjectType": "company",
            }),
        ),
        kept(
            "get_entity_activities",
            json!({ "entityId": "E", "entityType": "person" }),
            json!({
                "includeComments": true, "limit": 20, "offset": 0,
            }),
        ),
        kept(
            "list_all_objects",
            json!({}),
            json!({
                "includeCustom": true, "includeSystem": false, "activeOnly": true, "groupBy": "none",
            }),
        ),
        kept("get_object_schema", json!({ "objectName": "people" }), json!({ "includeSystemFields": false })),
        kept(
            "get_field_metadata",
            json!({}),
            json!({
                "objectName": "person", "fieldType": "SELECT", "includeCustom": true, "includeSystem": false,
                "activeOnly": true,
            }),
        ),
        kept("get_company_contacts", json!({ "companyId": "C" }), json!({})),
        kept("get_person_opportunities", json!({ "personId": "P" }), json!({})),
        kept(
            "link_opportunity_to_company",
            json!({ "opportunityId": "O" }),
            json!({
                "companyId": "C", "pointOfContactId": "P",
            }),
        ),
        kept(
            "transfer_contact_to_company",
            json!({ "contactId": "P", "toCompanyId": "C" }),
            json!({
                "fromCompanyId": "D",
            }),
        ),
        kept("get_relationship_summary", json!({ "entityId": "E", "entityType": "company" }), json!({})),
        kept("find_orphaned_records", json!({}), json!({})),
    ]
}

fn with(one: &Value, other: Value) -> Value {
    let both = [one, &other].into_iter().filter_map(Value::as_object).flatten();
    both.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>().into()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_tools_take_what_they_always_took() {
    let server = Running::start(&["--sandbox"]);
    let client = Client::of(&server).await;
    for Kept { tool, needs, takes } in contract() {
        let listed = client.tools.iter().find(|listed| listed.name == tool);
        let listed = listed.unwrap_or_else(|| panic!("{tool} is not listed"));
        let schema = Value::Object((*listed.input_schema).clone());
        let validator = jsonschema::validator_for(&schema).unwrap();
        let singly = takes.as_object().unwrap().iter().map(|(name, value)| json!({ name: value }));
        for more in [json!({}), takes.clone()].into_iter().chain(singly) {
            let arguments = with(&needs, more);
            let faults: Vec<String> =
                validator.iter_errors(&arguments).map(|f| format!("{}: {f}", f.instance_path())).collect();
            assert!(faults.is_empty(), "{tool} refuses {arguments}: {faults:#?}");
        }
        for name in needs.as_object().unwrap().keys() {
            let mut without = needs.clone();
            without.as_object_mut().unwrap().remove(name);
            assert!(!validator.is_valid(&without), "{tool} does without `{name}`");
        }
    }
}
