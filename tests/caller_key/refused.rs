//! Keys that come where none may come, or not as they should.

use super::{HEADER, House, Told, WAYS, told};
use crate::support::upstream::Upstream;
use serde_json::json;

/// Checks a refusal: in the form of the door, with a trace to quote, without the key, and with no request upstream.
fn refused(house: &House, told: &Told, words: &str) {
    assert_eq!((told.status, &told.body["error"]["code"]), (400, &json!(-32600)), "{told:?}");
    let message = told.body["error"]["message"].as_str().unwrap();
    assert!(message.contains(words), "{message}");
    assert!(message.contains(told.body["error"]["data"]["trace_id"].as_str().unwrap()), "{message}");
    assert!(!told.body.to_string().contains("LEAK"), "{told:?}");
    assert!(house.keys().is_empty(), "nothing is asked with another key instead");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_comes_once_and_is_one() {
    let house = House::start(json!({}), Some("CANARY-operators")).await;
    let long = format!("LEAK{}", "x".repeat(4093));
    let in_query = format!("?apiKey={long}");
    for way in WAYS {
        for (query, headers, words) in [
            ("", &[(HEADER, "LEAK-1"), (HEADER, "LEAK-2")][..], "more than once"),
            ("", &[(HEADER, "LEAK-1"), (HEADER, "LEAK-1")], "more than once"),
            ("?apiKey=LEAK-1&apiKey=LEAK-1", &[], "more than once"),
            ("?apiKey=LEAK-1&api%4Bey=LEAK-2", &[], "more than once"),
            ("?apiKey=LEAK-1", &[(HEADER, "LEAK-2")], "different keys"),
            ("", &[(HEADER, "")], "is no API key"),
            ("", &[(HEADER, "Bearer LEAK-1")], "is no API key"),
            ("", &[(HEADER, "LEAK-1, LEAK-2")], "is no API key"),
            ("", &[(HEADER, "LEAKé")], "is no API key"),
            ("", &[(HEADER, long.as_str())], "is no API key"),
            ("?apiKey=", &[], "is no API key"),
            ("?apiKey", &[], "is no API key"),
            ("?apiKey=LEAK%0D%0Ax:y", &[], "is no API key"),
            ("?apiKey=LEAK%FF", &[], "is no API key"),
            (in_query.as_str(), &[], "is no API key"),
        ] {
            let told = house.call(way, query, headers, "search_contacts", json!({ "query": "a" })).await;
            refused(&house, &told, words);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_from_the_query_gets_no_key() {
    let (house, evil) = (
        House::start(json!({}), Some("CANARY-operators")).await,
        Upstream::start(json!({ "people": 1 })).await,
    );
    for way in WAYS {
        for (key, headers) in [("&apiKey=LEAK", &[][..]), ("", &[(HEADER, "LEAK")]), ("", &[])] {
            let query = format!("?baseUrl={}{key}", evil.url);
            let told = house.call(way, &query, headers, "search_contacts", json!({ "query": "a" })).await;
            refused(&house, &told, "`baseUrl` is not taken");
        }
    }
    assert_eq!(evil.requests(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_query_can_be_closed_to_keys() {
    let house = House::start(json!({ "query_api_key": false }), Some("CANARY-operators")).await;
    for way in WAYS {
        let told = house.call(way, "?apiKey=LEAK", &[], "search_contacts", json!({ "query": "a" })).await;
        refused(&house, &told, HEADER);
        let headers = [(HEADER, "own")];
        house.call(way, "", &headers, "search_contacts", json!({ "query": "a" })).await.done();
        assert_eq!(house.keys(), ["Bearer own"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_callers_must_sign_in_no_key_is_taken() {
    let auth = json!({ "mode": "required", "operator_key": "fallback" });
    let house = House::start(auth, Some("CANARY-operators")).await;
    let bearer = format!("Bearer {}", house.token);
    for way in WAYS {
        for (query, headers) in [("?apiKey=LEAK", &[][..]), ("", &[(HEADER, "LEAK")])] {
            let told = house.call(way, query, headers, "search_contacts", json!({ "query": "a" })).await;
            assert_eq!(told.status, 401, "{told:?}");
            let signed_in = [headers, &[("authorization", bearer.as_str())]].concat();
            let told = house.call(way, query, &signed_in, "search_contacts", json!({ "query": "a" })).await;
            refused(&house, &told, "callers sign in here");
        }
        let headers = [("authorization", bearer.as_str())];
        house.call(way, "", &headers, "search_contacts", json!({ "query": "a" })).await.done();
        assert_eq!(house.keys(), ["Bearer CANARY-operators"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_opens_the_address_in_a_browser_is_told_what_it_is_for() {
    for (mode, open, words) in [("off", 405, HEADER), ("optional", 405, HEADER), ("required", 401, "sign in")]
    {
        let house = House::start(json!({ "mode": mode }), Some("CANARY-operators")).await;
        let address = format!("{}?apiKey=LEAK", house.server.mcp());
        let opened = told(reqwest::Client::new().get(&address).header("accept", "text/html")).await;
        assert_eq!(opened.status, open, "{mode}: {opened:?}");
        let bearer = format!("Bearer {}", house.token);
        let opened = told(reqwest::Client::new().get(&address).header("authorization", bearer)).await;
        assert_eq!((opened.status, opened.allow.as_deref()), (405, Some("POST, GET, DELETE")), "{mode}");
        let message = opened.body["error"]["message"].as_str().unwrap();
        assert!(message.contains("for MCP clients, which POST") && message.contains(words), "{message}");
        assert!(!opened.body.to_string().contains("LEAK"));
        // Without a key in it, it is a client that has lost its session.
        assert_eq!(
            told(reqwest::Client::new().get(house.server.mcp())).await.status,
            if open == 401 { 401 } else { 400 }
        );
    }
}
