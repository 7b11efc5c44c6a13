//! Tasks, notes, comments, and what happened around a record.

use crate::support::crm::{Crm, PROFILES};
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::atomic::Ordering, time::Duration};
use twenty_mcp::seam::ErrorKind;

const NOBODY: &str = "20202020-0000-4000-8000-00000000dead";

/// How many requests a call makes once the schema is known.
async fn requests(crm: &Crm, tool: &str, arguments: Value) -> (Value, usize) {
    crm.done("list_all_objects", json!({})).await;
    let (answer, sent) = crm.counted(tool, arguments).await;
    assert_eq!(answer.error, None, "{tool}: {}", answer.text);
    (answer.structured.unwrap(), sent.len())
}

fn list(page: &Value) -> &Vec<Value> {
    page["activities"].as_array().unwrap()
}

fn ids(page: &Value) -> Vec<&str> {
    list(page).iter().map(|one| one["id"].as_str().unwrap()).collect()
}

fn newest_first(page: &Value) -> bool {
    let dates: Vec<&str> = list(page).iter().map(|one| one["date"].as_str().unwrap()).collect();
    dates.is_sorted_by(|a, b| a >= b)
}

/// The members of the workspace as tasks name them: id, name.
async fn members(crm: &Crm) -> Vec<(String, String)> {
    let tasks = crm.done("get_tasks", json!({ "limit": 200 })).await;
    let found = tasks["tasks"].as_array().unwrap().iter().filter_map(|task| {
        let member = task["assignee"].as_object()?;
        Some((member["id"].as_str()?.to_owned(), member["name"].as_str()?.to_owned()))
    });
    found.collect::<BTreeSet<_>>().into_iter().collect()
}

