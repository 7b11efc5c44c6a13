//! The Clerk that stands in for the real one knows a bad request when it sees one.

use crate::support::clerk::{Asked, Description};
use serde_json::json;

const VERIFY: &str = "/v1/oauth_applications/access_tokens/verify";
const USER: &str = "/v1/users/user_1";

#[test]
fn what_clerk_does_not_describe_is_a_fault() {
    for version in Description::VERSIONS {
        let description = Description::of(version).unwrap();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let good = [
            pair("authorization", "Bearer sk_test_x"),
            pair("clerk-api-version", version),
            pair("content-type", "application/json"),
        ];
        let faults = |method, path, query, headers: &[_], body| {
            description.faults_of(&Asked { method, path, query, headers, body }).len()
        };
        let body = r#"{"access_token":"oat_x"}"#;
        assert_eq!(faults("POST", VERIFY, None, &good, body), 0);
        assert_eq!(faults("GET", USER, None, &good[..2], ""), 0);
        assert_eq!(faults("GET", "/v1/sessions/sess_1", None, &good[..2], ""), 0);
        for (method, path, query, headers, body) in [
            ("GET", VERIFY, None, &good[..], body),
            ("POST", "/oauth_applications/access_tokens/verify", None, &good, body),
            ("POST", "/v1/users/user_1/", None, &good, body),
            ("POST", VERIFY, Some("__clerk_api_version=2026-05-12"), &good, body),
            ("POST", VERIFY, None, &good[1..], body),
            ("POST", VERIFY, None, &good[..2], body),
            ("POST", VERIFY, None, &[good[0].clone(), good[2].clone()], body),
            (
                "POST",
                VERIFY,
                None,
                &[good[0].clone(), good[0].clone(), good[1].clone(), good[2].clone()],
                body,
            ),
            ("POST", VERIFY, None, &good, ""),
            ("POST", VERIFY, None, &good, "access_token=oat_x"),
            ("POST", VERIFY, None, &good, r#"{"access_token":7}"#),
            ("POST", VERIFY, None, &good, r#"{"secret":"oat_x"}"#),
            ("POST", VERIFY, None, &good, r#"{"access_token":"oat_x","token":"oat_x"}"#),
            ("GET", USER, None, &good, "{}"),
            ("DELETE", USER, None, &good, ""),
        ] {
            assert_ne!(faults(method, path, query, headers, body), 0, "{method} {path} {query:?} {body}");
        }
        let asked = Asked { method: "GET", path: USER, query: None, headers: &good, body: "" };
        assert!(!description.faults_of_answer(&asked, 200, &json!({ "id": "user_1" })).is_empty());
        assert!(!description.faults_of_answer(&asked, 404, &json!({ "error": "x" })).is_empty());
    }
    assert!(Description::of("2021-02-05").is_none());
}
