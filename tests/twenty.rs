//! The Twenty tools on both generations of Twenty.

use crate::support::{
    client::Client,
    crm::{Crm, PROFILES},
    running::Running,
};
use serde_json::{Value, json};
use std::{sync::atomic::Ordering, time::Duration};
use twenty_mcp::seam::ErrorKind;

const NOBODY: &str = "20202020-0000-4000-8000-00000000dead";

async fn company(crm: &Crm) -> String {
    let found = crm.done("search_contacts", json!({ "query": "a", "limit": 200 })).await;
    let contacts = found["contacts"].as_array().unwrap().clone();
    let with = contacts.into_iter().find(|contact| contact["company"]["id"].is_string()).unwrap();
    with["company"]["id"].as_str().unwrap().to_owned()
}

/// Everything that the six tools do, right and wrong.
async fn all_tools(crm: &Crm, profile: &str) {
    let company = company(crm).await;
    let mut given = json!({
        "firstName": "Ada", "lastName": "O'Lovelace %_", "email": "ada@example.org", "phone": "+33 612345678",
        "companyId": company, "jobTitle": "Analyst", "linkedinUrl": "https://linkedin.com/in/ada",
    });
    let with_city = [given.clone(), json!({ "city": "Paris" })];
    let with_city: Value = with_city
        .iter()
        .flat_map(|part| part.as_object().unwrap().clone())
        .collect::<serde_json::Map<_, _>>()
        .into();
    if profile == "legacy" {
        given = with_city;
    } else {
        let refused = crm.call("create_contact", with_city).await;
        assert_eq!(refused.error, Some(ErrorKind::Input), "{}", refused.text);
        assert!(
            refused.text.contains("no field `city`") && refused.text.contains("jobTitle"),
            "{}",
            refused.text
        );
    }
    let created = crm.done("create_contact", given.clone()).await;
    let id = created["id"].as_str().unwrap();
    assert_eq!(created["name"], "Ada O'Lovelace %_");
    assert_eq!(created["email"], "ada@example.org");
    assert_eq!(created["phone"], "+33612345678");
    assert_eq!(created["company"]["id"], company.as_str());
    assert_eq!(created["linkedinUrl"], "https://linkedin.com/in/ada");
    assert_eq!(created.get("city").is_some(), profile == "legacy");

    let got = crm.done("get_contact", json!({ "id": id })).await;
    assert_eq!(got["email"], "ada@example.org");
    let twice = crm.call("create_contact", given).await;
    assert_eq!(twice.error, Some(ErrorKind::Conflict), "{}", twice.text);

    for query in ["Ada O'Lovelace", "lovelace ada", "ADA@EXAMPLE", "lovelace %_"] {
        let found = crm.done("search_contacts", json!({ "query": query })).await;
        assert_eq!(found["contacts"][0]["id"], id, "{query}");
    }
    let nobody = crm.done("search_contacts", json!({ "query": "%zz%" })).await;
    assert_eq!(nobody["total"], 0, "wildcards are letters");

    let changed =
        crm.done("update_contact", json!({ "id": id, "jobTitle": null, "firstName": "Augusta" })).await;
    assert_eq!(changed["name"], "Augusta O'Lovelace %_", "what is left out stays");
    assert_eq!(changed.get("jobTitle"), None, "null clears");
    assert_eq!(changed["email"], "ada@example.org");
    let cleared = crm
        .done("update_contact", json!({ "id": id, "companyId": null, "email": null, "phone": null }))
        .await;
    assert!(
        cleared.get("company").is_none() && cleared.get("email").is_none() && cleared.get("phone").is_none()
    );

    for (tool, arguments) in [
        ("get_contact", json!({ "id": NOBODY })),
        ("update_contact", json!({ "id": NOBODY, "jobTitle": "x" })),
        ("get_object_schema", json!({ "objectName": "persn" })),
    ] {
        let missing = crm.call(tool, arguments).await;
        assert_eq!(missing.error, Some(ErrorKind::NotFound), "{tool}: {}", missing.text);
    }
    for (tool, arguments) in [
        ("update_contact", json!({ "id": id })),
        ("create_contact", json!({ "firstName": "A", "lastName": "B", "email": "no email" })),
        ("create_contact", json!({ "firstName": "A", "lastName": "B", "companyId": "" })),
        ("search_contacts", json!({ "query": "a", "limit": 0 })),
    ] {
        let wrong = crm.call(tool, arguments).await;
        assert_eq!(wrong.error, Some(ErrorKind::Input), "{tool}: {}", wrong.text);
    }
    // Every fault is told by the name of its argument, whatever field that is written to.
    let nul = json!({ "firstName": "\u{0}", "lastName": "B", "phone": "1\u{0}" });
    let wrong = crm.call("create_contact", nul).await;
    for argument in ["firstName", "phone"] {
        assert!(wrong.text.contains(&format!("`{argument}`: a text cannot")), "{}", wrong.text);
    }

    let objects = crm.done("list_all_objects", json!({})).await;
    let names: Vec<&str> =
        objects["objects"].as_array().unwrap().iter().map(|o| o["nameSingular"].as_str().unwrap()).collect();
    assert!(names.contains(&"person") && names.contains(&"supportTicket"), "{names:?}");
    let custom = |objects: &Value| {
        objects["objects"].as_array().unwrap().iter().filter(|o| o["kind"] == "custom").count()
    };
    assert_eq!(custom(&objects), 2);
    assert_eq!(custom(&crm.done("list_all_objects", json!({ "includeCustom": false })).await), 0);
    for name in ["person", "people", "Person"] {
        let schema = crm.done("get_object_schema", json!({ "objectName": name })).await;
        let fields = schema["fieldList"].as_array().unwrap();
        let company = fields.iter().find(|field| field["name"] == "company").unwrap();
        assert_eq!(company["joinColumn"], "companyId");
        assert_eq!(company["targets"], json!(["company"]));
    }
    let deal = crm.done("get_object_schema", json!({ "objectName": "opportunity" })).await;
    let stage =
        deal["fieldList"].as_array().unwrap().iter().find(|field| field["name"] == "stage").cloned().unwrap();
    assert!(stage["options"].as_array().unwrap().contains(&json!("PROPOSAL")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_six_tools_work_on_both_profiles() {
    for profile in PROFILES {
        let crm = Crm::of_profile(profile).await;
        all_tools(&crm, profile).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_complete_over_pages_and_newest_first() {
    let crm = Crm::start(json!({ "people": 900 }), Duration::from_secs(30)).await;
    let all = crm.done("search_contacts", json!({ "query": "", "limit": 5000 })).await;
    let contacts = all["contacts"].as_array().unwrap();
    assert_eq!((contacts.len(), all["total"].as_u64()), (900, Some(900)));
    let ids: std::collections::BTreeSet<&str> = contacts.iter().map(|c| c["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 900, "nobody twice");
    let dates: Vec<&str> = contacts.iter().map(|c| c["createdAt"].as_str().unwrap()).collect();
    assert!(dates.is_sorted_by(|a, b| a >= b), "newest first");
    let page = crm.done("search_contacts", json!({ "query": "", "limit": 10, "offset": 450 })).await;
    assert_eq!(page["contacts"].as_array().unwrap()[..], contacts[450..460]);
    assert_eq!(page["nextOffset"], 460);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_is_fetched_once_and_then_a_read_is_one_request() {
    let crm = Crm::of_profile("current").await;
    let calls = ('a'..='t').map(|letter| crm.done("search_contacts", json!({ "query": letter.to_string() })));
    futures_util::future::join_all(calls).await;
    assert_eq!(crm.sent.lock().unwrap().len(), 2 + 20, "two for the schema, one for each call");
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_are_repeated_and_writes_are_not() {
    let crm = Crm::start(json!({ "people": 10 }), Duration::from_secs(30)).await;
    crm.done("list_all_objects", json!({})).await;
    let sent = || crm.sent.lock().unwrap().len();
    let before = sent();
    crm.failing.store(2, Ordering::SeqCst);
    crm.done("search_contacts", json!({ "query": "a" })).await;
    assert_eq!(sent(), before + 3, "a read is sent until it is answered");
    crm.failing.store(2, Ordering::SeqCst);
    let failed = crm.call("create_contact", json!({ "firstName": "A", "lastName": "B" })).await;
    assert_eq!(failed.error, Some(ErrorKind::Upstream), "{}", failed.text);
    assert_eq!(sent(), before + 4, "a write is sent once");

    let limited = Crm::start(json!({ "people": 10, "rate_limit": 3 }), Duration::from_secs(2)).await;
    limited.done("search_contacts", json!({ "query": "a" })).await;
    let refused = limited.call("search_contacts", json!({ "query": "a" })).await;
    assert_eq!(refused.error, Some(ErrorKind::Limited), "{}", refused.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_workspace_ends_at_the_deadline() {
    let crm = Crm::start(json!({ "people": 10, "latency_ms": 5000 }), Duration::from_millis(300)).await;
    let late = crm.call("list_all_objects", json!({})).await;
    assert!(matches!(late.error, Some(ErrorKind::Limited | ErrorKind::Upstream)), "{}", late.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_the_error_says_what_to_set() {
    let server = Running::start_with(&[], |command| {
        command.env("TWENTY_BASE_URL", "https://crm.example.com");
    });
    let refused = Client::of(&server).await.call("list_all_objects", json!({})).await;
    assert_eq!(refused.error, Some(ErrorKind::Denied));
    assert!(refused.text.contains("TWENTY_API_KEY"), "{}", refused.text);
}
