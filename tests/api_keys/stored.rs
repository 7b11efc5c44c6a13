//! A key that proved good, from the moment it is stored until it is deleted.

use super::{Place, twenty::Twenty};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_tried_stored_used_for_its_user_alone_and_deleted() {
    let (operators, own) = tokio::join!(Twenty::start(), Twenty::start());
    let place = Place::start(json!({
        "keys": { "hosts": [own.host()] },
        "tools": { "twenty": { "base_url": operators.url, "api_key": "CANARY-operators" } },
    }));
    assert_eq!(place.get("ann").await.json(), json!({ "hasKey": false }));
    let stored = place.post("ann", json!({ "apiKey": "good-CANARY", "baseUrl": own.url })).await;
    assert_eq!((stored.status, stored.header("content-type")), (200, "application/json; charset=utf-8"));
    let said = stored.json();
    assert_eq!((&said["success"], &said["message"]), (&json!(true), &json!("API key stored successfully")));
    assert_eq!(said["workspace"], "Acme Inc", "{said}");
    assert_eq!(own.asked(), ["Bearer good-CANARY"]);

    let status = place.get("ann").await.json();
    assert_eq!((&status["hasKey"], &status["updatedAt"]), (&json!(true), &said["updatedAt"]));
    assert_eq!(status["baseUrl"], format!("{}/", own.url));
    assert!(status["updatedAt"].as_str().unwrap().ends_with('Z') && status.get("note").is_none());

    place.call("ann").await;
    assert_eq!(own.asked(), ["Bearer good-CANARY"], "calls go with it");
    let (text, failed) = place.call("ben").await;
    assert!(failed && text.contains("No API key configured"), "{text}");
    assert_eq!(place.get("ben").await.json(), json!({ "hasKey": false }));

    // Another one takes its place, without an address at the operator's.
    let stored = place.post("ann", json!({ "apiKey": " shy-CANARY ", "baseUrl": Value::Null })).await;
    assert_eq!((stored.status, stored.json().get("workspace")), (200, None), "{}", stored.text);
    assert_eq!(place.get("ann").await.json().get("baseUrl"), None);
    place.call("ann").await;
    assert_eq!((operators.asked(), own.asked()), (vec!["Bearer shy-CANARY".to_owned()], vec![]));

    for _ in 0..2 {
        let deleted = place.delete("ann").await;
        let said = json!({ "success": true, "message": "API key deleted successfully" });
        assert_eq!((deleted.status, deleted.json()), (200, said));
    }
    assert_eq!(place.get("ann").await.json(), json!({ "hasKey": false }));
    let (text, failed) = place.call("ann").await;
    assert!(failed && text.contains("No API key configured"), "{text}");
    assert!(operators.asked().is_empty() && own.asked().is_empty());

    let events = place.end();
    let told = |event: &Value| ["subject", "pack", "change", "outcome"].map(|name| event[name].clone());
    let told: Vec<_> = events.iter().map(told).collect();
    let expected = [("stored", "stored"), ("stored", "stored"), ("deleted", "deleted")];
    assert_eq!(
        told,
        expected.map(|(change, outcome)| ["ann", "twenty", change, outcome].map(|word| json!(word)))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_sandbox_a_key_opens_the_sandbox_whatever_its_address_and_the_answer_says_so() {
    let inside = Twenty::start().await;
    let place = Place::start(json!({}));
    for url in [json!(inside.url), json!("https://api.twenty.com"), Value::Null] {
        let stored = place.post("ann", json!({ "apiKey": "any-CANARY", "baseUrl": url })).await;
        assert_eq!((stored.status, &stored.json()["workspace"]), (200, &json!("Sandbox")), "{}", stored.text);
        assert!(stored.json()["note"].as_str().unwrap().contains("embedded workspace"), "{}", stored.text);
        let status = place.get("ann").await.json();
        assert!(status["note"].as_str().unwrap().contains("embedded workspace"), "{status}");
        let (text, failed) = place.call("ann").await;
        assert!(!failed, "{text}");
    }
    assert!(inside.asked().is_empty());
    place.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn where_keys_are_not_tried_they_are_stored_as_they_come() {
    let twenty = Twenty::start().await;
    let place = Place::start(json!({
        "keys": { "trial": false },
        "tools": { "twenty": { "base_url": twenty.url, "api_key": "CANARY-operators" } },
    }));
    let stored = place.post("ann", json!({ "apiKey": "wrong-CANARY" })).await;
    assert_eq!((stored.status, stored.json().get("workspace")), (200, None));
    assert_eq!(place.post("ann", json!({ "apiKey": "x", "baseUrl": "https://10.0.0.1" })).await.status, 400);
    assert!(twenty.asked().is_empty());
    assert_eq!(place.get("ann").await.json()["hasKey"], true);
    place.end();
}
