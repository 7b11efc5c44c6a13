//! Records that look like others.

use serde_json::{Value, json};
use twenty_mcp::tools::twenty::sandbox::settings::{Profile, SandboxSettings};

use crate::support::workspace::Workspace;

const CREATE: &str = "mutation($d: [PersonCreateInput!]!) { createPeople(data: $d) { id } }";

fn ids(connections: &Value) -> Vec<Vec<Value>> {
    let of = |connection: &Value| {
        connection["edges"].as_array().unwrap().iter().map(|edge| edge["node"]["id"].clone()).collect()
    };
    connections.as_array().unwrap().iter().map(of).collect()
}

fn query(profile: Profile) -> String {
    let id = if profile == Profile::Current { "UUID" } else { "ID" };
    format!(
        "query($i: [{id}], $d: [PersonCreateInput]) {{ personDuplicates(ids: $i, data: $d) \
         {{ totalCount pageInfo {{ hasNextPage startCursor }} edges {{ node {{ id }} cursor }} }} }}"
    )
}

fn person(first: &str, last: &str, email: Option<&str>, link: Option<&str>) -> Value {
    json!({ "name": { "firstName": first, "lastName": last }, "emails": { "primaryEmail": email },
        "linkedinLink": { "primaryLinkUrl": link } })
}

/// A workspace with five people, three of them alike in different ways, and their ids.
async fn twins(profile: Profile) -> (Workspace, Vec<Value>) {
    let workspace = Workspace::small(profile);
    let link = "https://linkedin.example/ada";
    let data = json!([
        person("Zoltana", "Byron", Some("ada@x.example"), Some(link)),
        person("Zoltana", "Byron", None, None),
        person("Z.", "Byron", None, Some(link)),
        person("Zo", "Li", None, None),
        person("Zo", "Li", None, None),
    ]);
    let made = workspace.data(CREATE, json!({ "d": data })).await["createPeople"].take();
    (workspace, made.as_array().unwrap().iter().map(|row| row["id"].clone()).collect())
}

fn same(a: &[Value], b: &[&Value]) -> bool {
    a.len() == b.len() && b.iter().all(|one| a.contains(one))
}

#[tokio::test]
async fn people_are_alike_by_name_link_or_address() {
    for profile in [Profile::Current, Profile::Legacy] {
        let (workspace, made) = twins(profile).await;
        let nowhere = json!("99999999-0000-4000-8000-000000000000");
        let asked = json!({ "i": [made[0], made[2], nowhere, made[3]] });
        let found = workspace.data(&query(profile), asked).await["personDuplicates"].take();
        let found_ids = ids(&found);
        assert_eq!(found_ids.len(), 3, "an id that is not there is passed over");
        assert!(same(&found_ids[0], &[&made[1], &made[2]]), "{found}");
        assert!(same(&found_ids[1], &[&made[0]]), "{found}");
        assert!(found_ids[2].is_empty(), "names shorter than three letters mean nothing: {found}");
        assert_eq!(
            (&found[0]["totalCount"], &found[0]["pageInfo"]["hasNextPage"]),
            (&json!(2), &json!(false))
        );
        assert_eq!(found[0]["pageInfo"]["startCursor"], found[0]["edges"][0]["cursor"]);
    }
}

#[tokio::test]
async fn data_is_compared_as_it_would_be_kept() {
    let (workspace, made) = twins(Profile::Current).await;
    workspace.data("mutation($id: UUID!) { deletePerson(id: $id) { id } }", json!({ "id": made[1] })).await;
    let data = json!([
        { "emails": { "primaryEmail": "ADA@x.example" } },
        { "name": { "firstName": "Zoltana", "lastName": "Byron" } },
        { "id": made[0], "name": { "firstName": "Zoltana", "lastName": "Byron" } },
        { "jobTitle": "CTO" },
    ]);
    let found =
        workspace.data(&query(Profile::Current), json!({ "d": data })).await["personDuplicates"].take();
    let none: Vec<Value> = Vec::new();
    assert_eq!(
        ids(&found),
        [vec![made[0].clone()], vec![made[0].clone()], none.clone(), none],
        "deleted records are no duplicates"
    );
}

