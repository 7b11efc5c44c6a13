//! Briefs: what is in them, what they cost upstream and downstream.

use crate::support::crm::{Crm, PROFILES};
use serde_json::{Value, json};
use std::time::Duration;
use twenty_mcp::{seam::ErrorKind, tools::twenty::brief::budget::estimate};

fn section<'a>(brief: &'a Value, title: &str) -> Option<&'a Value> {
    brief["sections"].as_array().unwrap().iter().find(|section| section["title"] == title)
}

/// A contact that has a company and at least one deal.
async fn somebody(crm: &Crm) -> Value {
    let found = crm.done("search_contacts", json!({ "query": "", "limit": 60 })).await;
    for contact in found["contacts"].as_array().unwrap() {
        let brief = crm.done("brief", json!({ "record": contact["id"], "object": "person" })).await;
        if contact["company"].is_object()
            && section(&brief, "deals").is_some()
            && section(&brief, "emails").is_some()
        {
            return contact.clone();
        }
    }
    panic!("nobody has a deal and an email");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_brief_tells_what_hangs_on_a_record_in_two_requests() {
    for profile in PROFILES {
        let crm = Crm::of_profile(profile).await;
        let contact = somebody(&crm).await;
        let company = contact["company"]["name"].as_str().unwrap();
        for (given, object) in [
            (contact["id"].as_str().unwrap(), "person"),
            (contact["email"].as_str().unwrap(), "person"),
            (contact["url"].as_str().unwrap(), "person"),
            (company, "company"),
        ] {
            let before = crm.sent.lock().unwrap().len();
            let brief = crm.done("brief", json!({ "record": given, "maxTokens": 20_000 })).await;
            assert_eq!(crm.sent.lock().unwrap().len() - before, 2, "{given}");
            assert_eq!(brief["object"], object, "{given}");
            assert!(brief["record"]["url"].as_str().unwrap().contains(&format!("/object/{object}/")));
            let kinds: &[&str] = match object {
                "person" => &["deals", "emails"],
                _ => &["deals", "people", "emails"],
            };
            for kind in kinds {
                let section =
                    section(&brief, kind).unwrap_or_else(|| panic!("{profile} {given}: {kind} in {brief}"));
                let items = section["items"].as_array().unwrap();
                assert!(!items.is_empty() && items.len() as u64 <= section["total"].as_u64().unwrap());
                assert!(items.iter().all(|item| !item["text"].as_str().unwrap().is_empty()), "{section}");
            }
            let emails = section(&brief, "emails").unwrap()["items"].as_array().unwrap().clone();
            let dates: Vec<&str> = emails.iter().map(|item| item["date"].as_str().unwrap()).collect();
            assert!(dates.is_sorted_by(|a, b| a >= b), "newest first: {dates:?}");
        }
        let person = crm.done("brief", json!({ "record": contact["email"] })).await;
        let deal = section(&person, "deals").unwrap()["items"][0]["id"].clone();
        let deal = crm.done("brief", json!({ "record": deal, "object": "opportunity" })).await;
        assert_eq!(deal["record"]["pointOfContact"]["id"], contact["id"]);
        assert!(section(&deal, "emails").is_some(), "{deal}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_brief_keeps_to_its_budget_and_says_what_it_leaves_out() {
    let crm = Crm::start(json!({ "people": 60 }), Duration::from_secs(30)).await;
    let contact = somebody(&crm).await;
    let mut last = 0;
    for budget in [200, 400, 800, 3000] {
        let told = crm
            .call(
                "brief",
                json!({ "record": contact["company"]["name"], "object": "company", "maxTokens": budget }),
            )
            .await;
        let cost = estimate(&told.text);
        assert!(cost <= budget, "{cost} of {budget}\n{}", told.text);
        assert!(told.text.len() >= last);
        last = told.text.len();
        let brief = told.structured.unwrap();
        for section in brief["sections"].as_array().unwrap() {
            let (shown, total) =
                (section["items"].as_array().unwrap().len() as u64, section["total"].as_u64().unwrap());
            let title = section["title"].as_str().unwrap();
            let heading = match shown {
                0 => format!("{total} {title}"),
                shown if shown == total => format!("## {title} ({total})"),
                shown => format!("## {title} ({total}, the newest {shown})"),
            };
            assert!(told.text.contains(&heading), "{heading}\n{}", told.text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_briefed_is_told() {
    let crm = Crm::of_profile("current").await;
    let contact = somebody(&crm).await;
    let name = contact["name"].as_str().unwrap();
    let (first, last) = name.split_once(' ').unwrap();
    let new = crm.done("create_contact", json!({ "firstName": first, "lastName": last })).await;
    let bare = crm.call("brief", json!({ "record": new["id"] })).await;
    assert!(!bare.text.contains("requestedTickets"), "nothing is told of what is not there: {}", bare.text);
    for (arguments, kind, says) in [
        (json!({ "record": "Nobody At All" }), ErrorKind::NotFound, "Nobody At All"),
        (json!({ "record": "nobody@nowhere.example" }), ErrorKind::NotFound, "nobody@nowhere.example"),
        (json!({ "record": name, "object": "person" }), ErrorKind::Ambiguous, "(id "),
        (json!({ "record": "" }), ErrorKind::Input, "empty"),
        (json!({ "record": name, "object": "planet" }), ErrorKind::Input, "person, company, opportunity"),
        (json!({ "record": name, "maxTokens": 10 }), ErrorKind::Input, "at least 200"),
        (json!({ "record": contact["url"], "object": "company" }), ErrorKind::Input, "person"),
    ] {
        let told = crm.call("brief", arguments.clone()).await;
        assert_eq!(told.error, Some(kind), "{arguments}: {}", told.text);
        assert!(told.text.contains(says), "{arguments}: {}", told.text);
    }
}
