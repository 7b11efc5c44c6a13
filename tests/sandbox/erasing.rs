//! Restoring what was deleted, and erasing for good.

use serde_json::{Value, json};
use twenty_mcp::tools::twenty::sandbox::settings::Profile;

use crate::support::workspace::Workspace;

const CREATE: &str = "mutation($d: [PersonCreateInput!]!) { createPeople(data: $d) { id } }";
const DELETE: &str = "mutation($f: PersonFilterInput!) { deletePeople(filter: $f) { id } }";
const RESTORE: &str =
    "mutation($f: PersonFilterInput!) { restorePeople(filter: $f) { id deletedAt jobTitle } }";
const DESTROY: &str =
    "mutation($f: PersonFilterInput!) { destroyPeople(filter: $f) { id jobTitle deletedAt } }";

/// A workspace with three people of one job title, the first two deleted, and their ids.
async fn ghosts(profile: Profile) -> (Workspace, Vec<Value>) {
    let workspace = Workspace::small(profile);
    let ghost = |email: &str| json!({ "jobTitle": "Ghost", "emails": { "primaryEmail": email } });
    let data = json!([ghost("g1@x.example"), ghost("g2@x.example"), ghost("g3@x.example")]);
    let made = workspace.data(CREATE, json!({ "d": data })).await;
    let ids: Vec<Value> =
        made["createPeople"].as_array().unwrap().iter().map(|row| row["id"].clone()).collect();
    workspace.data(DELETE, json!({ "f": { "id": { "in": ids[..2] } } })).await;
    (workspace, ids)
}

async fn count(workspace: &Workspace, filter: Value) -> u64 {
    let query = "query($f: PersonFilterInput) { people(filter: $f) { totalCount } }";
    workspace.data(query, json!({ "f": filter })).await["people"]["totalCount"].as_u64().unwrap()
}

#[tokio::test]
async fn deleted_records_come_back_by_id_and_by_filter() {
    for profile in [Profile::Current, Profile::Legacy] {
        let (workspace, ids) = ghosts(profile).await;
        let one = format!("mutation {{ restorePerson(id: {}) {{ id deletedAt jobTitle }} }}", ids[0]);
        let back = workspace.data(&one, json!({})).await["restorePerson"].take();
        assert_eq!(back, json!({ "id": ids[0], "deletedAt": null, "jobTitle": "Ghost" }));
        let error = workspace.error(&one, json!({})).await;
        assert_eq!(error["extensions"]["code"], "NOT_FOUND", "it is not deleted any more");
        // The filter need not speak of deletion, and leaves alone what is not deleted.
        let filter = json!({ "jobTitle": { "eq": "Ghost" } });
        let back = workspace.data(RESTORE, json!({ "f": filter })).await["restorePeople"].take();
        assert_eq!(back, json!([{ "id": ids[1], "deletedAt": null, "jobTitle": "Ghost" }]));
        assert_eq!(count(&workspace, filter).await, 3);
        let search = "{ search(searchInput: \"g2@x\", limit: 5) { edges { node { recordId } } } }";
        let found = workspace.data(search, json!({})).await;
        assert_eq!(found["search"]["edges"][0]["node"]["recordId"], ids[1]);
    }
}

#[tokio::test]
async fn a_target_comes_back_only_where_there_is_none_like_it() {
    let workspace = Workspace::small(Profile::Current);
    let target = "{ noteTargets(first: 1, filter: { targetPersonId: { is: NOT_NULL } }) { edges { node { id noteId targetPersonId } } } }";
    let node = workspace.data(target, json!({})).await["noteTargets"]["edges"][0]["node"].take();
    let change = |verb: &str| format!("mutation {{ {verb}NoteTarget(id: {}) {{ id }} }}", node["id"]);
    workspace.data(&change("delete"), json!({})).await;
    let create = "mutation($d: NoteTargetCreateInput!) { createNoteTarget(data: $d) { id } }";
    let data = json!({ "noteId": node["noteId"], "targetPersonId": node["targetPersonId"] });
    let made = workspace.data(create, json!({ "d": data })).await["createNoteTarget"]["id"].take();
    let error = workspace.error(&change("restore"), json!({})).await;
    assert_eq!(error["extensions"]["subCode"], "DUPLICATE_ENTRY_DETECTED");
    workspace.data(&format!("mutation {{ destroyNoteTarget(id: {made}) {{ id }} }}"), json!({})).await;
    workspace.data(&change("restore"), json!({})).await;
}

#[tokio::test]
async fn destroyed_records_are_gone_deleted_or_not() {
    for profile in [Profile::Current, Profile::Legacy] {
        let (workspace, ids) = ghosts(profile).await;
        let one = format!("mutation {{ destroyPerson(id: {}) {{ id jobTitle }} }}", ids[0]);
        let gone = workspace.data(&one, json!({})).await["destroyPerson"].take();
        assert_eq!(gone, json!({ "id": ids[0], "jobTitle": "Ghost" }));
        assert_eq!(workspace.error(&one, json!({})).await["extensions"]["code"], "NOT_FOUND");
        let filter = json!({ "jobTitle": { "eq": "Ghost" } });
        let gone = workspace.data(DESTROY, json!({ "f": filter })).await["destroyPeople"].take();
        assert_eq!(gone.as_array().unwrap().len(), 2, "{gone}");
        let any = json!({ "jobTitle": { "eq": "Ghost" }, "or": [{ "deletedAt": { "is": "NULL" } }, { "deletedAt": { "is": "NOT_NULL" } }] });
        assert_eq!(count(&workspace, any).await, 0);
        assert_eq!(count(&workspace, json!({})).await, 120);
        // Nothing is left of what they held.
        let again = json!([{ "id": ids[0], "emails": { "primaryEmail": "g2@x.example" } }]);
        workspace.data(CREATE, json!({ "d": again })).await;
    }
}

