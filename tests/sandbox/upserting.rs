//! Creating with `upsert: true`.

use serde_json::{Value, json};
use twenty_mcp::tools::twenty::sandbox::settings::Profile;

use crate::support::workspace::Workspace;

const ONE: &str = "mutation($d: PersonCreateInput!) { createPerson(data: $d, upsert: true) { id jobTitle emails { primaryEmail } createdBy { name } deletedAt createdAt position } }";
const MANY: &str = "mutation($d: [PersonCreateInput!]!) { createPeople(data: $d, upsert: true) { id jobTitle name { lastName } emails { primaryEmail } } }";

async fn people(workspace: &Workspace) -> Value {
    workspace.data("{ people { totalCount } }", json!({})).await["people"]["totalCount"].take()
}

#[tokio::test]
async fn a_record_is_changed_where_its_id_or_what_is_unique_is_there() {
    for profile in [Profile::Current, Profile::Legacy] {
        let workspace = Workspace::small(profile);
        let data = json!({ "emails": { "primaryEmail": "up@x.example" }, "jobTitle": "CTO" });
        let made = workspace.data(ONE, json!({ "d": data })).await["createPerson"].take();
        let data = json!({ "emails": { "primaryEmail": "UP@x.example" }, "jobTitle": "CEO" });
        let changed = workspace.data(ONE, json!({ "d": data })).await["createPerson"].take();
        let mut expected = made.clone();
        expected["jobTitle"] = json!("CEO");
        assert_eq!(changed, expected);
        let data = json!({ "id": made["id"], "jobTitle": "CFO", "createdBy": { "source": "EMAIL" } });
        let changed = workspace.data(ONE, json!({ "d": data })).await["createPerson"].take();
        expected["jobTitle"] = json!("CFO");
        assert_eq!(changed, expected);
        // An id that is not there yet is no hindrance where the address is.
        let data = json!({ "id": "99999999-0000-4000-8000-000000000000", "emails": { "primaryEmail": "up@x.example" } });
        assert_eq!(workspace.data(ONE, json!({ "d": data })).await["createPerson"]["id"], made["id"]);
        assert_eq!(people(&workspace).await, 121);
    }
}

#[tokio::test]
async fn many_are_changed_first_and_made_then() {
    let workspace = Workspace::small(Profile::Current);
    let old = json!({ "emails": { "primaryEmail": "old@x.example" }, "name": { "lastName": "Old" } });
    let old = workspace.data(ONE, json!({ "d": old })).await["createPerson"]["id"].take();
    let data = json!([
        { "emails": { "primaryEmail": "new@x.example" }, "jobTitle": "a" },
        { "emails": { "primaryEmail": "old@x.example" }, "jobTitle": "b" },
        { "jobTitle": "c" },
        { "id": old, "jobTitle": "d" },
    ]);
    let rows = workspace.data(MANY, json!({ "d": data })).await["createPeople"].take();
    let titles: Vec<&str> =
        rows.as_array().unwrap().iter().map(|row| row["jobTitle"].as_str().unwrap()).collect();
    assert_eq!(titles, ["d", "a", "c"]);
    assert_eq!((&rows[0]["id"], &rows[0]["name"]["lastName"]), (&old, &json!("Old")));
    assert_eq!(people(&workspace).await, 123);
}

#[tokio::test]
async fn a_deleted_record_comes_back() {
    let workspace = Workspace::small(Profile::Current);
    let data = json!({ "emails": { "primaryEmail": "back@x.example" }, "jobTitle": "CTO" });
    let made = workspace.data(ONE, json!({ "d": data })).await["createPerson"]["id"].take();
    workspace.data("mutation($id: UUID!) { deletePerson(id: $id) { id } }", json!({ "id": made })).await;
    let data = json!({ "emails": { "primaryEmail": "back@x.example" } });
    let back = workspace.data(ONE, json!({ "d": data })).await["createPerson"].take();
    assert_eq!((&back["id"], &back["deletedAt"], &back["jobTitle"]), (&made, &Value::Null, &json!("CTO")));
}

#[tokio::test]
async fn two_different_matches_are_refused_and_nothing_is_done() {
    let workspace = Workspace::small(Profile::Current);
    let make = |email: &str| json!({ "d": { "emails": { "primaryEmail": email } } });
    let first = workspace.data(ONE, make("first@x.example")).await["createPerson"]["id"].take();
    workspace.data(ONE, make("second@x.example")).await;
    let data = json!([
        { "id": first, "jobTitle": "changed" },
        { "jobTitle": "made" },
        { "id": first, "emails": { "primaryEmail": "second@x.example" } },
    ]);
    let error = workspace.error(MANY, json!({ "d": data })).await;
    assert_eq!(error["extensions"]["subCode"], "UPSERT_MULTIPLE_MATCHING_RECORDS_CONFLICT");
    assert!(error["message"].as_str().unwrap().contains("emails.primaryEmail: second@x.example"), "{error}");
    let filter = "{ people(filter: { jobTitle: { in: [\"changed\", \"made\"] } }) { totalCount } }";
    assert_eq!(workspace.data(filter, json!({})).await["people"]["totalCount"], 0);
    assert_eq!(people(&workspace).await, 122);
    // Two new records with one address are as many as without upsert: too many.
    let twice = json!([{ "emails": { "primaryEmail": "t@x.example" } }, { "emails": { "primaryEmail": "t@x.example" } }]);
    let error = workspace.error(MANY, json!({ "d": twice })).await;
    assert_eq!(error["extensions"]["subCode"], "DUPLICATE_ENTRY_DETECTED");
}

#[tokio::test]
async fn companies_members_and_targets_have_keys_of_their_own() {
    let workspace = Workspace::small(Profile::Current);
    let query = "{ companies(first: 1) { edges { node { id domainName { primaryLinkUrl } } } } \
        workspaceMembers(first: 1) { edges { node { id userEmail } } } \
        noteTargets(first: 1, filter: { targetPersonId: { is: NOT_NULL } }) { edges { node { id noteId targetPersonId } } } }";
    let data = workspace.data(query, json!({})).await;
    let node = |name: &str| data[name]["edges"][0]["node"].clone();
    let (company, member, mut target) = (node("companies"), node("workspaceMembers"), node("noteTargets"));
    let id = target["id"].take();
    target.as_object_mut().unwrap().remove("id");
    let upsert = "mutation($c: CompanyCreateInput!, $m: WorkspaceMemberCreateInput!, $t: NoteTargetCreateInput!) { \
        createCompany(data: $c, upsert: true) { id name } createWorkspaceMember(data: $m, upsert: true) { id locale } \
        createNoteTarget(data: $t, upsert: true) { id } }";
    let made = workspace
        .data(
            upsert,
            json!({ "c": { "domainName": company["domainName"], "name": "Renamed" },
                "m": { "userEmail": member["userEmail"], "locale": "fr-FR" }, "t": target }),
        )
        .await;
    assert_eq!(
        made,
        json!({ "createCompany": { "id": company["id"], "name": "Renamed" },
            "createWorkspaceMember": { "id": member["id"], "locale": "fr-FR" }, "createNoteTarget": { "id": id } })
    );
}
