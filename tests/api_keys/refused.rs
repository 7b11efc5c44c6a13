//! What `/api/keys` answers instead, each status with its body and header.

use super::{Place, twenty::Twenty};
use crate::support::running::Running;
use http::Method;
use serde_json::{Value, json};

const JSON: Option<&str> = Some("application/json");

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_signed_in_is_told_that_before_anything_else() {
    let large = "x".repeat(100_000);
    for mode in ["required", "optional"] {
        let place = Place::start(json!({ "auth": { "mode": mode } }));
        for (method, kind, body) in [
            (Method::GET, None, ""),
            (Method::POST, JSON, "{}"),
            (Method::POST, Some("text/plain"), large.as_str()),
            (Method::DELETE, None, ""),
            (Method::PUT, None, ""),
        ] {
            let answer = place.send(None, method, kind, body).await;
            assert_eq!(
                (answer.status, &answer.json()["error"]),
                (401, &json!("unauthorized")),
                "{}",
                answer.text
            );
            assert!(answer.json()["error_description"].is_string());
            let challenge = answer.header("www-authenticate");
            assert!(
                challenge.starts_with("Bearer ") && challenge.contains("resource_metadata="),
                "{challenge}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_sign_in_off_there_is_nothing() {
    let server = Running::start(&["--sandbox"]);
    for method in [Method::GET, Method::POST, Method::DELETE] {
        let request = reqwest::Client::new().request(method, format!("{}/api/keys", server.url));
        let answer = request.send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.text().await.unwrap().as_str()), (404, "Not Found"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_are_none_are_told_what_is_wrong() {
    let place = Place::start(json!({}));
    let large = format!(r#"{{"apiKey":"{}"}}"#, "x".repeat(20_000));
    let long = format!(r#"{{"apiKey":"{}"}}"#, "x".repeat(5000));
    let required = "API key is required";
    let shape = "expected a JSON object with the texts `apiKey`";
    for (kind, body, status, says) in [
        (JSON, "{}", 400, required),
        (JSON, r#"{"apiKey":""}"#, 400, required),
        (JSON, r#"{"apiKey":null}"#, 400, required),
        (JSON, r#"{"baseUrl":"https://crm.example"}"#, 400, required),
        (JSON, "", 400, shape),
        (JSON, "[]", 400, shape),
        (JSON, "{", 400, shape),
        (JSON, r#"{"apiKey":7}"#, 400, shape),
        (JSON, r#"{"apiKey":{"CANARY":1}}"#, 400, shape),
        (JSON, r#"{"apiKey":"CANARY""#, 400, shape),
        (JSON, r#"{"apiKey":"k","baseURL":"https://crm.example"}"#, 400, shape),
        (JSON, r#"{"apiKey":"a b"}"#, 400, "no API key"),
        (JSON, r#"{"apiKey":"CANARY\r\nX: y"}"#, 400, "no API key"),
        (JSON, &long, 400, "no API key"),
        (JSON, r#"{"apiKey":"k","baseUrl":"sandbox"}"#, 400, "must be a URL"),
        (JSON, r#"{"apiKey":"k","baseUrl":"https://CANARY@crm.example"}"#, 400, "leave user, password"),
        (JSON, &large, 413, "larger than 16 KiB"),
        (None, r#"{"apiKey":"k"}"#, 415, "application/json"),
        (Some("text/plain"), r#"{"apiKey":"k"}"#, 415, "application/json"),
        (Some("application/x-www-form-urlencoded"), "apiKey=k", 415, "application/json"),
    ] {
        let answer = place.send(Some("ann"), Method::POST, kind, body).await;
        let said = answer.json();
        assert_eq!((answer.status, &said["error"]), (status, &json!("invalid_request")), "{body}: {said}");
        assert!(said["error_description"].as_str().unwrap().contains(says), "{body}: {said}");
    }
    assert_eq!(place.post("ann", json!({})).await.json()["error_description"], required);
    for method in [Method::PUT, Method::PATCH, Method::TRACE, Method::OPTIONS] {
        let answer = place.send(Some("ann"), method.clone(), None, "").await;
        assert_eq!((answer.status, answer.header("allow")), (405, "GET, HEAD, POST, DELETE"), "{method}");
        assert_eq!(answer.json()["error"], "method_not_allowed");
    }
    assert_eq!(place.send(Some("ann"), Method::HEAD, None, "").await.status, 200);
    assert_eq!(place.get("ann").await.json(), json!({ "hasKey": false }));
    place.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_not_known_to_be_good_is_not_stored() {
    let twenty = Twenty::start().await;
    let place = Place::at(&twenty.url);
    for (key, status, error, says, wait) in [
        ("wrong-CANARY", 400, "invalid_request", "Twenty does not accept the API key", ""),
        ("moved-CANARY", 400, "invalid_request", "redirects", ""),
        ("page-CANARY", 400, "invalid_request", "something else than GraphQL", ""),
        ("down-CANARY", 502, "temporarily_unavailable", "could not be tried", ""),
        ("limited-CANARY", 503, "temporarily_unavailable", "could not be tried", "120"),
    ] {
        let answer = place.post("ann", json!({ "apiKey": key })).await;
        let said = answer.json();
        assert_eq!((answer.status, &said["error"]), (status, &json!(error)), "{key}: {said}");
        assert!(said["error_description"].as_str().unwrap().contains(says), "{key}: {said}");
        assert_eq!(answer.header("retry-after"), wait, "{key}");
        assert!(twenty.asked().iter().all(|asked| asked.ends_with(key)), "{key}");
    }
    assert_eq!(place.get("ann").await.json(), json!({ "hasKey": false }));
    let events = place.end();
    let reasons: Vec<&str> = events.iter().map(|event| event["reason"].as_str().unwrap()).collect();
    assert_eq!(reasons, ["key_refused", "not_the_service", "not_the_service", "not_tried", "not_tried"]);
    assert!(events.iter().all(|event| event["outcome"] == "refused"));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_key_goes_inside_of_the_servers_network() {
    let (operators, inside) = tokio::join!(Twenty::start(), Twenty::start());
    let place = Place::at(&operators.url);
    let port = inside.url.rsplit(':').next().unwrap();
    // Each user has so many trials.
    for (who, at) in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "１２７.０.０.１",
        "[::1]",
        "localhost",
    ]
    .iter()
    .flat_map(|host| ["http", "https"].map(|scheme| format!("{scheme}://{host}:{port}")))
    .zip(["ann", "ben"].iter().cycle())
    .map(|(at, who)| (who, at))
    {
        let answer = place.post(who, json!({ "apiKey": "good-CANARY", "baseUrl": at })).await;
        let said = answer.json()["error_description"].as_str().unwrap().to_owned();
        assert_eq!(answer.status, 400, "{at}: {said}");
        assert!(said.contains("https://") || said.contains("network"), "{at}: {said}");
    }
    for at in
        ["https://169.254.169.254", "https://10.0.0.1:8443", "https://[fd00::1]", "https://[64:ff9b::7f00:1]"]
    {
        let answer = place.post("ann", json!({ "apiKey": "good-CANARY", "baseUrl": at })).await;
        assert_eq!(answer.status, 400, "{at}");
    }
    assert!(inside.asked().is_empty() && operators.asked().is_empty());
    place.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn scopes_bound_what_a_token_may_do_with_its_users_key() {
    let place = Place::start(json!({}));
    assert_eq!(place.get("reader").await.status, 200);
    let key = json!({ "apiKey": "any-CANARY" });
    for (who, method, needs) in [
        ("reader", Method::POST, "twenty:write"),
        ("reader", Method::DELETE, "twenty:write"),
        ("other", Method::GET, "twenty:read"),
        ("other", Method::POST, "twenty:write"),
    ] {
        let answer = place.send(Some(who), method.clone(), JSON, &key.to_string()).await;
        assert_eq!(
            (answer.status, &answer.json()["error"]),
            (403, &json!("insufficient_scope")),
            "{who} {method}"
        );
        let challenge = answer.header("www-authenticate");
        assert!(challenge.contains(&format!(r#"scope="{needs}""#)), "{challenge}");
    }
    assert_eq!(place.get("reader").await.json(), json!({ "hasKey": false }));
    place.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn each_user_has_so_many_turns() {
    let place = Place::start(json!({}));
    let key = json!({ "apiKey": "any-CANARY" });
    let mut refused = place.post("ann", key.clone()).await;
    for _ in 0..100 {
        if refused.status != 200 {
            break;
        }
        refused = place.post("ann", key.clone()).await;
    }
    assert_eq!((refused.status, &refused.json()["error"]), (429, &json!("too_many_requests")));
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=6).contains(&wait), "{wait}");
    assert_eq!(place.post("ben", key).await.status, 200);
    place.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_operator_must_mend_is_told_without_details() {
    let place = Place::start(json!({ "keys": { "secrets": [] } }));
    let answer = place.post("ann", json!({ "apiKey": "any-CANARY" })).await;
    assert_eq!((answer.status, &answer.json()["error"]), (500, &json!("server_error")));
    let said = answer.json()["error_description"].to_string();
    assert!(said.contains("API_KEY_ENCRYPTION_SECRET environment variable is required"), "{said}");
    place.end();

    let place = Place::start(json!({}));
    std::fs::create_dir_all(place.file("data/keys")).unwrap();
    std::fs::write(place.file("data/keys/keys.redb"), "no store").unwrap();
    for answer in [
        place.get("ann").await,
        place.post("ann", json!({ "apiKey": "any-CANARY" })).await,
        place.delete("ann").await,
    ] {
        assert_eq!(
            (answer.status, &answer.json()["error"]),
            (500, &json!("server_error")),
            "{}",
            answer.text
        );
        assert!(!answer.text.contains("keys.redb"), "{}", answer.text);
    }
    place.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_ask_where_the_operator_lets_them() {
    let page = "https://app.example";
    let place = Place::start(json!({ "server": { "allowed_origins": [page] } }));
    let place = &place;
    let ask = |method: Method, origin: &'static str| {
        let request = place.http.request(method, format!("{}/api/keys", place.server.url));
        let request = request.header("origin", origin).header("access-control-request-method", "DELETE");
        async move {
            let answer = request.bearer_auth(place.tokens["ann"].expose()).send().await.unwrap();
            let allowed = answer.headers().get("access-control-allow-origin");
            (answer.status().as_u16(), allowed.map(|origin| origin.to_str().unwrap().to_owned()))
        }
    };
    for method in [Method::OPTIONS, Method::GET] {
        let status = if method == Method::GET { 200 } else { 204 };
        assert_eq!(ask(method.clone(), page).await, (status, Some(page.to_owned())));
        assert_eq!(ask(method, "https://evil.example").await, (403, None));
    }
}

/// The description of the interface names every status that was seen here.
#[test]
fn every_status_is_declared() {
    let service = poem_openapi::OpenApiService::new(twenty_mcp::server::KeysApi, "keys", "1");
    let described: Value = serde_json::from_str(&service.spec()).unwrap();
    let of = |method: &str| described["paths"]["/api/keys"][method]["responses"].as_object().unwrap();
    for method in ["get", "post", "delete"] {
        for status in ["200", "400", "401", "403", "404", "405", "413", "429", "500", "503"] {
            assert!(of(method).contains_key(status), "{method} {status}");
        }
        assert_eq!(described["paths"]["/api/keys"][method]["tags"], json!(["keys"]));
    }
    assert!(of("post").contains_key("415") && of("post").contains_key("502"));
    assert!(of("post")["429"]["headers"]["Retry-After"].is_object());
    let entry = &described["components"]["schemas"]["KeyEntry"];
    assert_eq!(entry["required"], json!(["apiKey"]));
    assert_eq!(entry["properties"]["apiKey"]["writeOnly"], true);
}
