//! Companies: made, read, changed, found.

use crate::support::crm::{Crm, PROFILES};
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::atomic::Ordering, time::Duration};
use twenty_mcp::seam::ErrorKind;

const NOBODY: &str = "20202020-0000-4000-8000-00000000dead";

fn with(one: &Value, other: Value) -> Value {
    let mut both = one.clone();
    both.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
    both
}

/// A company that each profile has all fields for.
fn acme(profile: &str) -> Value {
    let both = json!({
        "name": "Acme 50%", "domainName": "https://www.acme-fifty.com/", "address": "1 Main Road",
        "linkedinUrl": "https://linkedin.com/company/acme", "annualRecurringRevenue": 0,
    });
    let legacy = json!({ "employees": 0, "xUrl": "https://x.com/acme", "idealCustomerProfile": false });
    if profile == "legacy" { with(&both, legacy) } else { both }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_is_made_read_changed_and_cleared() {
    for profile in PROFILES {
        let crm = Crm::of_profile(profile).await;
        crm.done("list_all_objects", json!({})).await;
        let (made, sent) = crm.counted("create_company", acme(profile)).await;
        assert_eq!((made.error, sent.len()), (None, 1), "{}", made.text);
        let company = made.structured.unwrap();
        assert_eq!(company["name"], "Acme 50%");
        assert_eq!(company["address"]["addressStreet1"], "1 Main Road");
        assert_eq!(company["annualRecurringRevenue"], json!({ "amount": 0.0, "currency": "USD" }));
        assert!(made.text.contains("USD 0.00") && made.text.contains("without a currency"), "{}", made.text);
        if profile == "legacy" {
            assert_eq!((&company["employees"], &company["idealCustomerProfile"]), (&json!(0), &json!(false)));
            assert_eq!(company["xUrl"], "https://x.com/acme");
        }
        let id = company["id"].as_str().unwrap();
        for given in [id, "acme-fifty.com", "acme 50%", company["url"].as_str().unwrap()] {
            let (got, sent) = crm.counted("get_company", json!({ "id": given })).await;
            assert_eq!((got.structured.unwrap()["id"].as_str(), sent.len()), (Some(id), 1), "{given}");
        }
        for query in ["acme", "ACME 50%", "acme-fifty.com", "https://acme-fifty.com/"] {
            let found = crm.done("search_companies", json!({ "query": query })).await;
            assert_eq!(found["companies"][0]["id"], id, "{query}");
        }

        let change = json!({ "id": "acme-fifty.com", "address": null, "name": "Acme", "linkedinUrl": null });
        let (changed, sent) = crm.counted("update_company", change).await;
        assert_eq!((changed.error, sent.len()), (None, 2), "{}", changed.text);
        let changed = changed.structured.unwrap();
        assert_eq!(changed["name"], "Acme");
        assert!(changed.get("address").is_none() && changed.get("linkedinUrl").is_none(), "{changed}");
        assert_eq!(changed["domainName"], company["domainName"], "what is left out stays");
        let cleared = crm.done("update_company", json!({ "id": id, "annualRecurringRevenue": null })).await;
        assert_eq!(cleared.get("annualRecurringRevenue"), None);

        let twice = crm.call("create_company", acme(profile)).await;
        assert_eq!(twice.error, Some(ErrorKind::Conflict), "{}", twice.text);
        for tool in ["get_company", "update_company"] {
            let missing = crm.call(
                tool,
                with(
                    &json!({ "id": NOBODY }),
                    match tool {
                        "update_company" => json!({ "name": "x" }),
                        _ => json!({}),
                    },
                ),
            );
            let missing = missing.await;
            assert_eq!(missing.error, Some(ErrorKind::NotFound), "{}", missing.text);
        }
        for (tool, arguments) in [
            ("update_company", json!({ "id": id })),
            ("update_company", json!({ "id": id, "annualRecurringRevenue": "5" })),
            ("create_company", json!({ "name": "A", "domainName": "no domain" })),
            ("create_company", json!({})),
            ("search_companies", json!({ "query": "a", "limit": 0 })),
        ] {
            let wrong = crm.call(tool, arguments).await;
            assert_eq!(wrong.error, Some(ErrorKind::Input), "{tool}: {}", wrong.text);
        }
        crm.failing.store(1, Ordering::SeqCst);
        let failed = crm.call("create_company", json!({ "name": "Down" })).await;
        assert_eq!(failed.error, Some(ErrorKind::Upstream), "{}", failed.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn revenue_keeps_the_currency_that_the_record_has() {
    for (profile, field) in [("current", "annualRevenue"), ("legacy", "annualRecurringRevenue")] {
        let crm = Crm::of_profile(profile).await;
        let query = format!(
            "mutation {{ createCompany(data: {{ name: \"Euro\", {field}: {{ amountMicros: 5000000, currencyCode: \"EUR\" }} }}) {{ id }} }}"
        );
        let id = crm.ask(&query, json!({})).await["createCompany"]["id"].clone();
        let changed = crm.done("update_company", json!({ "id": id, "annualRecurringRevenue": 7.5 })).await;
        assert_eq!(changed["annualRecurringRevenue"], json!({ "amount": 7.5, "currency": "EUR" }));
        assert!(changed["note"].as_str().unwrap().contains("EUR"), "{changed}");
        let bare = crm.done("create_company", json!({ "name": "Bare" })).await["id"].clone();
        let planned = crm
            .done("update_company", json!({ "id": bare, "annualRecurringRevenue": 1, "plan": true }))
            .await;
        let after = &planned["plan"]["changes"][0]["after"][field];
        assert_eq!(after, &json!({ "amount": 1.0, "currency": "USD" }), "{planned}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_workspace_has_no_field_for_is_refused_all_at_once() {
    let crm = Crm::of_profile("current").await;
    let given =
        json!({ "name": "A", "employees": 0, "idealCustomerProfile": false, "xUrl": "https://x.com/a" });
    let refused = crm.call("create_company", given).await;
    assert_eq!(refused.error, Some(ErrorKind::Input), "{}", refused.text);
    for part in ["employees", "idealCustomerProfile", "xUrl", "annualRevenue, tier"] {
        assert!(refused.text.contains(part), "{part}: {}", refused.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_with_several_pages_is_told_by_the_first() {
    let crm = Crm::of_profile("current").await;
    let query = "mutation { createCompany(data: { name: \"Two\\nLines\", linkedinLink: { primaryLinkUrl: \"https://a.com\", \
                 secondaryLinks: [{ url: \"https://b.com\", label: \"\" }] } }) { id } }";
    let id = crm.ask(query, json!({})).await["createCompany"]["id"].clone();
    let got = crm.call("get_company", json!({ "id": id })).await;
    let company = got.structured.unwrap();
    assert_eq!(company["linkedinUrl"], "https://a.com");
    assert_eq!(company["other"]["linkedinLink"], json!(["https://a.com", "https://b.com"]));
    assert!(got.text.starts_with("Two Lines (id "), "{}", got.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_company_is_found_once_over_pages_newest_first() {
    for profile in PROFILES {
        let crm = Crm::start(json!({ "profile": profile, "people": 1200 }), Duration::from_secs(30)).await;
        let all = crm.done("search_companies", json!({ "query": "", "limit": 5000 })).await;
        let companies = all["companies"].as_array().unwrap();
        assert!(companies.len() > 200 && all["total"] == companies.len(), "{}", companies.len());
        assert!(all.get("nextOffset").is_none());
        let ids: BTreeSet<&str> = companies.iter().map(|company| company["id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), companies.len());
        let dates: Vec<&str> = companies.iter().map(|one| one["createdAt"].as_str().unwrap()).collect();
        assert!(dates.is_sorted_by(|a, b| a >= b));
        let page = crm.done("search_companies", json!({ "query": "", "limit": 5, "offset": 203 })).await;
        assert_eq!(page["companies"].as_array().unwrap()[..], companies[203..208]);
        assert_eq!((&page["offset"], &page["nextOffset"]), (&json!(203), &json!(208)));
    }
}
