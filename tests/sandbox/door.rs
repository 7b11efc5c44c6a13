//! Paths, methods, keys, faults and limits.

use std::sync::Arc;

use http::{Method, StatusCode};
use poem::Endpoint as _;
use serde_json::Value;
use twenty_mcp::tools::twenty::sandbox::{
    endpoint::endpoint,
    settings::{Profile, SandboxSettings},
    workspace::{Answer, Sandbox},
};

use crate::support::workspace::Workspace;

const QUERY: &str = r#"{ "query": "{ people { totalCount } }" }"#;

fn empty() -> SandboxSettings {
    SandboxSettings { people: 0, ..SandboxSettings::default() }
}

fn code(answer: &Answer) -> String {
    let json: Value = serde_json::from_slice(&answer.body).unwrap();
    json["errors"][0]["extensions"]["code"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn only_the_right_method_path_and_key_are_answered() {
    let workspace = Workspace::with(empty());
    for (method, path, key, status, expected) in [
        (Method::GET, "/graphql", Some("k"), StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED"),
        (Method::POST, "/rest/people", Some("k"), StatusCode::NOT_FOUND, "NOT_FOUND"),
        (Method::POST, "/graphql", None, StatusCode::UNAUTHORIZED, "UNAUTHENTICATED"),
        (Method::POST, "/metadata", Some(""), StatusCode::UNAUTHORIZED, "UNAUTHENTICATED"),
    ] {
        let answer = workspace.send(method, path, key, QUERY).await;
        assert_eq!((answer.status, code(&answer).as_str()), (status, expected), "{path}");
    }
    let answer = workspace.send(Method::POST, "/graphql", Some("k"), QUERY).await;
    assert_eq!(
        (answer.status, answer.headers["content-type"].to_str().unwrap()),
        (StatusCode::OK, "application/json; charset=utf-8")
    );
}

#[tokio::test]
async fn the_card_tells_the_version_to_everybody() {
    for (profile, version) in [(Profile::Current, "2.43.0"), (Profile::Legacy, "1.4.0")] {
        let workspace = Workspace::with(SandboxSettings { profile, ..empty() });
        let answer = workspace.send(Method::GET, "/.well-known/mcp/server-card.json", None, "").await;
        let card: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!((answer.status, card["version"].as_str()), (StatusCode::OK, Some(version)));
    }
}

#[tokio::test]
async fn a_body_that_is_no_request_is_told_so() {
    let workspace = Workspace::with(empty());
    let deep = format!(
        "{{\"query\":\"{{__typename}}\",\"variables\":{{\"x\":{}1{}}}}}",
        "[".repeat(500),
        "]".repeat(500)
    );
    for body in ["", "{", "[]", r#"{"query": 5}"#, &deep] {
        let answer = workspace.send(Method::POST, "/graphql", Some("k"), body).await;
        assert_eq!(
            (answer.status, code(&answer).as_str()),
            (StatusCode::BAD_REQUEST, "BAD_USER_INPUT"),
            "{body}"
        );
    }
    let nested = format!(
        r#"{{"query": "{{ people(filter: {}{}) {{ totalCount }} }}"}}"#,
        "{not:".repeat(20_000),
        "}".repeat(20_000)
    );
    let answer = workspace.send(Method::POST, "/graphql", Some("k"), &nested).await;
    assert_eq!(code(&answer), "GRAPHQL_PARSE_FAILED");
}

#[tokio::test]
async fn the_named_operation_is_run() {
    let workspace = Workspace::with(empty());
    let body = r#"{ "query": "query A { a: __typename } query B { b: __typename }", "operationName": "B" }"#;
    let answer = workspace.send(Method::POST, "/graphql", Some("k"), body).await;
    assert_eq!(answer.body, r#"{"data":{"b":"Query"}}"#);
    let answer = workspace.send(Method::POST, "/graphql", Some("k"), &body.replace("\"B\"", "\"C\"")).await;
    assert_eq!(code(&answer), "GRAPHQL_VALIDATION_FAILED");
}

#[tokio::test]
async fn faults_come_first_and_are_counted() {
    let workspace = Workspace::with(SandboxSettings { fail_next: 2, ..empty() });
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(workspace.send(Method::POST, "/graphql", Some("k"), QUERY).await.status.as_u16());
    }
    assert_eq!((statuses, workspace.0.requests()), (vec![503, 503, 200], 3));
}

#[tokio::test]
async fn a_key_over_its_limit_is_told_when_to_come_again() {
    let workspace = Workspace::with(SandboxSettings { rate_limit: Some(1), ..empty() });
    assert_eq!(workspace.send(Method::POST, "/graphql", Some("a"), QUERY).await.status, StatusCode::OK);
    let answer = workspace.send(Method::POST, "/metadata", Some("a"), QUERY).await;
    assert_eq!((answer.status, code(&answer).as_str()), (StatusCode::TOO_MANY_REQUESTS, "LIMIT_REACHED"));
    let wait: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait));
    assert_eq!(workspace.send(Method::POST, "/graphql", Some("b"), QUERY).await.status, StatusCode::OK);
}

#[tokio::test]
async fn answers_wait_as_long_as_they_should() {
    let workspace = Workspace::with(SandboxSettings { latency_ms: 30, ..empty() });
    let began = std::time::Instant::now();
    workspace.send(Method::POST, "/graphql", Some("k"), QUERY).await;
    assert!(began.elapsed().as_millis() >= 30);
}

#[test]
fn a_workspace_is_shared_by_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Sandbox>();
}

#[tokio::test]
async fn too_many_people_are_refused() {
    let error = Sandbox::new(&SandboxSettings { people: 20_001, ..empty() }).err().unwrap();
    assert!(error.to_string().contains("at most 20000"));
}

#[tokio::test]
async fn the_endpoint_serves_the_workspace_and_bounds_the_body() {
    let endpoint = endpoint(Arc::new(Sandbox::new(&empty()).unwrap()));
    let ask = |body: String| {
        let request = poem::Request::builder().method(Method::POST).uri_str("http://127.0.0.1/graphql?x=1");
        endpoint.get_response(request.header("authorization", "bearer k").body(body))
    };
    let mut response = ask(QUERY.to_owned()).await;
    assert_eq!(response.take_body().into_string().await.unwrap(), r#"{"data":{"people":{"totalCount":0}}}"#);
    assert_eq!(ask(" ".repeat((1 << 20) + 1)).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
}
