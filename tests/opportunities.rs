//! Opportunities: made, read, changed, found, counted by stage.

use crate::support::crm::{Crm, PROFILES};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::Ordering,
    time::Duration,
};
use twenty_mcp::seam::ErrorKind;

const NOBODY: &str = "20202020-0000-4000-8000-00000000dead";

fn deals(answer: &Value) -> &Vec<Value> {
    answer["opportunities"].as_array().unwrap()
}

async fn all(crm: &Crm) -> Vec<Value> {
    deals(&crm.done("search_opportunities", json!({ "limit": 5000 })).await).clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deal_is_made_read_changed_and_cleared() {
    for profile in PROFILES {
        let crm = Crm::of_profile(profile).await;
        crm.done("create_company", json!({ "name": "Acme", "domainName": "acme-deals.com" })).await;
        let ada = json!({ "firstName": "Ada", "lastName": "Deal", "email": "ada@acme-deals.com" });
        crm.done("create_contact", ada).await;
        let given = json!({
            "name": "Big one", "amount": { "value": 0.1, "currency": "eur" }, "stage": "proposal",
            "closeDate": "2026-03-01", "companyId": "acme-deals.com", "pointOfContactId": "ada@acme-deals.com",
        });
        let deal = crm.done("create_opportunity", given).await;
        assert_eq!(deal["amount"], json!({ "amount": 0.1, "currency": "EUR" }));
        assert_eq!((&deal["stage"], &deal["company"]["name"]), (&json!("PROPOSAL"), &json!("Acme")));
        assert_eq!(deal["pointOfContact"]["name"], "Ada Deal");
        assert_eq!(deal["closeDate"], "2026-03-01T00:00:00.000Z");
        let id = deal["id"].as_str().unwrap();
        let (got, sent) = crm.counted("get_opportunity", json!({ "id": "big ONE" })).await;
        assert_eq!((got.structured.unwrap()["id"].as_str(), sent.len()), (Some(id), 1));
        assert!(got.text.contains("amount: EUR 0.10") && got.text.contains("Acme (id "), "{}", got.text);

        let change = json!({ "id": id, "amount": { "value": 0 }, "closeDate": null, "companyId": null });
        let (changed, sent) = crm.counted("update_opportunity", change).await;
        assert_eq!((changed.error, sent.len()), (None, 2), "{}", changed.text);
        let changed = changed.structured.unwrap();
        assert_eq!(changed["amount"], json!({ "amount": 0.0, "currency": "EUR" }), "it keeps its currency");
        assert!(changed["note"].as_str().unwrap().contains("EUR"));
        assert!(changed.get("closeDate").is_none() && changed.get("company").is_none(), "{changed}");
        assert_eq!(changed["stage"], "PROPOSAL");
        let cleared = crm.done("update_opportunity", json!({ "id": id, "amount": null })).await;
        assert_eq!(cleared.get("amount"), None);
        let usual = crm.done("create_opportunity", json!({ "name": "Bare", "amount": { "value": 5 } })).await;
        assert_eq!(usual["amount"]["currency"], "USD");
        assert_eq!(usual["stage"], "NEW", "the server's own");

        let missing = crm.call("get_opportunity", json!({ "id": NOBODY })).await;
        assert_eq!(missing.error, Some(ErrorKind::NotFound), "{}", missing.text);
        for (argument, wrong) in [
            ("stage", json!("WON")),
            ("closeDate", json!("soon")),
            ("amount", json!({ "value": 5, "currency": "Euros" })),
            ("amount", json!({ "currency": "EUR" })),
            ("companyId", json!("")),
        ] {
            let refused = crm.call("update_opportunity", json!({ "id": id, argument: wrong })).await;
            assert_eq!(refused.error, Some(ErrorKind::Input), "{}", refused.text);
            assert!(refused.text.contains(argument), "{}", refused.text);
        }
        let nobody = crm.call("update_opportunity", json!({ "id": id, "companyId": "nobody.example" })).await;
        assert_eq!(nobody.error, Some(ErrorKind::NotFound), "{}", nobody.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_means_what_it_says() {
    for profile in PROFILES {
        let crm = Crm::of_profile(profile).await;
        for (name, value, date) in
            [("Zero", 0, "2026-05-31T23:59:59.999Z"), ("Ten", 10, "2026-06-01T00:00:00Z")]
        {
            let given =
                json!({ "name": format!("Edge {name}"), "amount": { "value": value }, "closeDate": date });
            crm.done("create_opportunity", given).await;
        }
        let names = |said: Value| {
            let crm = &crm;
            async move {
                let (found, sent) = crm.counted("search_opportunities", said).await;
                assert_eq!((found.error, sent.len()), (None, 1), "{}", found.text);
                let found = found.structured.unwrap();
                let names = deals(&found).iter().map(|deal| deal["name"].as_str().unwrap().to_owned());
                names.collect::<Vec<_>>()
            }
        };
        for (said, found) in [
            (json!({ "query": "edge" }), &["Edge Ten", "Edge Zero"][..]),
            (json!({ "query": "zero EDGE" }), &["Edge Zero"]),
            (json!({ "query": "edge", "maxAmount": 0 }), &["Edge Zero"]),
            (json!({ "query": "edge", "minAmount": 0 }), &["Edge Ten", "Edge Zero"]),
            (json!({ "query": "edge", "minAmount": 0.000001 }), &["Edge Ten"]),
            (json!({ "query": "edge", "endDate": "2026-05-31" }), &["Edge Zero"]),
            (json!({ "query": "edge", "startDate": "2026-06-01" }), &["Edge Ten"]),
            (json!({ "query": "edge", "endDate": "2026-06-01T00:00:00Z" }), &["Edge Ten", "Edge Zero"]),
            (json!({ "query": "edge", "stage": "new", "limit": 1 }), &["Edge Ten"]),
            (json!({ "query": "edge", "offset": 1 }), &["Edge Zero"]),
            (json!({ "query": "edge%" }), &[]),
        ] {
            assert_eq!(names(said.clone()).await, found, "{profile} {said}");
        }
        let wrong = crm.call("search_opportunities", json!({ "stage": "WON", "endDate": "later" })).await;
        assert_eq!(wrong.error, Some(ErrorKind::Input));
        assert!(wrong.text.contains("`stage`") && wrong.text.contains("`endDate`"), "{}", wrong.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_deals_of_a_company_are_the_same_however_it_is_named() {
    for profile in PROFILES {
        let crm = Crm::of_profile(profile).await;
        let company =
            crm.done("create_company", json!({ "name": "Holder Ltd", "domainName": "holder.example" })).await;
        let id = company["id"].as_str().unwrap();
        let make = async |from: usize, to: usize| {
            for at in from..to {
                let given =
                    json!({ "name": format!("Part {at}"), "companyId": id, "amount": { "value": at } });
                crm.done("create_opportunity", given).await;
            }
        };
        make(0, 7).await;
        let ways = [(id, 1), ("holder.example", 1), ("Holder Ltd", 1), (company["url"].as_str().unwrap(), 1)];
        let same = async |ways: &[(&str, usize)], total: usize| {
            let mut seen: Option<Value> = None;
            for (given, requests) in ways {
                let said =
                    json!({ "companyId": given, "query": "part", "minAmount": 2, "limit": 3, "offset": 1 });
                let (found, sent) = crm.counted("search_opportunities", said).await;
                assert_eq!((found.error, sent.len()), (None, *requests), "{profile} {given}: {}", found.text);
                let found = found.structured.unwrap();
                assert_eq!((&found["total"], &found["nextOffset"]), (&json!(total), &json!(4)));
                assert_eq!(*seen.get_or_insert_with(|| found.clone()), found, "{profile} {given}");
            }
        };
        same(&ways, 5).await;
        make(7, 63).await;
        same(&[(id, 1), ("holder.example", 2), ("Holder Ltd", 2)], 61).await;
        for given in [NOBODY, "nobody.example", "No such company"] {
            let missing = crm.call("search_opportunities", json!({ "companyId": given })).await;
            assert_eq!(missing.error, Some(ErrorKind::NotFound), "{given}: {}", missing.text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stages_count_every_deal_and_never_add_currencies_up() {
    for (profile, requests) in [("current", 3), ("legacy", 4)] {
        let crm = Crm::start(json!({ "profile": profile, "people": 1600 }), Duration::from_secs(30)).await;
        let all = all(&crm).await;
        assert!(all.len() == 600, "{}", all.len());
        let (answer, sent) = crm.counted("list_opportunities_by_stage", json!({})).await;
        assert_eq!((answer.error, sent.len()), (None, requests), "{profile} {}", answer.text);
        let told = answer.structured.unwrap();
        assert_eq!((&told["total"], &told["shown"]), (&json!(600), &json!(500)));
        let mut sums: BTreeMap<(String, String), f64> = BTreeMap::new();
        for deal in &all {
            if let Some(amount) = deal["amount"]["amount"].as_f64() {
                let key = (deal["stage"].to_string(), deal["amount"]["currency"].to_string());
                *sums.entry(key).or_default() += amount;
            }
        }
        let stages = told["stages"].as_array().unwrap();
        let order: Vec<&str> = stages.iter().map(|stage| stage["stage"].as_str().unwrap()).collect();
        assert_eq!(order, ["NEW", "SCREENING", "MEETING", "PROPOSAL", "CUSTOMER"]);
        let mut seen = BTreeMap::new();
        for stage in stages {
            let of = all.iter().filter(|deal| deal["stage"] == stage["stage"]).count();
            assert_eq!(stage["total"], of);
            for sum in stage["amounts"].as_array().unwrap() {
                let key = (stage["stage"].to_string(), sum["currency"].to_string());
                seen.insert(key, sum["amount"].as_f64().unwrap());
            }
        }
        assert_eq!(seen, sums);
        let ids = |told: &Value| {
            let stages = told["stages"].as_array().unwrap().iter();
            let ids = stages.flat_map(deals).map(|deal| deal["id"].as_str().unwrap().to_owned());
            ids.collect::<BTreeSet<_>>()
        };
        let newest: BTreeSet<String> =
            all[..500].iter().map(|deal| deal["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(ids(&told), newest);
        let rows = |text: &str| text.matches("/object/opportunity/").count();
        assert_eq!(rows(&answer.text), 50, "{}", answer.text);
        assert!(all[..50].iter().all(|deal| answer.text.contains(deal["id"].as_str().unwrap())));
        assert!(answer.text.contains("50 of 600 are listed"), "{}", answer.text);

        let cursor = json!({ "cursor": told["nextCursor"] });
        let rest = crm.done("list_opportunities_by_stage", cursor).await;
        assert_eq!((&rest["total"], &rest["shown"]), (&json!(600), &json!(100)));
        assert!(rest.get("nextCursor").is_none() && ids(&rest).is_disjoint(&newest));
        let totals = |told: &Value| {
            told["stages"].as_array().unwrap().iter().map(|s| s["total"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(totals(&rest), totals(&told));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stage_that_is_empty_or_missing_is_told_and_reads_are_repeated() {
    for profile in PROFILES {
        let crm = Crm::start(json!({ "profile": profile, "people": 0 }), Duration::from_secs(30)).await;
        let id = crm.done("create_opportunity", json!({ "name": "A\n| b", "amount": { "value": 3 } })).await;
        crm.done("update_opportunity", json!({ "id": id["id"], "stage": null })).await;
        crm.failing.store(1, Ordering::SeqCst);
        let answer = crm.call("list_opportunities_by_stage", json!({})).await;
        assert_eq!(answer.error, None, "{}", answer.text);
        let stages = answer.structured.unwrap()["stages"].as_array().unwrap().clone();
        let totals: Vec<u64> = stages.iter().map(|stage| stage["total"].as_u64().unwrap()).collect();
        assert_eq!(totals, [0, 0, 0, 0, 0, 1]);
        assert!(
            answer.text.contains("No stage: 1, USD 3.00") && answer.text.contains("A \\| b"),
            "{}",
            answer.text
        );
    }
}
