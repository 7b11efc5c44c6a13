//! Records made, changed, made or changed, and merged.

use crate::support::crm::{Crm, PROFILES};
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use twenty_mcp::seam::ErrorKind;

fn people(number: usize, job: &str) -> Value {
    let one = |nth: usize| json!({ "name": format!("Bulk Nr{nth}"), "emails": format!("{job}{nth}@bulk.example"), "jobTitle": job });
    json!({ "object": "person", "records": (0..number).map(one).collect::<Vec<_>>() })
}

fn with(mut arguments: Value, more: Value) -> Value {
    arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    arguments
}

async fn count(crm: &Crm, filter: Value) -> u64 {
    let counted = crm.done("count_records", json!({ "object": "person", "filter": filter })).await;
    counted["total"].as_u64().unwrap()
}

/// Plans, and then does what was planned.
async fn planned(crm: &Crm, tool: &str, arguments: Value) -> (Value, Value) {
    let plan = crm.done(tool, with(arguments.clone(), json!({ "plan": true }))).await;
    let token = plan["plan"]["planToken"].clone();
    let done = crm.done(tool, with(arguments, json!({ "planToken": token }))).await;
    (plan, done)
}

#[tokio::test(flavor = "multi_thread")]
async fn many_records_are_made_in_batches_after_a_plan() {
    for profile in PROFILES {
        let crm = Crm::of_profile(profile).await;
        let refused = crm.call("create_records", people(130, "clerk")).await;
        assert_eq!(refused.error, Some(ErrorKind::Denied), "{}", refused.text);
        assert_eq!(count(&crm, json!({ "jobTitle": "clerk" })).await, 0);
        let (plan, made) = planned(&crm, "create_records", people(130, "clerk")).await;
        assert_eq!(plan["plan"]["counts"], json!({ "create": 130 }));
        assert_eq!((&made["changed"], made["records"].as_array().unwrap().len()), (&json!(130), 130));
        assert_eq!(count(&crm, json!({ "jobTitle": "clerk" })).await, 130);

        let (answer, sent) = crm.counted("create_records", people(3, "cook")).await;
        assert_eq!((answer.error, sent.len()), (None, 1), "a create is one request: {}", answer.text);
        assert!(answer.text.starts_with("Created.\n3 records (person)."), "{}", answer.text);
        let custom = json!({ "object": "subscription", "records": [{ "name": "Gold", "seats": 0, "mrr": "12.5 EUR" }] });
        let custom = crm.done("create_records", custom).await;
        assert_eq!(custom["records"][0]["mrr"], json!({ "amount": 12.5, "currency": "EUR" }));
        assert_eq!(custom["records"][0]["seats"], 0);
        let twice = crm.call("create_records", people(1, "cook")).await;
        assert_eq!(twice.error, Some(ErrorKind::Conflict), "{}", twice.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_is_told_with_its_place_and_nothing_is_sent() {
    let crm = Crm::of_profile("current").await;
    crm.done("list_all_objects", json!({})).await;
    let records =
        json!([{ "jobTitle": "ok" }, { "emails": "nonsense" }, {}, { "jobTitel": "x", "leadScore": "5" }]);
    let (wrong, sent) =
        crm.counted("create_records", json!({ "object": "person", "records": records })).await;
    assert_eq!((wrong.error, sent.len()), (Some(ErrorKind::Input), 0));
    for line in [
        "4 things are wrong:",
        "`records[1].emails`: `nonsense` is no email address",
        "`records[2]`: nothing was given",
        "`records[3].jobTitel`: `person` has no such field in this workspace; did you mean `jobTitle`?",
        "`records[3].leadScore`: a number is wanted",
    ] {
        assert!(wrong.text.contains(line), "{line}: {}", wrong.text);
    }
    let update = |more: Value| with(json!({ "object": "person" }), more);
    for (arguments, told) in [
        (update(json!({ "filter": {}, "set": { "jobTitle": "x" } })), "`filter` is empty"),
        (update(json!({ "set": { "jobTitle": "x" } })), "no record was named"),
        (update(json!({ "ids": ["a"], "filter": { "jobTitle": "a" }, "set": {} })), "both given"),
        (update(json!({ "ids": ["ada@x.example"] })), "in one of two ways"),
        (update(json!({ "records": [{ "jobTitle": "x" }] })), "`records[0]`: it has no `id`"),
        (update(json!({ "records": [{ "id": "Ada", "jobTitel": "x" }] })), "`records[0].jobTitel`"),
        (
            update(json!({ "ids": ["ada@x.example"], "set": { "createdAt": "2026-01-01" } })),
            "`set.createdAt`",
        ),
    ] {
        let (wrong, sent) = crm.counted("update_records", arguments.clone()).await;
        assert_eq!((wrong.error, sent.len()), (Some(ErrorKind::Input), 0), "{arguments}: {}", wrong.text);
        assert!(wrong.text.contains(told), "{arguments}: {}", wrong.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_changed_by_ids_by_filter_or_each_in_its_own_way() {
    for profile in PROFILES {
        let crm = Crm::of_profile(profile).await;
        planned(&crm, "create_records", people(230, "clerk")).await;
        let by_ids = json!({ "object": "person", "set": { "jobTitle": "boss", "company": null },
            "ids": ["clerk0@bulk.example", "Bulk Nr1", "clerk0@bulk.example"] });
        let (answer, sent) = crm.counted("update_records", by_ids).await;
        let changed = answer.structured.unwrap_or_else(|| panic!("{}", answer.text));
        assert_eq!((&changed["changed"], sent.len()), (&json!(2), 2), "each once: {changed}");
        let own = json!({ "object": "person", "records": [
            { "id": "clerk2@bulk.example", "jobTitle": "chef" }, { "id": "clerk3@bulk.example", "jobTitle": null },
        ] });
        let (answer, sent) = crm.counted("update_records", own).await;
        assert_eq!((answer.error, sent.len()), (None, 2), "{}", answer.text);
        assert_eq!(count(&crm, json!({ "jobTitle": "clerk" })).await, 226);

        let by_filter =
            json!({ "object": "person", "filter": { "jobTitle": "clerk" }, "set": { "jobTitle": "agent" } });
        let (refused, sent) = crm.counted("update_records", by_filter.clone()).await;
        assert_eq!((refused.error, sent.len()), (Some(ErrorKind::Denied), 1), "{}", refused.text);
        let plan = crm.done("update_records", with(by_filter.clone(), json!({ "plan": true }))).await;
        assert_eq!(plan["plan"]["counts"], json!({ "update": 226 }));
        let one =
            json!({ "object": "person", "ids": ["clerk9@bulk.example"], "set": { "jobTitle": "other" } });
        crm.done("update_records", one).await;
        let token = json!({ "planToken": plan["plan"]["planToken"] });
        let stale = crm.call("update_records", with(by_filter.clone(), token)).await;
        assert_eq!(stale.error, Some(ErrorKind::Conflict), "{}", stale.text);
        let (_, done) = planned(&crm, "update_records", by_filter).await;
        assert_eq!(done["changed"], 225);
        assert_eq!(count(&crm, json!({ "jobTitle": "agent" })).await, 225);
        let back = crm.done("undo", json!({})).await;
        assert_eq!(back["reverted"], 225);
        assert_eq!(count(&crm, json!({ "jobTitle": "clerk" })).await, 225);

        let nobody =
            json!({ "object": "person", "ids": ["nobody@bulk.example"], "set": { "jobTitle": "x" } });
        let nobody = crm.call("update_records", nobody).await;
        assert_eq!(nobody.error, Some(ErrorKind::NotFound), "{}", nobody.text);
        let none = json!({ "object": "person", "filter": { "jobTitle": "qq" }, "set": { "jobTitle": "x" } });
        let none = crm.done("update_records", none).await;
        assert_eq!(none["changed"], 0, "a filter that nobody fits changes nobody");
        crm.failing.store(9, Ordering::SeqCst);
        let failed =
            json!({ "object": "person", "ids": ["clerk9@bulk.example"], "set": { "jobTitle": "y" } });
        let failed = crm.call("update_records", failed).await;
        assert_eq!(failed.error, Some(ErrorKind::Upstream), "{}", failed.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn records_with_a_known_email_are_changed_and_others_made() {
    for profile in PROFILES {
        let crm = Crm::of_profile(profile).await;
        crm.done("create_records", people(2, "clerk")).await;
        let given = json!({ "object": "person", "records": [
            { "emails": "CLERK0@bulk.example", "jobTitle": "boss" },
            { "emails": "new@bulk.example", "jobTitle": "boss", "name": "New One" },
        ] });
        let (answer, sent) = crm.counted("upsert_records", given).await;
        let done = answer.structured.unwrap_or_else(|| panic!("{}", answer.text));
        assert_eq!((&done["changed"], sent.len()), (&json!(2), 2), "{done}");
        assert_eq!(count(&crm, json!({ "jobTitle": "boss" })).await, 2);
        assert_eq!(count(&crm, json!({ "emails": "clerk0@bulk.example" })).await, 1);
        let wrong = json!({ "object": "person", "records": [{ "emails": 5 }] });
        let wrong = crm.call("upsert_records", wrong).await;
        assert_eq!(wrong.error, Some(ErrorKind::Input), "{}", wrong.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn records_that_look_alike_are_found_and_made_one() {
    for profile in PROFILES {
        let crm = Crm::of_profile(profile).await;
        let records = json!([
            { "name": "Zoltana Byron", "emails": "z@x.example", "jobTitle": "Boss" },
            { "name": "Zoltana Byron", "jobTitle": "Clerk", "leadScore": 7, "phones": "+33612345678" },
        ]);
        crm.done("create_records", json!({ "object": "person", "records": records })).await;
        let like = json!({ "object": "person", "id": "z@x.example" });
        let like = crm.done("find_duplicates", like).await;
        let other = like["records"][0]["id"].clone();
        assert_eq!(like["total"], 1, "{like}");
        let data = json!({ "object": "person", "data": { "name": "Zoltana Byron" } });
        assert_eq!(crm.done("find_duplicates", data).await["total"], 2);
        let none = json!({ "object": "person", "data": { "name": "Nobody Atall" } });
        assert_eq!(crm.done("find_duplicates", none).await["total"], 0);
        let neither = crm.call("find_duplicates", json!({ "object": "person" })).await;
        assert_eq!(neither.error, Some(ErrorKind::Input), "{}", neither.text);

        let merge = json!({ "object": "person", "ids": [other, "z@x.example"], "keep": "z@x.example" });
        if profile == "legacy" {
            let refused = crm.call("merge_records", merge).await;
            assert_eq!(refused.error, Some(ErrorKind::Input));
            assert!(refused.text.contains("cannot merge people"), "{}", refused.text);
            continue;
        }
        for (wrong, told) in [
            (json!({ "object": "person", "ids": ["z@x.example", "z@x.example"] }), "is the same record as"),
            (json!({ "object": "person", "ids": ["z@x.example", other], "keep": "q" }), "`keep`"),
            (json!({ "object": "person", "ids": ["z@x.example"] }), "at least 2"),
        ] {
            let refused = crm.call("merge_records", wrong.clone()).await;
            assert!(refused.error.is_some() && refused.text.contains(told), "{wrong}: {}", refused.text);
        }
        let plan = crm.call("merge_records", with(merge.clone(), json!({ "plan": true }))).await;
        let shown = plan.structured.unwrap();
        assert_eq!(
            (&shown["preview"]["jobTitle"], &shown["preview"]["leadScore"]),
            (&json!("Boss"), &json!(7))
        );
        assert!(
            plan.text.contains("cannot be taken back") && plan.text.contains("This would be left"),
            "{}",
            plan.text
        );
        assert_eq!(count(&crm, json!({ "name": "Zoltana Byron" })).await, 2, "nothing is changed by a plan");
        let token = json!({ "planToken": shown["plan"]["planToken"] });
        let (answer, sent) = crm.counted("merge_records", with(merge, token)).await;
        let merged = answer.structured.unwrap_or_else(|| panic!("{}", answer.text));
        assert_eq!((&merged["jobTitle"], &merged["leadScore"], sent.len()), (&json!("Boss"), &json!(7), 2));
        assert_eq!(merged["phones"], "+33612345678");
        assert_eq!(count(&crm, json!({ "name": "Zoltana Byron" })).await, 1);
        let gone = crm.call("get_record", json!({ "object": "person", "id": other })).await;
        assert_eq!(gone.error, Some(ErrorKind::NotFound), "{}", gone.text);
    }
}
