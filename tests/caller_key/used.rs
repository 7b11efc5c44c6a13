//! Whose key a call is made with.

use super::{HEADER, House, WAYS, Way};
use crate::support::{door::configured, running::Running};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_callers_own_key_is_what_the_workspace_gets() {
    for mode in ["off", "optional"] {
        let house = House::start(json!({ "mode": mode }), Some("CANARY-operators")).await;
        for way in WAYS {
            for (query, headers) in [
                ("", &[(HEADER, "own.key-1")][..]),
                ("?apiKey=own.key-1", &[]),
                ("?x=y&apiKey=own%2Ekey-1", &[]),
                ("?apiKey=own.key-1", &[("x-twenty-api-key", "own.key-1")]),
            ] {
                let told = house.call(way, query, headers, "search_contacts", json!({ "query": "a" })).await;
                told.done();
                assert_eq!(house.keys(), ["Bearer own.key-1"], "{mode} {way:?} {query}");
            }
            house.call(way, "", &[], "search_contacts", json!({ "query": "a" })).await.done();
            assert_eq!(house.keys(), ["Bearer CANARY-operators"], "{mode} {way:?} without a key");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_operators_key_ones_own_is_enough_and_the_error_tells_of_it() {
    for (policy, operators) in [("never", Some("CANARY-operators")), ("anonymous", None)] {
        let house = House::start(json!({ "operator_key": policy }), operators).await;
        for way in WAYS {
            let told = house.call(way, "", &[], "search_contacts", json!({ "query": "a" })).await;
            assert!(told.text().contains(HEADER), "{policy}: {told:?}");
            assert!(house.keys().is_empty());
            let headers = [(HEADER, "own")];
            house.call(way, "", &headers, "search_contacts", json!({ "query": "a" })).await.done();
            assert_eq!(house.keys(), ["Bearer own"]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signs_in_and_sends_a_key_uses_it() {
    let house =
        House::start(json!({ "mode": "optional", "operator_key": "fallback" }), Some("CANARY-operators"))
            .await;
    let bearer = format!("Bearer {}", house.token);
    for way in WAYS {
        let both = [("authorization", bearer.as_str()), (HEADER, "own")];
        house.call(way, "", &both, "search_contacts", json!({ "query": "a" })).await.done();
        assert_eq!(house.keys(), ["Bearer own"], "{way:?}");
        house.call(way, "", &both[..1], "search_contacts", json!({ "query": "a" })).await.done();
        assert_eq!(house.keys(), ["Bearer CANARY-operators"], "{way:?}");
        let forged = [("authorization", "Bearer forged"), (HEADER, "own")];
        let told = house.call(way, "?apiKey=own", &forged, "search_contacts", json!({ "query": "a" })).await;
        assert_eq!(told.status, 401, "a key signs nobody in");
        assert!(house.keys().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_key_opens_the_embedded_workspace() {
    let yaml = "auth: { operator_key: never }\ntools: { twenty: { base_url: sandbox } }\n";
    let (server, folder) = configured(yaml);
    let upstream = crate::support::upstream::Upstream::start(json!({ "people": 1 })).await;
    let house = House { server, upstream, folder, token: String::new() };
    for way in WAYS {
        let arguments = json!({ "query": "a" });
        let told = house.call(way, "", &[], "search_contacts", arguments.clone()).await;
        assert!(told.text().contains(HEADER), "{told:?}");
        house.call(way, "", &[(HEADER, "any")], "search_contacts", arguments).await.done();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_an_allowed_origin_may_send_the_header() {
    let house = House::start(json!({}), None).await;
    for (origin, status) in [("https://app.example", 204), ("https://evil.example", 403)] {
        let asked = reqwest::Client::new()
            .request(reqwest::Method::OPTIONS, house.server.mcp())
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type, x-twenty-api-key");
        let answer = asked.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status);
        let allowed = answer.headers().get("access-control-allow-headers").map(|v| v.to_str().unwrap());
        assert_eq!(allowed.is_some_and(|allowed| allowed.contains(HEADER)), status == 204, "{origin}");
    }
    let told = house
        .call(
            Way::Stateless,
            "",
            &[("origin", "https://app.example"), (HEADER, "own")],
            "hello",
            json!({ "name": "Ann" }),
        )
        .await;
    told.done();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_typescript_clients_send_a_key_by_header_and_by_url() {
    let Some(_) = crate::clients::installed("TWENTY_MCP_TEST_NODE_MODULES") else { return };
    let house = House::start(json!({ "operator_key": "never" }), Some("CANARY-operators")).await;
    let Running { url, .. } = &house.server;
    for (target, header) in [(format!("{url}/mcp?apiKey=own"), ""), (format!("{url}/mcp"), "own")] {
        for client in ["1", "2"] {
            let Some((mut command, _folder)) = crate::clients::script("own_key.mjs") else { return };
            command.args([client, &target, header]);
            crate::clients::passes(command);
            assert_eq!(house.keys(), ["Bearer own"], "{target}");
        }
    }
}
