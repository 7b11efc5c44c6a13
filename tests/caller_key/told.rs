//! What is told of a caller's key: to the operator that it came in a URL, to nobody what it is.

use super::{HEADER, House, WAYS, Way};
use serde_json::{Value, json};
use std::{
    fs::{self, File},
    sync::atomic::Ordering,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_in_no_log_and_one_in_a_url_is_warned_of_once() {
    let mut house = House::prepared(
        json!({ "mode": "optional" }),
        json!({}),
        Some("CANARY-operators"),
        |command, folder| {
            command.arg("--verbose");
            command.env("RUST_LOG", "trace,hyper=trace,h2=trace,reqwest=trace,rustls=trace,rmcp=trace");
            command.stderr(File::create(folder.join("log")).unwrap());
        },
    )
    .await;
    for way in WAYS {
        for (query, headers) in [
            ("", &[(HEADER, "LEAK-header")][..]),
            ("?apiKey=LEAK-query", &[]),
            ("?apiKey=LEAK-query&baseUrl=https://LEAK.example", &[]),
            ("?apiKey=LEAK-query", &[(HEADER, "LEAK-header")]),
            ("?apiKey=LEAK%20query", &[]),
            ("", &[(HEADER, "LEAK header")]),
            ("?apiKey=LEAK-query", &[("authorization", "Bearer LEAK-token")]),
        ] {
            for (tool, arguments) in [
                ("search_contacts", json!({ "query": "a" })),
                ("run_graphql", json!({ "query": "{ nope }" })),
            ] {
                let told = house.call(way, query, headers, tool, arguments).await;
                assert!(!told.body.to_string().contains("LEAK"), "{told:?}");
            }
        }
    }
    house.upstream.failing.store(1, Ordering::SeqCst);
    house
        .call(Way::Stateless, "", &[(HEADER, "LEAK-other")], "search_contacts", json!({ "query": "a" }))
        .await;
    for method in
        [reqwest::Method::GET, reqwest::Method::PUT, reqwest::Method::DELETE, reqwest::Method::OPTIONS]
    {
        let address = format!("{}?apiKey=LEAK-query", house.server.mcp());
        reqwest::Client::new().request(method, address).header(HEADER, "LEAK-header").send().await.unwrap();
    }
    house.server.terminate();
    assert!(house.server.child.wait().unwrap().success());

    let read = |name: &str| fs::read_to_string(house.folder.path().join(name)).unwrap();
    let (log, audit) = (read("log"), read("audit"));
    assert!(!log.contains("LEAK") && !audit.contains("LEAK"), "{log}\n{audit}");
    assert!(audit.contains("\"anonymous\""), "{audit}");
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let warned: Vec<Value> = lines.filter(|line| line.to_string().contains("deprecated")).collect();
    assert_eq!(warned.len(), 1, "{warned:?}");
    assert_eq!((&warned[0]["level"], &warned[0]["header"]), (&json!("WARN"), &json!(HEADER)));
}
