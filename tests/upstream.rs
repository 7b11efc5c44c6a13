//! Twenty breaks off, or the server does; and graphql-js sees what is wrong.

use crate::support::{
    crm::{Crm, PROFILES},
    judge,
};
use serde_json::json;
use std::sync::atomic::Ordering;
use twenty_mcp::seam::ErrorKind;

const PEOPLE: &str = "query People($last: String!) { people(filter: { name: { lastName: { eq: $last } } }) \
    { totalCount } }";

#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_answer_is_lost_is_made_once() {
    let crm = Crm::of_profile("current").await;
    crm.done("list_all_objects", json!({})).await;
    crm.losing.store(1, Ordering::SeqCst);
    let (lost, sent) =
        crm.counted("create_contact", json!({ "firstName": "Once", "lastName": "Only" })).await;
    assert!(lost.error.is_some() && sent.len() == 1, "{sent:#?}");
    assert_eq!(crm.ask(PEOPLE, json!({ "last": "Only" })).await["people"]["totalCount"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_wait_for_a_schema_that_cannot_be_had_are_told_together() {
    let crm = Crm::of_profile("current").await;
    crm.failing.store(u32::MAX, Ordering::SeqCst);
    let calls = (0..20).map(|_| crm.call("search_contacts", json!({ "query": "a" })));
    for answer in futures_util::future::join_all(calls).await {
        assert_eq!(answer.error, Some(ErrorKind::Upstream), "{}", answer.text);
    }
    assert!(crm.requests() <= 20, "{} requests for 20 callers", crm.requests());
    crm.failing.store(0, Ordering::SeqCst);
    crm.done("search_contacts", json!({ "query": "a" })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_in_a_call_is_followed_by_one_on_the_same_data() {
    let data = tempfile::tempdir().unwrap();
    let settings = json!({ "server": { "data_dir": data.path() } });
    let mut crm = Crm::configured(json!({ "people": 60 }), settings.clone()).await;
    for carried_out in [0, 1] {
        crm.done("list_all_objects", json!({})).await;
        let contact = json!({ "firstName": "Cut", "lastName": "Off" });
        let gate = if carried_out == 0 { &crm.asking } else { &crm.answering };
        crm.killed_in("create_contact", contact, gate, 0).await;
        let found = crm.ask(PEOPLE, json!({ "last": "Off" })).await;
        assert_eq!(found["people"]["totalCount"], carried_out);
        crm = crm.beside(settings.clone()).await;
    }
    let created = crm.done("create_contact", json!({ "firstName": "Next", "lastName": "One" })).await;
    assert_eq!(crm.done("get_contact", json!({ "id": created["id"] })).await["name"], "Next One");
    assert!(crm.client.progress().is_empty(), "a short call tells no progress");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_judge_finds_wrong_documents_and_wrong_variables() {
    for profile in PROFILES {
        let crm = Crm::of_profile(profile).await;
        let faults = |query: &str, variables| {
            judge::faults(&crm.schema("/graphql"), &[&json!({ "query": query, "variables": variables })])
        };
        let Some(none) = faults(PEOPLE, json!({ "last": "Off" })) else { return };
        assert_eq!(none, [""; 0]);
        let document = faults("{ people { edges { node { nickname } } } }", json!({})).unwrap();
        assert!(document[0].contains("nickname"), "{document:?}");
        for variables in [json!({}), json!({ "last": 7 })] {
            let variable = faults(PEOPLE, variables).unwrap();
            assert!(variable[0].contains("$last"), "{variable:?}");
        }
        assert!(faults("{ people", json!({})).unwrap()[0].contains("Syntax Error"));
    }
}
