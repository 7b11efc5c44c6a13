//! No key, and nothing that came of one, crosses over to another.

use super::{HEADER, House, WAYS};
use crate::support::upstream::Word;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_its_keys_alone() {
    let house = House::start(json!({}), Some("CANARY-operators")).await;
    for (opened, others) in [
        (&[(HEADER, "one")][..], [&[(HEADER, "two")][..], &[]]),
        (&[], [&[(HEADER, "one")], &[(HEADER, "CANARY-operators")]]),
    ] {
        let session = house.open("", opened).await.session.unwrap();
        for other in others {
            let told = house.in_session(&session, "", other, "ping", json!({})).await;
            assert_eq!((told.status, &told.body["error"]["code"]), (404, &json!(-32001)), "{told:?}");
            for method in [reqwest::Method::GET, reqwest::Method::DELETE] {
                let mut request = reqwest::Client::new()
                    .request(method, house.server.mcp())
                    .header("accept", "text/event-stream")
                    .header("mcp-session-id", &session)
                    .header("mcp-protocol-version", "2025-11-25");
                for (name, value) in other {
                    request = request.header(*name, *value);
                }
                assert_eq!(request.send().await.unwrap().status().as_u16(), 404);
            }
        }
        assert_eq!(house.in_session(&session, "", opened, "ping", json!({})).await.status, 200);
    }
    let session = house.open("?apiKey=one", &[]).await.session.unwrap();
    let same = house.in_session(&session, "", &[(HEADER, "one")], "ping", json!({})).await;
    assert_eq!(same.status, 200, "the same key, by the other way");
    assert_eq!(house.in_session(&session, "?apiKey=two", &[], "ping", json!({})).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_and_undo_are_of_one_key() {
    let house = House::start(json!({}), Some("CANARY-operators")).await;
    for way in WAYS {
        let one = [(HEADER, "one")];
        let others = [&[(HEADER, "two")][..], &[]];
        let contact = json!({ "firstName": "Kay", "lastName": format!("{way:?}"), "plan": true });
        let planned = house.call(way, "", &one, "create_contact", contact.clone()).await;
        let token =
            planned.done()["plan"]["planToken"].as_str().unwrap_or_else(|| panic!("{planned:?}")).to_owned();
        let apply = json!({ "firstName": "Kay", "lastName": format!("{way:?}"), "planToken": token });
        for other in others {
            let told = house.call(way, "", other, "create_contact", apply.clone()).await;
            assert_eq!(told.body["result"]["isError"], true, "{told:?}");
        }
        house.call(way, "", &one, "create_contact", apply).await.done();
        let listed = |told: &super::Told| told.done()["changes"].as_array().map_or(0, Vec::len);
        for other in others {
            let told = house.call(way, "", other, "undo", json!({ "list": true })).await;
            assert_eq!(listed(&told), 0, "{told:?}");
            let told = house.call(way, "", other, "undo", json!({})).await;
            assert!(told.text().contains("no change of yours"), "{told:?}");
        }
        assert!(listed(&house.call(way, "", &one, "undo", json!({ "list": true })).await) > 0);
        house.call(way, "", &one, "undo", json!({})).await.done();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_a_question_counts_for_the_key_that_was_asked() {
    let twenty = json!({ "tools": { "create_contact": { "approve": "ask" } } });
    let house = House::prepared(json!({}), twenty, Some("CANARY-operators"), |_, _| {}).await;
    let contact = json!({ "firstName": "Kay", "lastName": "Asked" });
    let asked = |params: Value, key: &'static str| {
        let house = &house;
        async move { house.stateless("", &[(HEADER, key)], "create_contact", params).await }
    };
    let first = asked(json!({ "name": "create_contact", "arguments": contact }), "one").await;
    let result = &first.body["result"];
    assert_eq!(result["resultType"], "input_required", "{first:?}");
    let name = result["inputRequests"].as_object().unwrap().keys().next().unwrap();
    let fields = &result["inputRequests"][name]["params"]["requestedSchema"]["properties"];
    let field = fields.as_object().unwrap().keys().next().unwrap();
    let again = json!({
        "name": "create_contact", "arguments": contact, "requestState": result["requestState"],
        "inputResponses": { name: { "action": "accept", "content": { field: true } } },
    });
    let told = asked(again.clone(), "two").await;
    assert_eq!((told.status, &told.body["error"]["code"]), (400, &json!(-32602)), "{told:?}");
    asked(again, "one").await.done();
}

#[tokio::test(flavor = "multi_thread")]
async fn many_keys_at_once_each_get_their_own() {
    let house = House::start(json!({}), Some("CANARY-operators")).await;
    let calls = (0..40).map(|n| {
        let house = &house;
        async move {
            let (key, way) = (format!("key-{n}"), WAYS[n % 2]);
            let query = if n % 3 == 0 { format!("?apiKey={key}") } else { String::new() };
            let headers = [(HEADER, key.as_str())];
            let headers = if n % 3 == 0 { &headers[..0] } else { &headers[..] };
            house.call(way, &query, headers, "search_contacts", json!({ "query": "a" })).await.done();
        }
    });
    futures_util::future::join_all(calls).await;
    let mut keys: Vec<_> = house.upstream.keys.lock().unwrap().iter().flatten().cloned().collect();
    keys.sort();
    let each = keys.len() / 40;
    keys.dedup();
    assert_eq!((keys.len(), keys.contains(&"Bearer CANARY-operators".to_owned())), (40, false));
    assert_eq!(house.upstream.requests(), each * 40, "no answer was shared between keys");
}

#[tokio::test(flavor = "multi_thread")]
async fn typed_tools_are_of_the_workspace_of_ones_own_key() {
    let typed = json!({ "objects": ["subscription"] });
    let house = House::prepared(json!({}), typed, Some("CANARY-operators"), |_, _| {}).await;
    let words = [Word::new("seats", "places").of("one"), Word::new("seats", "chairs").of("two")];
    house.upstream.words.lock().unwrap().extend(words);
    let whose = [(&[(HEADER, "one")][..], "places"), (&[(HEADER, "two")], "chairs"), (&[], "seats")];
    // The second time every list is one that was kept.
    for (headers, name) in whose.into_iter().chain(whose) {
        let session = house.open("", headers).await.session.unwrap();
        let in_session = house.in_session(&session, "", headers, "tools/list", json!({})).await;
        let alone = house.listed(headers).await;
        assert_eq!(alone.body["result"]["cacheScope"], "private");
        for told in [in_session, alone] {
            let tools = told.body["result"]["tools"].as_array().unwrap_or_else(|| panic!("{told:?}"));
            let create = tools.iter().find(|tool| tool["name"] == "create_subscription").unwrap();
            let fields = &create["inputSchema"]["properties"];
            for (_, other) in whose {
                assert_eq!(fields.get(other).is_some(), other == name, "{name}: {fields}");
            }
        }
        for way in WAYS {
            let told = house.call(way, "", headers, "create_subscription", json!({ (name): 3 })).await;
            assert_eq!(told.done()[name], 3, "{told:?}");
        }
    }
    let told =
        house.call(super::Way::Stateless, "", whose[0].0, "create_subscription", json!({ "seats": 3 })).await;
    assert!(told.text().contains("`seats` is no argument here"), "{told:?}");
}
