//! GraphQL that callers write themselves.

use crate::support::crm::{Crm, PROFILES};
use serde_json::json;
use twenty_mcp::seam::ErrorKind;

const DELETE: &str = "mutation($id: ID!) { deletePerson(id: $id) { id } }";

#[tokio::test(flavor = "multi_thread")]
async fn queries_are_run_and_nothing_else_unless_the_operator_says_so() {
    for profile in PROFILES {
        let crm = Crm::of_profile(profile).await;
        let query = "query A($f: PersonFilterInput) { people(first: 2, filter: $f) { ...some } __typename } \
                     fragment some on PersonConnection { totalCount edges { node { id } } }";
        let filter = json!({ "f": { "createdAt": { "is": "NOT_NULL" } } });
        let asked = json!({ "document": query, "variables": filter });
        let found = crm.done("run_graphql", asked).await;
        assert_eq!(found["data"]["people"]["totalCount"], 60);
        let id = found["data"]["people"]["edges"][0]["node"]["id"].clone();
        let types = json!({ "document": "{ __type(name: \"Person\") { fields { name } } }" });
        assert!(crm.call("run_graphql", types).await.text.contains("jobTitle"));

        let sent = crm.requests();
        for (document, kind) in [
            (DELETE, ErrorKind::Denied),
            ("query A { __typename } mutation B { __typename }", ErrorKind::Input),
            ("subscription { __typename }", ErrorKind::Input),
            ("{ people { ", ErrorKind::Input),
        ] {
            let refused = json!({ "document": document, "variables": { "id": id } });
            let refused = crm.call("run_graphql", refused).await;
            assert_eq!(refused.error, Some(kind), "{document}: {}", refused.text);
        }
        assert_eq!(crm.requests(), sent, "nothing of it was sent");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_may_let_mutations_through() {
    let allowed = json!({ "tools": { "twenty": { "graphql": "mutations" } } });
    let crm = Crm::configured(json!({ "profile": "legacy", "people": 20 }), allowed).await;
    let person = crm.done("find_records", json!({ "object": "person", "limit": 1 })).await;
    let id = person["records"][0]["id"].clone();
    let gone = json!({ "document": DELETE, "variables": { "id": id } });
    assert_eq!(crm.done("run_graphql", gone).await["data"]["deletePerson"]["id"], id);
    let gone = crm.call("get_record", json!({ "object": "person", "id": id })).await;
    assert_eq!(gone.error, Some(ErrorKind::NotFound), "{}", gone.text);
}
