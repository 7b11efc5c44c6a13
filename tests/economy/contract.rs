//! The contract tools on contacts, companies, opportunities and what links them.

use super::Counted;
use serde_json::{Value, json};

pub async fn contacts(table: &mut Counted) {
    let ada = json!({ "firstName": "Ada", "lastName": "Byron", "email": "ada@byron.example" });
    let ada = table.call("create_contact", "plain", 1, ada).await;
    let (id, url) = (&ada["id"], &ada["url"]);
    let found = table.call("search_contacts", "a few rows", 1, json!({ "query": "a" })).await;
    table.call("search_contacts", "450 rows", 3, json!({ "query": "", "limit": 450 })).await;
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

pub async fn companies(table: &mut Counted) {
    let given = json!({ "name": "Byron Ltd", "domainName": "byron.example" });
    let id = table.call("create_company", "plain", 1, given).await["id"].clone();
    table.call("get_company", "by id", 1, json!({ "id": id })).await;
    table.call("get_company", "by domain", 1, json!({ "id": "byron.example" })).await;
    table.call("get_company", "by name", 2, json!({ "id": "Byron Ltd" })).await;
    table.call("update_company", "by id", 2, json!({ "id": id, "address": "1 Road" })).await;
    table.call("update_company", "by domain", 2, json!({ "id": "byron.example", "address": null })).await;
    table.call("search_companies", "a few rows", 1, json!({ "query": "a" })).await;
    table.call("search_companies", "401 rows", 3, json!({ "query": "", "limit": 5000 })).await;
}

pub async fn deals(table: &mut Counted) {
    let given = json!({ "name": "Engine", "amount": { "value": 5, "currency": "GBP" } });
    let id = table.call("create_opportunity", "plain", 1, given).await["id"].clone();
    let linked = json!({ "name": "Loom", "companyId": "Byron Ltd", "pointOfContactId": "Ada Byron" });
    table.call("create_opportunity", "of a company and a person by name", 2, linked).await;
    table.call("get_opportunity", "by id", 1, json!({ "id": id })).await;
    table.call("get_opportunity", "by name", 2, json!({ "id": "Engine" })).await;
    table.call("update_opportunity", "by id", 2, json!({ "id": id, "stage": "PROPOSAL" })).await;
    table
        .call(
            "update_opportunity",
            "an amount that keeps its currency",
            2,
            json!({ "id": id, "amount": { "value": 6 } }),
        )
        .await;
    table.call("search_opportunities", "a few rows", 1, json!({ "stage": "NEW", "minAmount": 1 })).await;
    table.call("search_opportunities", "of a company by name", 2, json!({ "companyId": "Byron Ltd" })).await;
    table.call("search_opportunities", "602 rows", 4, json!({ "limit": 5000 })).await;
    let link = json!({ "opportunityId": id, "pointOfContactId": "ada@byron.example" });
    table.call("link_opportunity_to_company", "by id, to a person by email", 2, link).await;
    let link = json!({ "opportunityId": "Engine", "companyId": "Byron Ltd" });
    table.call("link_opportunity_to_company", "by name, to a company by name", 3, link).await;
    let groups = table.by_profile(3, 4);
    table.call("list_opportunities_by_stage", "500 rows of 602", groups, json!({})).await;
    let groups = table.by_profile(1, 4);
    table.call("pipeline_report", "of 602 deals", groups, json!({})).await;
}

pub async fn relationships(table: &mut Counted) {
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
    table.call("find_orphaned_records", "1,604 people", 4, json!({})).await;
}

pub async fn objects(table: &mut Counted) {
    table.call("list_all_objects", "", 0, json!({})).await;
    table.call("get_object_schema", "", 0, json!({ "objectName": "person" })).await;
    table.call("get_field_metadata", "", 0, json!({})).await;
}
