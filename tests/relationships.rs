//! What belongs to companies and people, on both generations of Twenty.

use crate::support::crm::{Crm, PROFILES};
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::atomic::Ordering, time::Duration};
use twenty_mcp::seam::ErrorKind;

const NOBODY: &str = "20202020-0000-4000-8000-00000000dead";

/// All contacts, by the id of their company.
async fn by_company(crm: &Crm) -> BTreeMap<String, Vec<Value>> {
    let all = crm.done("search_contacts", json!({ "query": "", "limit": 5000 })).await;
    let mut companies: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for contact in all["contacts"].as_array().unwrap() {
        let company = contact["company"]["id"].as_str().unwrap_or_default();
        companies.entry(company.to_owned()).or_default().push(contact.clone());
    }
    companies
}

fn ids(found: &Value) -> Vec<String> {
    found.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

async fn refused(crm: &Crm, tool: &str, arguments: Value, kind: ErrorKind) -> String {
    let answer = crm.call(tool, arguments.clone()).await;
    assert_eq!(answer.error, Some(kind), "{tool} {arguments}: {}", answer.text);
    answer.text
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contacts_of_a_company_are_all_of_them_by_id_or_name_in_one_request() {
    for profile in PROFILES {
        let crm = Crm::of_profile(profile).await;
        let companies = by_company(&crm).await;
        let (id, contacts) =
            companies.iter().filter(|(id, _)| !id.is_empty()).max_by_key(|(_, all)| all.len()).unwrap();
        let name = contacts[0]["company"]["name"].as_str().unwrap();
        let expected: Vec<String> = ids(&json!(contacts));
        for given in [id.as_str(), name] {
            let before = crm.requests();
            let found = crm.done("get_company_contacts", json!({ "companyId": given })).await;
            assert_eq!(crm.requests(), before + 1, "{given}");
            assert_eq!(found["company"]["name"], name);
            assert_eq!(
                (ids(&found["contacts"]), &found["total"]),
                (expected.clone(), &json!(expected.len()))
            );
            assert_eq!(found["contacts"][0]["email"], contacts[0]["email"]);
            let rest = crm.done("get_company_contacts", json!({ "companyId": given, "offset": 1 })).await;
            assert_eq!(ids(&rest["contacts"]), expected[1..], "{given}");
        }
        refused(&crm, "get_company_contacts", json!({ "companyId": NOBODY }), ErrorKind::NotFound).await;
        refused(&crm, "get_company_contacts", json!({ "companyId": "No Such Firm" }), ErrorKind::NotFound)
            .await;
        let many =
            refused(&crm, "get_company_contacts", json!({ "companyId": "a" }), ErrorKind::Ambiguous).await;
        assert!(many.contains("companies"), "{many}");
        refused(&crm, "get_company_contacts", json!({ "companyId": "" }), ErrorKind::Input).await;
        crm.failing.store(100, Ordering::SeqCst);
        refused(&crm, "get_company_contacts", json!({ "companyId": id }), ErrorKind::Upstream).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_move_and_are_listed_over_any_number_of_pages() {
    for profile in PROFILES {
        let crm = Crm::start(json!({ "profile": profile, "people": 260 }), Duration::from_secs(30)).await;
        let companies = by_company(&crm).await;
        let (to, there) = companies.iter().find(|(id, _)| !id.is_empty()).unwrap();
        let name = there[0]["company"]["name"].as_str().unwrap();
        let elsewhere: Vec<&Value> =
            companies.iter().filter(|(id, _)| *id != to).flat_map(|(_, c)| c).collect();
        let move_to = |contact: &Value| json!({ "contactId": contact["id"], "toCompanyId": to });
        let moved = crm.done("transfer_contact_to_company", move_to(elsewhere[0])).await;
        assert_eq!(moved["company"]["id"], to.as_str());
        for contact in &elsewhere[1..235] {
            crm.done("transfer_contact_to_company", move_to(contact)).await;
        }
        let total = there.len() + 235;
        for (given, needed) in [(to.as_str(), 2), (name, 3)] {
            let before = crm.requests();
            let found = crm.done("get_company_contacts", json!({ "companyId": given })).await;
            assert_eq!(crm.requests(), before + needed, "{given}");
            let contacts = found["contacts"].as_array().unwrap();
            assert_eq!((contacts.len(), &found["total"]), (total, &json!(total)), "{given}");
            assert!(contacts.is_sorted_by(|a, b| a["createdAt"].as_str() >= b["createdAt"].as_str()));
        }
        let shown = crm.call("get_company_contacts", json!({ "companyId": to })).await.text;
        assert!(shown.contains(&format!("50 of {total} contacts")) && shown.contains("offset 50"), "{shown}");

        let summary =
            crm.done("get_relationship_summary", json!({ "entityId": to, "entityType": "company" })).await;
        assert_eq!(summary["contacts"], total);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_is_only_moved_from_where_it_is_said_to_be() {
    for profile in PROFILES {
        let crm = Crm::of_profile(profile).await;
        let companies = by_company(&crm).await;
        let mut filled = companies.iter().filter(|(id, _)| !id.is_empty());
        let ((from, contacts), (to, others)) = (filled.next().unwrap(), filled.next().unwrap());
        let (contact, is) = (&contacts[0]["id"], contacts[0]["company"]["name"].as_str().unwrap());
        let transfer = |from: &str| json!({ "contactId": contact, "toCompanyId": to, "fromCompanyId": from });
        let wrong = refused(&crm, "transfer_contact_to_company", transfer(to), ErrorKind::Conflict).await;
        assert!(wrong.contains("fromCompanyId") && wrong.contains(is), "{wrong}");
        let unknown = json!({ "contactId": contact, "toCompanyId": "No Such Firm" });
        let unknown = refused(&crm, "transfer_contact_to_company", unknown, ErrorKind::NotFound).await;
        assert!(unknown.contains("toCompanyId"), "{unknown}");
        let still = crm.done("get_contact", json!({ "id": contact })).await;
        assert_eq!(still["company"]["id"], from.as_str());

        let before = crm.requests();
        let moved = crm.done("transfer_contact_to_company", transfer(is)).await;
        assert_eq!(crm.requests(), before + 2);
        assert_eq!(moved["company"]["id"], to.as_str());
        let again = refused(&crm, "transfer_contact_to_company", transfer(from), ErrorKind::Conflict).await;
        assert!(again.contains(others[0]["company"]["name"].as_str().unwrap()), "{again}");
        crm.done("undo", json!({})).await;
        assert_eq!(crm.done("get_contact", json!({ "id": contact })).await["company"]["id"], from.as_str());

        crm.done("update_contact", json!({ "id": contact, "companyId": null })).await;
        let nowhere = refused(&crm, "transfer_contact_to_company", transfer(from), ErrorKind::Conflict).await;
        assert!(nowhere.contains("has no company"), "{nowhere}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_opportunities_of_a_person_and_their_links() {
    for profile in PROFILES {
        let crm = Crm::of_profile(profile).await;
        let all = crm.done("search_contacts", json!({ "query": "", "limit": 200 })).await;
        let mut deals = BTreeMap::new();
        for person in all["contacts"].as_array().unwrap() {
            let found = crm.done("get_person_opportunities", json!({ "personId": person["id"] })).await;
            assert_eq!(found["total"], found["opportunities"].as_array().unwrap().len());
            let by_email = crm
                .done(
                    "get_person_opportunities",
                    json!({ "personId": person.get("email").unwrap_or(&person["id"]) }),
                )
                .await;
            assert_eq!(by_email["opportunities"], found["opportunities"]);
            for deal in found["opportunities"].as_array().unwrap() {
                assert_eq!(deal["pointOfContact"]["id"], person["id"]);
                deals.insert(deal["id"].as_str().unwrap().to_owned(), deal.clone());
            }
        }
        let (id, deal) = deals.iter().find(|(_, deal)| deal["amount"]["amount"].is_number()).unwrap();
        assert!(!deal["amount"]["currency"].as_str().unwrap().is_empty());

        let other = all["contacts"].as_array().unwrap().iter();
        let mut other = other.filter(|c| {
            c["company"].is_object() && c["email"].is_string() && c["id"] != deal["pointOfContact"]["id"]
        });
        let other = other.find(|c| c["company"]["id"] != deal["company"]["id"]).unwrap();
        let before = crm.requests();
        let link = json!({ "opportunityId": id, "companyId": other["company"]["id"], "pointOfContactId": other["email"] });
        let linked = crm.done("link_opportunity_to_company", link).await;
        assert_eq!(crm.requests(), before + 2);
        assert_eq!(
            (&linked["company"]["id"], &linked["pointOfContact"]["id"]),
            (&other["company"]["id"], &other["id"])
        );
        assert_eq!(linked["amount"], deal["amount"], "the rest stays");
        let theirs = crm.done("get_person_opportunities", json!({ "personId": other["id"] })).await;
        assert!(ids(&theirs["opportunities"]).contains(id));

        let nothing =
            refused(&crm, "link_opportunity_to_company", json!({ "opportunityId": id }), ErrorKind::Input)
                .await;
        assert!(nothing.contains("companyId") && nothing.contains("pointOfContactId"), "{nothing}");
        for (arguments, kind) in [
            (json!({ "opportunityId": NOBODY, "companyId": other["company"]["id"] }), ErrorKind::NotFound),
            (json!({ "opportunityId": id, "companyId": "No Such Firm" }), ErrorKind::NotFound),
        ] {
            refused(&crm, "link_opportunity_to_company", arguments, kind).await;
        }
        refused(
            &crm,
            "get_person_opportunities",
            json!({ "personId": "no@body.example" }),
            ErrorKind::NotFound,
        )
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_summary_counts_everything_in_one_request_and_never_adds_currencies() {
    for profile in PROFILES {
        let crm = Crm::of_profile(profile).await;
        let companies = by_company(&crm).await;
        let mut currencies = 0;
        for (id, contacts) in companies.iter().filter(|(id, _)| !id.is_empty()) {
            let name = &contacts[0]["company"]["name"];
            let before = crm.requests();
            let by_id = crm
                .done("get_relationship_summary", json!({ "entityId": id, "entityType": "company" }))
                .await;
            let by_name = json!({ "entityId": name, "entityType": "company" });
            let by_name = crm.done("get_relationship_summary", by_name).await;
            assert_eq!(crm.requests(), before + 2);
            assert_eq!(by_id, by_name, "the server's sums and ours");
            assert_eq!(by_id["contacts"], contacts.len());
            for counted in ["opportunities", "tasks", "notes", "timelineActivities"] {
                assert!(by_id[counted].is_u64(), "{counted}: {by_id}");
            }
            let others = by_id["others"].as_array().unwrap();
            assert!(others.iter().any(|other| other["object"] == "supportTicket"), "{by_id}");
            currencies = currencies.max(by_id["amounts"].as_array().unwrap().len());
        }
        assert!(currencies > 1, "some company has deals in several currencies");

        let person = &companies
            .values()
            .flatten()
            .find(|contact| contact["company"].is_object() && contact["email"].is_string())
            .unwrap();
        let summary = json!({ "entityId": person["email"], "entityType": "person" });
        let told = crm.done("get_relationship_summary", summary.clone()).await;
        let deals = crm.done("get_person_opportunities", json!({ "personId": person["id"] })).await;
        assert_eq!((&told["opportunities"], &told["company"]), (&deals["total"], &person["company"]));
        assert!(told.get("contacts").is_none());
        let text = crm.call("get_relationship_summary", summary.clone()).await.text;
        assert!(text.contains("tasks: ") && !text.contains("undefined"), "{text}");
        let nobody = json!({ "entityId": NOBODY, "entityType": "person" });
        refused(&crm, "get_relationship_summary", nobody, ErrorKind::NotFound).await;
        crm.failing.store(100, Ordering::SeqCst);
        refused(&crm, "get_relationship_summary", summary, ErrorKind::Upstream).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sums_of_more_deals_than_come_along_are_exact() {
    for profile in PROFILES {
        let crm = Crm::start(json!({ "profile": profile, "people": 250 }), Duration::from_secs(30)).await;
        let all = crm.done("search_contacts", json!({ "query": "", "limit": 250 })).await;
        let (mut deals, mut sums) = (0_u64, BTreeMap::<String, f64>::new());
        let person = all["contacts"].as_array().unwrap().iter().find(|c| c["email"].is_string()).unwrap();
        for other in all["contacts"].as_array().unwrap() {
            let found = crm.done("get_person_opportunities", json!({ "personId": other["id"] })).await;
            for deal in found["opportunities"].as_array().unwrap() {
                let link = json!({ "opportunityId": deal["id"], "pointOfContactId": person["id"] });
                crm.done("link_opportunity_to_company", link).await;
                deals += 1;
                if let Some(amount) = deal["amount"]["amount"].as_f64() {
                    *sums.entry(deal["amount"]["currency"].as_str().unwrap().to_owned()).or_default() +=
                        amount;
                }
            }
            // The deals of this one are counted when they are come upon, not again once they are theirs.
            if deals > 70 {
                break;
            }
        }
        assert!(deals > 60, "{deals}");
        let expected: Vec<Value> =
            sums.iter().map(|(currency, amount)| json!({ "amount": amount, "currency": currency })).collect();
        for (given, needed) in
            [(&person["id"], if profile == "current" { 1 } else { 2 }), (&person["email"], 2)]
        {
            let before = crm.requests();
            let summary = json!({ "entityId": given, "entityType": "person" });
            let told = crm.done("get_relationship_summary", summary).await;
            assert_eq!(crm.requests(), before + needed);
            assert_eq!(
                (&told["opportunities"], &told["amounts"]),
                (&json!(deals), &json!(expected)),
                "{given}"
            );
        }
    }
}
