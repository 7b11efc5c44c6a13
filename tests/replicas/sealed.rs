//! What one replica gives out to be taken back, another one takes; and what it does not know of another's calls.

use super::{House, asked, called};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_stand_alone_are_answered_by_every_replica() {
    let Some(house) = House::start(0).await else { return };
    for _ in 0..20 {
        let hello = called(&house.url, "hello", json!({ "name": "Ann" })).await;
        assert_eq!(hello["structuredContent"]["result"], "Hello, Ann!");
    }
    let counts = || house.replicas.each_ref().map(|replica| replica.outcomes("hello").len());
    super::until("every call is in an audit", async || counts().iter().sum::<usize>() == 20).await;
    assert!(counts().iter().all(|count| *count > 4), "{:?}", counts());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_of_one_is_answered_at_the_other() {
    let Some(house) = House::start(0).await else { return };
    let [a, b] = house.replicas.each_ref().map(|replica| replica.url.as_str());
    let mut ids = Vec::new();
    for url in [a, b] {
        let made = called(url, "create_company", json!({ "name": "Twin Replicas" })).await;
        ids.push(made["structuredContent"]["id"].clone());
    }
    for (one, other) in [(a, b), (b, a)] {
        let mut get = json!({ "name": "get_company", "arguments": { "id": "Twin Replicas" } });
        let first = asked(one, "tools/call", get.clone()).await;
        assert_eq!(first["resultType"], "input_required", "{first}");
        let answer = json!({ "action": "accept", "content": { "which": ids[1] } });
        get["inputResponses"] = json!({ "twenty-mcp/choose.1": answer });
        get["requestState"] = first["requestState"].clone();
        let found = asked(other, "tools/call", get).await;
        assert_eq!(found["structuredContent"]["id"], ids[1], "{found}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_and_a_cursor_of_one_hold_at_the_other() {
    let Some(house) = House::start(0).await else { return };
    let [a, b] = house.replicas.each_ref().map(|replica| replica.url.as_str());
    let made = called(a, "create_company", json!({ "name": "Planned" })).await;
    let mut change = json!({ "id": made["structuredContent"]["id"], "address": "1 Road", "plan": true });
    let planned = called(a, "update_company", change.clone()).await;
    change.as_object_mut().unwrap().remove("plan");
    change["planToken"] = planned["structuredContent"]["plan"]["planToken"].clone();
    let done = called(b, "update_company", change.clone()).await;
    assert_eq!(done["isError"], false, "{done}");
    // The first replica does not know that the other one has carried it out, and sees that the record is another.
    let again = called(a, "update_company", change).await;
    assert_eq!(again["_meta"]["twenty-mcp/error"], "conflict", "{again}");

    let mut seen = Vec::new();
    let mut find = json!({ "object": "person", "limit": 10 });
    for url in [a, b, a] {
        let page = called(url, "find_records", find.clone()).await;
        let page = &page["structuredContent"];
        seen.extend(page["records"].as_array().unwrap().iter().map(|record| record["id"].to_string()));
        find["cursor"] = page["nextCursor"].clone();
    }
    let all = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!((all, seen.len()), (30, 30));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_takes_back_what_went_through_it() {
    let Some(house) = House::start(0).await else { return };
    let [a, b] = house.replicas.each_ref().map(|replica| replica.url.as_str());
    called(a, "create_company", json!({ "name": "Through One" })).await;
    let changes = async |url| {
        let told = called(url, "undo", json!({ "list": true })).await;
        told["structuredContent"]["changes"].as_array().map_or(0, Vec::len)
    };
    assert_eq!((changes(a).await, changes(b).await), (1, 0));
    assert_eq!(called(a, "undo", json!({})).await["structuredContent"]["reverted"], 1);
}
