//! Records found, got, searched.

use crate::support::crm::{Crm, PROFILES};
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::atomic::Ordering, time::Duration};
use twenty_mcp::seam::ErrorKind;

const NOBODY: &str = "20202020-0000-4000-8000-00000000dead";

fn list(answer: &Value) -> &[Value] {
    answer["records"].as_array().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn records_of_any_object_are_found_by_filter_in_an_order_with_the_asked_fields() {
    for profile in PROFILES {
        let crm = Crm::of_profile(profile).await;
        crm.done("list_all_objects", json!({})).await;
        let (answer, sent) = crm.counted("find_records", json!({ "object": "people", "limit": 5 })).await;
        assert_eq!(sent.len(), 1, "a read is one request");
        assert!(answer.text.starts_with("5 of 60 (person)."), "{}", answer.text);
        let found = answer.structured.unwrap();
        let next = found["nextCursor"].as_str().unwrap();
        assert!(answer.text.contains("| id | page |") && answer.text.contains(next), "{}", answer.text);
        let dates: Vec<&str> =
            list(&found).iter().map(|record| record["createdAt"].as_str().unwrap()).collect();
        assert!(dates.is_sorted_by(|a, b| a >= b), "newest first: {dates:?}");
        let more = json!({ "object": "people", "limit": 60, "cursor": next });
        let more = crm.done("find_records", more).await;
        let ids: BTreeSet<&str> =
            list(&found).iter().chain(list(&more)).map(|record| record["id"].as_str().unwrap()).collect();
        assert_eq!((ids.len(), more.get("nextCursor")), (60, None), "everybody once");

        let with = json!({ "not": { "company": null } });
        let with = json!({ "object": "person", "filter": with, "orderBy": ["name.lastName", "-createdAt"],
            "fields": ["company.name", "emails.primaryEmail", "companyId", "noteTargets", "name"], "limit": 200 });
        let answer = crm.call("find_records", with).await;
        let found = answer.structured.unwrap();
        let first = &list(&found)[0];
        assert!(first["company.name"].is_string() && first["companyId"].is_string(), "{first}");
        assert!(first["noteTargets"].is_u64() && first["name"].is_string(), "{first}");
        assert!(first["url"].as_str().unwrap().contains("/object/person/"));
        assert_eq!(first.get("createdAt"), None, "only what was asked for");
        assert!(answer.text.contains("| name | company.name | emails.primaryEmail |"), "{}", answer.text);

        let company = first["companyId"].clone();
        let of_it = json!({ "object": "person", "filter": { "company": first["company.name"] } });
        let counted = crm.done("count_records", of_it).await;
        let by_id = json!({ "object": "person", "filter": { "companyId": company } });
        let (answer, sent) = crm.counted("count_records", by_id).await;
        assert_eq!((answer.structured.unwrap(), sent.len()), (counted, 1));

        let custom = crm.done("find_records", json!({ "object": "Subscription", "limit": 2 })).await;
        assert!(list(&custom)[0]["mrr"]["currency"].is_string(), "{custom}");
        let none = json!({ "object": "person", "filter": { "jobTitle": "no such job" } });
        let none = crm.done("find_records", none).await;
        assert_eq!((list(&none).len(), &none["total"]), (0, &json!(0)));

        for (wrong, kind, told) in [
            (json!({ "object": "persn" }), ErrorKind::NotFound, "did you mean `person`?"),
            (
                json!({ "object": "person", "fields": ["jobTitel"] }),
                ErrorKind::Input,
                "did you mean `jobTitle`?",
            ),
            (
                json!({ "object": "person", "filter": { "jobTitel": 1 } }),
                ErrorKind::Input,
                "`filter.jobTitel`",
            ),
            (json!({ "object": "person", "orderBy": "nme" }), ErrorKind::Input, "did you mean `name`?"),
            (json!({ "object": "person", "limit": 0 }), ErrorKind::Input, "at least 1"),
            (
                json!({ "object": "person", "filter": { "company": "Nobody Inc." } }),
                ErrorKind::NotFound,
                "called `Nobody Inc.`",
            ),
        ] {
            let refused = crm.call("find_records", wrong.clone()).await;
            assert_eq!(refused.error, Some(kind), "{wrong}: {}", refused.text);
            assert!(refused.text.contains(told), "{wrong}: {}", refused.text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_record_is_got_by_whatever_tells_it_with_what_points_at_it() {
    for profile in PROFILES {
        let crm = Crm::of_profile(profile).await;
        crm.done("list_all_objects", json!({})).await;
        let with = json!({ "object": "person", "filter": { "not": { "company": null } }, "fields": ["company", "emails"], "limit": 1 });
        let person = list(&crm.done("find_records", with).await)[0].clone();
        for given in [&person["id"], &person["emails"], &person["url"]] {
            let (answer, sent) = crm.counted("get_record", json!({ "object": "person", "id": given })).await;
            let got = answer.structured.unwrap_or_else(|| panic!("{}", answer.text));
            assert_eq!((sent.len(), &got["id"]), (1, &person["id"]), "{given}");
        }
        let company = json!({ "object": "company", "id": person["company"]["name"] });
        let answer = crm.call("get_record", company).await;
        let got = answer.structured.unwrap_or_else(|| panic!("{}", answer.text));
        assert_eq!(got["id"], person["company"]["id"]);
        assert!(got["related"]["people"].as_u64().unwrap() > 0, "{got}");
        assert!(answer.text.contains("Pointing here: ") && answer.text.contains("page: "), "{}", answer.text);
        let some = json!({ "object": "company", "id": got["id"], "fields": ["people", "accountOwner.name"] });
        let some = crm.done("get_record", some).await;
        assert_eq!(some["people"], got["related"]["people"]);
        assert!(some.get("related").is_none() && some.get("domainName").is_none(), "{some}");

        let missing = crm.call("get_record", json!({ "object": "company", "id": NOBODY })).await;
        assert_eq!(missing.error, Some(ErrorKind::NotFound), "{}", missing.text);
        crm.done(
            "create_records",
            json!({ "object": "company", "records": [{ "name": "Twin" }, { "name": "Twin" }] }),
        )
        .await;
        let twins = crm.call("get_record", json!({ "object": "company", "id": "Twin" })).await;
        assert_eq!(twins.error, Some(ErrorKind::Ambiguous), "{}", twins.text);
        crm.failing.store(9, Ordering::SeqCst);
        let failed = crm.call("get_record", json!({ "object": "company", "id": got["id"] })).await;
        assert_eq!(failed.error, Some(ErrorKind::Upstream), "{}", failed.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn long_lists_are_complete() {
    let crm = Crm::start(json!({ "people": 450 }), Duration::from_secs(30)).await;
    crm.done("list_all_objects", json!({})).await;
    let all = json!({ "object": "person", "fields": ["emails"], "limit": 1000 });
    let (answer, sent) = crm.counted("find_records", all).await;
    let found = answer.structured.unwrap();
    let ids: BTreeSet<&str> = list(&found).iter().map(|record| record["id"].as_str().unwrap()).collect();
    assert_eq!((ids.len(), sent.len()), (450, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_objects_are_searched_at_once() {
    for profile in PROFILES {
        let crm = Crm::of_profile(profile).await;
        crm.done(
            "create_records",
            json!({ "object": "company", "records": [{ "name": "Zyx Works" }, { "name": "Zyx|Forge" }] }),
        )
        .await;
        let note = json!({ "object": "note", "records": [{ "title": "Call zyx" }] });
        crm.done("create_records", note).await;
        let (answer, sent) = crm.counted("search", json!({ "query": "zyx" })).await;
        let found = answer.structured.unwrap();
        assert_eq!((found["hits"].as_array().unwrap().len(), sent.len()), (3, 1), "{found}");
        assert!(answer.text.contains("Zyx\\|Forge"), "{}", answer.text);
        let some = json!({ "query": "zyx", "objects": ["Companies"], "limit": 1 });
        let some = crm.done("search", some).await;
        let hit = &some["hits"][0];
        assert_eq!(hit["object"], "company");
        assert!(hit["url"].as_str().unwrap().ends_with(hit["id"].as_str().unwrap()), "{hit}");
        let rest = json!({ "query": "zyx", "objects": ["company"], "cursor": some["nextCursor"] });
        let rest = crm.done("search", rest).await;
        assert_eq!(rest["hits"].as_array().unwrap().len(), 1);
        assert_ne!(rest["hits"][0]["id"], hit["id"]);
        let none = crm.call("search", json!({ "query": "qqqq" })).await;
        assert_eq!((none.error, none.text.as_str()), (None, "Nothing found."));
        let wrong = crm.call("search", json!({ "query": "zyx", "objects": ["compny"] })).await;
        assert_eq!(wrong.error, Some(ErrorKind::NotFound), "{}", wrong.text);
    }
}