#[tokio::test]
async fn what_points_at_an_erased_record_vanishes_or_points_at_nothing() {
    let workspace = Workspace::small(Profile::Current);
    let query = "{ companies(first: 60) { edges { node { id people { totalCount edges { node { id } } } noteTargets { totalCount edges { node { id noteId } } } } } } }";
    let companies = workspace.data(query, json!({})).await["companies"]["edges"].take();
    let full = |edge: &&Value| {
        edge["node"]["people"]["totalCount"] != 0 && edge["node"]["noteTargets"]["totalCount"] != 0
    };
    let company = &companies.as_array().unwrap().iter().find(full).unwrap()["node"];
    let (person, target) =
        (&company["people"]["edges"][0]["node"], &company["noteTargets"]["edges"][0]["node"]);
    let activity = "mutation($c: UUID) { createTimelineActivity(data: { targetCompanyId: $c }) { id } }";
    workspace.data(activity, json!({ "c": company["id"] })).await;
    let destroy = format!(
        "mutation {{ destroyCompany(id: {}) {{ id people {{ totalCount }} noteTargets {{ totalCount }} }} }}",
        company["id"]
    );
    let gone = workspace.data(&destroy, json!({})).await["destroyCompany"].take();
    assert_eq!(
        gone,
        json!({ "id": company["id"], "people": { "totalCount": 0 }, "noteTargets": { "totalCount": 0 } })
    );
    let query = "query($p: UUID, $t: UUID, $n: UUID, $c: UUID) { person(filter: { id: { eq: $p } }) { companyId company { id } } \
        noteTargets(filter: { id: { eq: $t } }) { totalCount } notes(filter: { id: { eq: $n } }) { totalCount } \
        timelineActivities(filter: { targetCompanyId: { eq: $c } }) { totalCount } }";
    let left = workspace
        .data(
            query,
            json!({ "p": person["id"], "t": target["id"], "n": target["noteId"], "c": company["id"] }),
        )
        .await;
    assert_eq!(
        left,
        json!({ "person": { "companyId": null, "company": null }, "noteTargets": { "totalCount": 0 },
            "notes": { "totalCount": 1 }, "timelineActivities": { "totalCount": 0 } })
    );
}

#[tokio::test]
async fn erasing_stops_at_the_limit_and_then_does_nothing() {
    let workspace = Workspace::small(Profile::Current);
    let error = workspace.error(DESTROY, json!({ "f": {} })).await;
    assert_eq!(error["extensions"]["subCode"], "TOO_MANY_RECORDS_TO_UPDATE");
    assert_eq!(count(&workspace, json!({})).await, 120);
}

#[tokio::test]
async fn each_root_field_of_a_mutation_has_its_own_outcome() {
    let workspace = Workspace::small(Profile::Current);
    let create = |n: usize, id: usize| {
        format!(
            "m{n}: createPerson(data: {{ id: \"00000000-0000-4000-8000-{id:012}\", jobTitle: \"Batch\" }}) {{ id }}"
        )
    };
    // The third takes the id of the first.
    let fields: Vec<String> = (0..20).map(|n| create(n, if n == 2 { 0 } else { n })).collect();
    let answer = workspace.ask("/graphql", &format!("mutation {{ {} }}", fields.join(" ")), json!({})).await;
    assert_eq!(answer["errors"].as_array().unwrap().len(), 1, "{answer}");
    let error = &answer["errors"][0];
    assert_eq!(
        (&error["path"], &error["extensions"]["subCode"]),
        (&json!(["m2"]), &json!("DUPLICATE_ENTRY_DETECTED"))
    );
    assert_eq!(
        (&answer["data"]["m2"], &answer["data"]["m19"]["id"]),
        (&Value::Null, &json!("00000000-0000-4000-8000-000000000019"))
    );
    assert_eq!(count(&workspace, json!({ "jobTitle": { "eq": "Batch" } })).await, 19);
    let fields: Vec<String> = (0..21).map(|n| create(n, 100 + n)).collect();
    workspace.error(&format!("mutation {{ {} }}", fields.join(" ")), json!({})).await;
    assert_eq!(count(&workspace, json!({ "jobTitle": { "eq": "Batch" } })).await, 19);
}

#[tokio::test]
async fn deleted_records_are_found_by_id() {
    let (workspace, ids) = ghosts(Profile::Current).await;
    assert_eq!(count(&workspace, json!({ "id": { "in": ids } })).await, 1);
    assert_eq!(count(&workspace, json!({ "id": { "in": ids }, "deletedAt": { "is": "NOT_NULL" } })).await, 2);
    assert_eq!(count(&workspace, json!({ "id": { "in": ids }, "deletedAt": { "is": "NULL" } })).await, 1);
}