async fn person(crm: &Crm, first: &str, email: &str) -> String {
    let given = json!({ "firstName": first, "lastName": "Target", "email": email });
    crm.done("create_contact", given).await["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_made_with_all_that_was_said() {
    for profile in PROFILES {
        let crm = Crm::of_profile(profile).await;
        let (member, name) = members(&crm).await.remove(0);
        let given = json!({
            "title": "Call back", "body": "**Soon**", "dueAt": "2031-05-06", "status": "in_progress", "assigneeId": name,
        });
        let (task, sent) = requests(&crm, "create_task", given).await;
        assert_eq!(sent, 2, "one to find the assignee, one to write");
        assert_eq!((&task["title"], &task["body"]), (&json!("Call back"), &json!("**Soon**")));
        assert_eq!((&task["status"], &task["assignee"]["id"]), (&json!("IN_PROGRESS"), &json!(member)));
        assert!(task["dueAt"].as_str().unwrap().starts_with("2031-05-06T00:00:00"), "{task}");
        let (plain, sent) =
            requests(&crm, "create_task", json!({ "title": "Plain", "assigneeId": member })).await;
        assert_eq!((sent, &plain["status"]), (1, &json!("TODO")));
        for (given, said) in [
            (json!({ "title": "x", "status": "WAITING" }), "IN_PROGRESS"),
            (json!({ "title": "x", "dueAt": "tomorrow" }), "2026-01-31"),
            (json!({ "title": "x", "targetObjectType": "person" }), "targetObjectId"),
            (
                json!({ "title": "x", "targetObjectType": "dashboard", "targetObjectId": NOBODY }),
                "opportunity",
            ),
        ] {
            let wrong = crm.call("create_task", given).await;
            assert_eq!(wrong.error, Some(ErrorKind::Input), "{}", wrong.text);
            assert!(wrong.text.contains(said), "{}", wrong.text);
        }
        let nobody = crm.call("create_task", json!({ "title": "x", "assigneeId": "No Such Member" })).await;
        assert_eq!(nobody.error, Some(ErrorKind::NotFound), "{}", nobody.text);

        let (page, sent) = requests(&crm, "get_tasks", json!({ "limit": 2, "offset": 1 })).await;
        assert_eq!(sent, 1);
        assert_eq!(page["tasks"][0]["id"], task["id"], "newest first, one passed over");
        assert_eq!(page["nextOffset"], 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_and_its_target_are_made_together_and_taken_back_together() {
    for profile in PROFILES {
        let crm = Crm::of_profile(profile).await;
        let ada = person(&crm, "Ada", "ada@example.org").await;
        let given = json!({ "body": "# Hello", "targetObjectType": "person", "targetObjectId": ada });
        let (note, sent) = requests(&crm, "create_note", given).await;
        assert_eq!(sent, 1, "{profile}");
        assert_eq!((&note["body"], &note["target"]["id"]), (&json!("# Hello"), &json!(ada)));
        assert_eq!(note["target"]["name"], "Ada Target");

        let by_email =
            json!({ "body": "Hi", "targetObjectType": "person", "targetObjectId": "Ada@example.org" });
        let (comment, sent) = requests(&crm, "create_comment", by_email).await;
        assert_eq!(sent, if profile == "current" { 1 } else { 2 }, "today's servers find it themselves");
        let around = json!({ "entityType": "person", "entityId": ada });
        let seen = crm.done("get_entity_activities", around.clone()).await;
        assert_eq!(ids(&seen)[..2], [comment["id"].as_str().unwrap(), note["id"].as_str().unwrap()]);
        assert_eq!(
            (&seen["activities"][0]["comment"], &seen["activities"][0]["text"]),
            (&json!(true), &json!("Hi"))
        );
        let without = json!({ "entityType": "person", "entityId": ada, "includeComments": false });
        let without = crm.done("get_entity_activities", without).await;
        assert_eq!(ids(&without)[0], note["id"]);
        assert_eq!(without["total"].as_u64().unwrap() + 1, seen["total"].as_u64().unwrap());

        crm.done("undo", json!({})).await;
        let seen = crm.done("get_entity_activities", around.clone()).await;
        assert_eq!(ids(&seen)[0], note["id"], "the comment is gone, the note stays");
        let id = note["id"].as_str().unwrap();
        crm.ask(&format!("mutation {{ deleteNote(id: \"{id}\") {{ id }} }}"), json!({})).await;
        let left = crm.done("get_entity_activities", around).await;
        assert_eq!(
            left["total"].as_u64().unwrap() + 1,
            seen["total"].as_u64().unwrap(),
            "its target is still there"
        );
        assert_eq!(list(&left).len() + 1, list(&seen).len());

        let planned =
            json!({ "body": "x", "targetObjectType": "person", "targetObjectId": ada, "plan": true });
        let plan = crm.done("create_comment", planned).await;
        assert_eq!(plan["plan"]["counts"], json!({ "create": 2 }));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_finds_its_record_by_id_or_link_and_says_what_it_lacks() {
    for profile in PROFILES {
        let crm = Crm::of_profile(profile).await;
        let ada = person(&crm, "Ada", "ada@example.org").await;
        let (made, sent) =
            requests(&crm, "create_comment", json!({ "body": "a", "activityTargetId": ada })).await;
        assert_eq!((sent, &made["target"]["type"]), (2, &json!("person")));
        let link = format!("https://app.twenty.com/object/person/{ada}");
        let (made, sent) =
            requests(&crm, "create_comment", json!({ "body": "b", "targetObjectId": link })).await;
        assert_eq!((sent, &made["target"]["id"]), (1, &json!(ada)));
        for (given, kind, said) in [
            (json!({ "body": "x" }), ErrorKind::Input, "targetObjectType"),
            (json!({ "body": "x", "targetObjectId": "Ada Target" }), ErrorKind::Input, "targetObjectType"),
            (
                json!({ "body": "x", "targetObjectId": ada, "activityTargetId": NOBODY }),
                ErrorKind::Input,
                "one of them",
            ),
            (json!({ "body": "x", "activityTargetId": NOBODY }), ErrorKind::NotFound, NOBODY),
            (
                json!({ "body": "x", "authorId": NOBODY, "targetObjectType": "person", "targetObjectId": ada }),
                ErrorKind::Input,
                "authorId",
            ),
            (
                json!({ "body": "x", "targetObjectType": "company", "targetObjectId": "No Such Company" }),
                ErrorKind::NotFound,
                "company",
            ),
        ] {
            let wrong = crm.call("create_comment", given).await;
            assert_eq!(wrong.error, Some(kind), "{}", wrong.text);
            assert!(wrong.text.contains(said), "{}", wrong.text);
        }
        let gone = json!({ "body": "x", "targetObjectType": "person", "targetObjectId": NOBODY });
        let gone = crm.call("create_comment", gone).await;
        assert!(gone.text.contains("does not exist") && gone.text.contains("`undo`"), "{}", gone.text);
        crm.done("undo", json!({})).await;
        let refused = crm.call("create_note", json!({ "body": "x", "authorId": NOBODY })).await;
        assert_eq!(refused.error, Some(ErrorKind::Input), "{}", refused.text);
        assert_eq!(crm.done("create_note", json!({ "body": "alone" })).await["body"], "alone");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_and_notes_are_one_list_whose_pages_fit_together() {
    for profile in PROFILES {
        let crm = Crm::start(json!({ "profile": profile, "people": 900 }), Duration::from_secs(30)).await;
        let (all, sent) = requests(&crm, "get_activities", json!({ "limit": 5000 })).await;
        assert_eq!(sent, 2, "270 of each: two pages, both lists in one document");
        assert_eq!((list(&all).len(), all["total"].as_u64()), (540, Some(540)));
        assert!(newest_first(&all));
        assert_eq!(ids(&all).into_iter().collect::<BTreeSet<_>>().len(), 540);
        let mut pages: Vec<Value> = Vec::new();
        let mut next = Some(json!(0));
        while let Some(offset) = next {
            let page = crm.done("get_activities", json!({ "limit": 100, "offset": offset })).await;
            pages.extend(list(&page).clone());
            next = page.get("nextOffset").cloned();
        }
        assert_eq!(&pages, list(&all));
        let (first, sent) = requests(&crm, "get_activities", json!({})).await;
        assert_eq!((sent, list(&first).len()), (1, 20));
        let (notes, sent) =
            requests(&crm, "get_activities", json!({ "type": ["note"], "offset": 265 })).await;
        assert_eq!((list(&notes).len(), notes["total"].as_u64()), (5, Some(270)));
        assert_eq!(sent, if profile == "current" { 1 } else { 2 }, "older servers cannot pass over");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_hold_for_all_rows() {
    for profile in PROFILES {
        let crm = Crm::start(json!({ "profile": profile, "people": 900 }), Duration::from_secs(30)).await;
        let all = crm.done("get_activities", json!({ "limit": 5000 })).await;
        let all = list(&all);
        let count = |keep: &dyn Fn(&Value) -> bool| all.iter().filter(|one| keep(one)).count() as u64;
        let day = all[300]["date"].as_str().unwrap()[..10].to_owned();
        let within = |one: &Value| one["date"].as_str().unwrap()[..10] == *day;
        let found = crm.done("get_activities", json!({ "dateFrom": day, "dateTo": day })).await;
        assert_eq!(found["total"].as_u64(), Some(count(&within)), "both days are part of it");
        let moment = all[300]["date"].clone();
        let exact = crm.done("get_activities", json!({ "dateFrom": moment, "dateTo": moment })).await;
        assert!(ids(&exact).contains(&all[300]["id"].as_str().unwrap()));

        let (member, name) = members(&crm).await.remove(0);
        let theirs = |one: &Value| {
            let who = if one["type"] == "task" { &one["assignee"] } else { &one["author"] };
            who["id"] == *member
        };
        let (by_id, sent) =
            requests(&crm, "get_activities", json!({ "authorId": member, "limit": 5000 })).await;
        assert_eq!((by_id["total"].as_u64(), sent), (Some(count(&theirs)), 1));
        assert!(list(&by_id).iter().all(theirs) && !list(&by_id).is_empty());
        let by_name = crm.done("filter_activities", json!({ "authorId": name, "limit": 5000 })).await;
        assert_eq!(by_name["activities"], by_id["activities"]);

        let done = |one: &Value| one["status"] == "DONE" || one["status"] == "IN_PROGRESS";
        let given = json!({ "status": ["done", "In progress"], "limit": 5000 });
        let found = crm.done("filter_activities", given).await;
        assert_eq!(found["total"].as_u64(), Some(count(&done)));
        assert!(list(&found).iter().all(done));
        let none = crm.done("filter_activities", json!({ "dateTo": "1999-12-31" })).await;
        assert_eq!((none["total"].as_u64(), list(&none).len()), (Some(0), 0));
        for (given, said) in [
            (json!({ "status": ["LATE"] }), "IN_PROGRESS"),
            (json!({ "status": ["DONE"], "type": ["note"] }), "only tasks"),
            (json!({ "dateFrom": "soon", "status": ["LATE"] }), "2 things are wrong"),
            (json!({ "dateFrom": "2026-02-01", "dateTo": "2026-01-31" }), "dateTo"),
            (json!({ "type": ["email"] }), "type"),
            (json!({ "limit": 0 }), "limit"),
        ] {
            let wrong = crm.call("filter_activities", given).await;
            assert_eq!(wrong.error, Some(ErrorKind::Input), "{}", wrong.text);
            assert!(wrong.text.contains(said), "{}", wrong.text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_around_a_record_is_told_in_one_request() {
    for profile in PROFILES {
        let crm = Crm::of_profile(profile).await;
        let found = crm.done("search_contacts", json!({ "query": "", "limit": 60 })).await;
        let (mut kinds, mut richest) = (BTreeSet::new(), (0, Value::Null));
        for contact in found["contacts"].as_array().unwrap() {
            let given = json!({ "entityType": "person", "entityId": contact["id"], "limit": 100 });
            let (by_id, sent) = requests(&crm, "get_entity_activities", given).await;
            assert_eq!(sent, 1);
            assert_eq!(by_id["total"].as_u64().unwrap() as usize, list(&by_id).len());
            assert!(newest_first(&by_id));
            assert!(
                list(&by_id).iter().all(|one| one["title"].is_string() && one["url"].is_string()),
                "{by_id}"
            );
            kinds.extend(list(&by_id).iter().map(|one| one["type"].as_str().unwrap().to_owned()));
            if list(&by_id).len() > richest.0 {
                richest = (list(&by_id).len(), json!({ "contact": contact, "all": by_id }));
            }
        }
        assert_eq!(kinds.len(), 3, "{kinds:?}");
        let (contact, all) = (&richest.1["contact"], &richest.1["all"]);
        for given in [&contact["email"], &contact["url"]] {
            let given = json!({ "entityType": "person", "entityId": given, "limit": 100 });
            let (same, sent) = requests(&crm, "get_entity_activities", given).await;
            assert_eq!((sent, &same), (1, all));
        }
        let page = json!({ "entityType": "person", "entityId": contact["id"], "limit": 2, "offset": 1 });
        let page = crm.done("get_entity_activities", page).await;
        assert_eq!(list(&page)[..], list(all)[1..3]);
        for (given, kind) in [
            (json!({ "entityType": "person", "entityId": NOBODY }), ErrorKind::NotFound),
            (json!({ "entityType": "person", "entityId": "nobody@example.org" }), ErrorKind::NotFound),
            (json!({ "entityType": "persn", "entityId": NOBODY }), ErrorKind::Input),
            (json!({ "entityType": "workspaceMember", "entityId": NOBODY }), ErrorKind::Input),
            (json!({ "entityType": "company", "entityId": contact["url"] }), ErrorKind::Input),
        ] {
            let wrong = crm.call("get_entity_activities", given).await;
            assert_eq!(wrong.error, Some(kind), "{}", wrong.text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_with_many_notes_is_read_to_the_end() {
    for profile in PROFILES {
        let crm = Crm::of_profile(profile).await;
        let ada = person(&crm, "Ada", "ada@example.org").await;
        for nth in 0..210 {
            let tool = if nth % 3 == 0 { "create_comment" } else { "create_note" };
            let given =
                json!({ "body": format!("{nth}"), "targetObjectType": "person", "targetObjectId": ada });
            crm.done(tool, given).await;
        }
        let given = json!({ "entityType": "person", "entityId": ada, "limit": 30, "offset": 190 });
        let (page, sent) = requests(&crm, "get_entity_activities", given).await;
        assert_eq!((sent, page["total"].as_u64()), (2, Some(210)));
        assert_eq!((list(&page)[0]["text"].as_str(), list(&page).len()), (Some("19"), 20));
        let given =
            json!({ "entityType": "person", "entityId": "ada@example.org", "includeComments": false });
        let (page, sent) = requests(&crm, "get_entity_activities", given).await;
        assert_eq!((sent, page["total"].as_u64(), list(&page).len()), (3, Some(140), 20));
        assert_eq!(page["nextOffset"], 20);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_that_does_not_answer_is_told_of() {
    let crm = Crm::of_profile("current").await;
    crm.done("list_all_objects", json!({})).await;
    crm.failing.store(1, Ordering::SeqCst);
    let failed = crm.call("create_note", json!({ "body": "x" })).await;
    assert_eq!(failed.error, Some(ErrorKind::Upstream), "{}", failed.text);
    crm.failing.store(20, Ordering::SeqCst);
    let failed = crm.call("get_activities", json!({})).await;
    assert_eq!(failed.error, Some(ErrorKind::Upstream), "{}", failed.text);
}
