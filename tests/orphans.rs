//! Records that nothing is linked to, over any number of pages.

use crate::support::crm::{Crm, PROFILES};
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::atomic::Ordering, time::Duration};
use twenty_mcp::seam::ErrorKind;

fn list<'a>(found: &'a Value, what: &str) -> &'a Value {
    found["lists"].as_array().unwrap().iter().find(|list| list["what"] == what).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn orphans_are_counted_exactly_and_the_cursor_shows_each_once() {
    for profile in PROFILES {
        let crm = Crm::start(json!({ "profile": profile, "people": 1500 }), Duration::from_secs(60)).await;
        let people = crm.done("search_contacts", json!({ "query": "", "limit": 5000 })).await;
        let people = people["contacts"].as_array().unwrap();
        // Company after company is left without contacts, and so are the contacts without company.
        let mut moved: BTreeSet<&str> = BTreeSet::new();
        let homeless = people.iter().filter(|contact| contact["company"].is_null()).count();

        let before = crm.requests();
        let found = crm.done("find_orphaned_records", json!({})).await;
        let sent = crm.requests() - before;
        assert!(sent < 20, "lists are read side by side: {sent}");
        assert_eq!(list(&found, "contacts without company")["total"], homeless);
        assert_eq!(found["lists"].as_array().unwrap().len(), 6);
        assert!(found.get("notLookedFor").is_none());

        let company = people.iter().find_map(|contact| contact["company"]["id"].as_str()).unwrap();
        let contacts = people.iter().filter(|contact| contact["company"]["id"] == company);
        for contact in contacts {
            crm.done("update_contact", json!({ "id": contact["id"], "companyId": null })).await;
            moved.insert(contact["id"].as_str().unwrap());
        }
        let after = crm.done("find_orphaned_records", json!({})).await;
        let total = |found: &Value, what| list(found, what)["total"].as_u64().unwrap();
        let (alone, without) = ("companies without contacts", "contacts without company");
        assert_eq!(total(&after, alone), total(&found, alone) + 1);
        assert_eq!(total(&after, without), (homeless + moved.len()) as u64);
        let names = list(&after, alone)["records"].as_array().unwrap();
        assert!(names.iter().any(|record| record["id"] == company));
        assert!(names.is_sorted_by(|a, b| a["createdAt"].as_str() >= b["createdAt"].as_str()));

        // By the cursor of the text, every record of every list once.
        let text = crm.call("find_orphaned_records", json!({})).await.text;
        let mut cursor = text.rsplit_once("cursor ").map(|(_, cursor)| cursor.trim().to_owned());
        assert!(text.matches("\n| ").count() <= 50 + 2 * 6, "{text}");
        let (mut seen, mut texts) = (Vec::new(), vec![text]);
        while let Some(at) = cursor.take() {
            let next = crm.call("find_orphaned_records", json!({ "cursor": at })).await;
            assert_eq!(next.error, None, "{}", next.text);
            cursor = next.text.rsplit_once("cursor ").map(|(_, cursor)| cursor.trim().to_owned());
            texts.push(next.text);
        }
        for row in texts.iter().flat_map(|text| text.lines()).filter(|line| line.contains("/object/")) {
            seen.push(row.rsplit('/').next().unwrap().trim_matches([' ', '|']).to_owned());
        }
        let sum: u64 =
            after["lists"].as_array().unwrap().iter().map(|list| list["total"].as_u64().unwrap()).sum();
        assert_eq!(seen.len() as u64, sum);
        let twice = seen.len() - seen.iter().collect::<BTreeSet<_>>().len();
        let deals = list(&after, "opportunities without company")["records"].as_array().unwrap();
        let lonely = list(&after, "opportunities without contact")["records"].as_array().unwrap();
        assert_eq!(
            twice,
            deals.iter().filter(|deal| lonely.contains(deal)).count(),
            "only those that lack both"
        );

        crm.failing.store(100, Ordering::SeqCst);
        let failed = crm.call("find_orphaned_records", json!({})).await;
        assert_eq!(
            failed.error,
            Some(ErrorKind::Upstream),
            "no fault looks like no orphans: {}",
            failed.text
        );
    }
}