#[tokio::test]
async fn companies_are_alike_by_name_or_domain_and_other_objects_never() {
    let workspace = Workspace::small(Profile::Current);
    let company = workspace
        .data(
            "{ companies(first: 1) { edges { node { id name domainName { primaryLinkUrl } } } } }",
            json!({}),
        )
        .await["companies"]["edges"][0]["node"]
        .take();
    let query = "query($d: [CompanyCreateInput]) { companyDuplicates(data: $d) { edges { node { id } } } }";
    let data = json!([{ "name": company["name"] }, { "domainName": company["domainName"] }, { "name": "Nobody has that" }]);
    let found = workspace.data(query, json!({ "d": data })).await["companyDuplicates"].take();
    let one = vec![company["id"].clone()];
    assert_eq!(ids(&found), [one.clone(), one, Vec::new()]);
    let tasks =
        workspace.data("{ taskDuplicates(data: [{ title: \"Call\" }]) { totalCount } }", json!({})).await;
    assert_eq!(tasks, json!({ "taskDuplicates": [{ "totalCount": 0 }] }));
    let criteria = workspace
        .ask(
            "/metadata",
            "{ objects(paging: { first: 100 }) { edges { node { nameSingular duplicateCriteria } } } }",
            json!({}),
        )
        .await;
    let of = |name: &str| {
        let edges = criteria["data"]["objects"]["edges"].as_array().unwrap();
        edges.iter().find(|edge| edge["node"]["nameSingular"] == name).unwrap()["node"]["duplicateCriteria"]
            .clone()
    };
    assert_eq!(of("company"), json!([["name"], ["domainNamePrimaryLinkUrl"]]));
    assert_eq!(
        of("person"),
        json!([["nameFirstName", "nameLastName"], ["linkedinLinkPrimaryLinkUrl"], ["emailsPrimaryEmail"]])
    );
    assert_eq!(of("task"), Value::Null);
}

#[tokio::test]
async fn either_ids_or_data_are_wanted() {
    let workspace = Workspace::small(Profile::Current);
    for (arguments, message) in [
        (json!({}), "either"),
        (json!({ "i": [], "d": [] }), "both"),
        (json!({ "d": [] }), "can not be empty"),
        (json!({ "d": vec![json!({}); 201] }), "200"),
    ] {
        let error = workspace.error(&query(Profile::Current), arguments).await;
        assert!(error["message"].as_str().unwrap().contains(message), "{error}");
        assert_eq!(error["extensions"]["subCode"], "INVALID_QUERY_INPUT");
    }
    let none = workspace.data(&query(Profile::Current), json!({ "i": [] })).await;
    assert_eq!(none["personDuplicates"], json!([]));
}

#[tokio::test]
async fn twenty_thousand_people_are_searched_in_one_pass() {
    let workspace = Workspace::with(SandboxSettings { people: 20_000, ..SandboxSettings::default() });
    let people = workspace
        .data("{ people(first: 200) { edges { node { id name { firstName lastName } } } } }", json!({}))
        .await;
    let edges = people["people"]["edges"].as_array().unwrap();
    let asked: Vec<&Value> = edges.iter().map(|edge| &edge["node"]["id"]).collect();
    let query = "query($i: [UUID]) { personDuplicates(ids: $i) { totalCount edges { node { id name { firstName lastName } } } } }";
    let found = workspace.data(query, json!({ "i": asked })).await["personDuplicates"].take();
    assert_eq!(found.as_array().unwrap().len(), 200);
    for (edge, found) in edges.iter().zip(found.as_array().unwrap()) {
        let alike = found["edges"].as_array().unwrap();
        assert!(
            alike
                .iter()
                .all(|one| one["node"]["name"] == edge["node"]["name"]
                    && one["node"]["id"] != edge["node"]["id"]),
            "{found}"
        );
    }
}
