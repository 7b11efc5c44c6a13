//! Creating, changing and deleting records.

use serde_json::{Value, json};
use twenty_mcp::tools::twenty::sandbox::settings::Profile;

use crate::support::workspace::Workspace;

const CREATE_PERSON: &str = "mutation($d: PersonCreateInput!) { createPerson(data: $d) { id createdAt updatedAt companyId company { id name } emails { primaryEmail } createdBy { source name } } }";

fn sub_code(error: &Value) -> &str {
    error["extensions"]["subCode"].as_str().unwrap()
}

#[tokio::test]
async fn a_new_record_has_its_defaults() {
    let workspace = Workspace::small(Profile::Current);
    let data = workspace.data("mutation { createOpportunity(data: { name: \"x\" }) { id stage createdBy { source name } updatedBy { source } createdAt deletedAt amount { amountMicros } } \
        createTask(data: { title: \"t\", status: null }) { status } createSupportTicket(data: {}) { priority } }", json!({})).await;
    let deal = &data["createOpportunity"];
    assert_eq!(
        (&deal["stage"], &deal["createdBy"]["source"], &deal["updatedBy"]["source"]),
        (&json!("NEW"), &json!("API"), &json!("API"))
    );
    assert_eq!((&deal["deletedAt"], &deal["amount"]["amountMicros"]), (&Value::Null, &Value::Null));
    assert_eq!(uuid::Uuid::parse_str(deal["id"].as_str().unwrap()).unwrap().get_version_num(), 4);
    assert_eq!(
        (&data["createTask"]["status"], &data["createSupportTicket"]["priority"]),
        (&Value::Null, &json!("NORMAL"))
    );
    let newest = workspace
        .data(
            "{ opportunities(first: 1, orderBy: [{ createdAt: DescNullsLast }]) { edges { node { id } } } }",
            json!({}),
        )
        .await;
    assert_eq!(newest["opportunities"]["edges"][0]["node"]["id"], deal["id"]);
}

#[tokio::test]
async fn records_are_connected_by_id_or_by_what_is_unique() {
    let workspace = Workspace::small(Profile::Current);
    let company = workspace
        .data("{ companies(first: 1) { edges { node { id domainName { primaryLinkUrl } } } } }", json!({}))
        .await["companies"]["edges"][0]["node"]
        .take();
    let url = company["domainName"]["primaryLinkUrl"].as_str().unwrap();
    for company in [
        json!({ "companyId": company["id"] }),
        json!({ "company": { "connect": { "where": { "id": company["id"] } } } }),
        json!({ "company": { "connect": { "where": { "domainName": { "primaryLinkUrl": format!("{}/", url.to_uppercase().replace("HTTPS", "https")) } } } } }),
    ] {
        let person = workspace.data(CREATE_PERSON, json!({ "d": company })).await["createPerson"].take();
        assert_eq!(person["companyId"], person["company"]["id"], "{company}");
        assert!(person["company"]["name"].is_string());
        let update = "mutation($id: UUID!) { updatePerson(id: $id, data: { company: { disconnect: true } }) { companyId company { id } } }";
        let person = workspace.data(update, json!({ "id": person["id"] })).await["updatePerson"].take();
        assert_eq!(person, json!({ "companyId": null, "company": null }));
    }
}

#[tokio::test]
async fn connections_that_lead_nowhere_are_refused() {
    let workspace = Workspace::small(Profile::Current);
    let nowhere = "99999999-0000-4000-8000-000000000000";
    for (data, code) in [
        (json!({ "company": { "connect": { "where": { "id": nowhere } } } }), "CONNECT_RECORD_NOT_FOUND"),
        (
            json!({ "company": { "connect": { "where": { "domainName": { "primaryLinkUrl": "https://no.example" } } } } }),
            "CONNECT_RECORD_NOT_FOUND",
        ),
        (json!({ "company": { "connect": { "where": {} } } }), "CONNECT_UNIQUE_CONSTRAINT_ERROR"),
        (json!({ "companyId": nowhere }), "INVALID_ARGS_DATA"),
    ] {
        let error = workspace.error(CREATE_PERSON, json!({ "d": data })).await;
        assert_eq!((sub_code(&error), &error["path"]), (code, &json!(["createPerson"])), "{data}");
    }
    let count = workspace.data("{ people { totalCount } }", json!({})).await;
    assert_eq!(count["people"]["totalCount"], 120);
}

#[tokio::test]
async fn what_is_unique_is_there_once() {
    let workspace = Workspace::small(Profile::Current);
    let data = json!({ "emails": { "primaryEmail": "New@Person.example" } });
    let person = workspace.data(CREATE_PERSON, json!({ "d": data })).await["createPerson"].take();
    assert_eq!(person["emails"]["primaryEmail"], "new@person.example");
    let error = workspace.error(CREATE_PERSON, json!({ "d": data })).await;
    assert_eq!(
        (sub_code(&error), &error["extensions"]["code"]),
        ("DUPLICATE_ENTRY_DETECTED", &json!("BAD_USER_INPUT"))
    );
    let error = workspace.error(CREATE_PERSON, json!({ "d": { "id": person["id"] } })).await;
    assert_eq!(sub_code(&error), "DUPLICATE_ENTRY_DETECTED");
    // Also within one request, of which then nothing is done.
    let many = "mutation($d: [PersonCreateInput!]!) { createPeople(data: $d) { id } }";
    let twice = json!([{ "emails": { "primaryEmail": "two@x.example" } }, { "emails": { "primaryEmail": "two@x.example" } }]);
    assert_eq!(sub_code(&workspace.error(many, json!({ "d": twice })).await), "DUPLICATE_ENTRY_DETECTED");
    let count = workspace.data("{ people { totalCount } }", json!({})).await;
    assert_eq!(count["people"]["totalCount"], 121);
    let without = json!([{ "emails": { "primaryEmail": "" } }, { "emails": { "primaryEmail": "" } }]);
    workspace.data(many, json!({ "d": without })).await;
}

#[tokio::test]
async fn a_note_has_each_of_its_targets_once() {
    let workspace = Workspace::small(Profile::Current);
    let target = workspace.data("{ noteTargets(first: 1, filter: { targetPersonId: { is: NOT_NULL } }) { edges { node { noteId targetPersonId } } } }", json!({})).await;
    let create = "mutation($d: NoteTargetCreateInput!) { createNoteTarget(data: $d) { id targetPerson { id } note { title } } }";
    let again = json!({ "d": target["noteTargets"]["edges"][0]["node"] });
    assert_eq!(sub_code(&workspace.error(create, again).await), "DUPLICATE_ENTRY_DETECTED");
}

#[tokio::test]
async fn an_update_touches_what_it_names_and_nothing_else() {
    let workspace = Workspace::small(Profile::Current);
    let data = json!({ "name": { "firstName": "Ada", "lastName": "L" }, "jobTitle": "CTO", "phones": { "additionalPhones": [{ "number": "1", "countryCode": "FR" }] } });
    let person = workspace.data(CREATE_PERSON, json!({ "d": data })).await["createPerson"].take();
    let update = "mutation($id: UUID!, $t: String) { updatePerson(id: $id, data: { jobTitle: $t, name: { lastName: \"Byron\" } }) \
        { jobTitle name { firstName lastName } phones { additionalPhones { number countryCode } } createdAt updatedAt } }";
    let changed = workspace.data(update, json!({ "id": person["id"] })).await["updatePerson"].take();
    assert_eq!(changed["jobTitle"], "CTO", "a variable that was not given must not clear the field");
    assert_eq!(changed["name"], json!({ "firstName": "Ada", "lastName": "Byron" }));
    assert_eq!(changed["phones"]["additionalPhones"], json!([{ "number": "1", "countryCode": "FR" }]));
    assert_eq!(changed["createdAt"], person["createdAt"]);
    assert!(changed["updatedAt"].as_str() > person["updatedAt"].as_str());
    let cleared = workspace.data(update, json!({ "id": person["id"], "t": null })).await;
    assert_eq!(cleared["updatePerson"]["jobTitle"], Value::Null);
    let found = workspace
        .data("{ search(searchInput: \"byron\", limit: 5) { edges { node { recordId } } } }", json!({}))
        .await;
    assert!(
        found["search"]["edges"]
            .as_array()
            .unwrap()
            .iter()
            .any(|edge| edge["node"]["recordId"] == person["id"])
    );
}

#[tokio::test]
async fn a_deleted_record_is_hidden_unless_deletion_is_asked_for() {
    let workspace = Workspace::small(Profile::Current);
    let person = workspace.data(CREATE_PERSON, json!({ "d": { "jobTitle": "Ghost" } })).await["createPerson"]
        ["id"]
        .take();
    let delete = "mutation($id: UUID!) { deletePerson(id: $id) { id deletedAt } }";
    let gone = workspace.data(delete, json!({ "id": person })).await["deletePerson"].take();
    assert!(gone["deletedAt"].is_string());
    let list = "{ hidden: people(filter: { jobTitle: { eq: \"Ghost\" } }) { totalCount } \
        shown: people(filter: { jobTitle: { eq: \"Ghost\" }, or: [{ deletedAt: { is: NOT_NULL } }] }) { totalCount edges { node { id } } } }";
    let lists = workspace.data(list, json!({})).await;
    assert_eq!((&lists["hidden"]["totalCount"], &lists["shown"]["totalCount"]), (&json!(0), &json!(1)));
    for query in [delete, "mutation($id: UUID!) { updatePerson(id: $id, data: { jobTitle: \"x\" }) { id } }"]
    {
        assert_eq!(workspace.error(query, json!({ "id": person })).await["extensions"]["code"], "NOT_FOUND");
    }
}

#[tokio::test]
async fn a_deleted_company_is_gone_from_its_people() {
    let workspace = Workspace::small(Profile::Current);
    let query = "{ people(first: 1, filter: { companyId: { is: NOT_NULL } }) { edges { node { id companyId company { id } } } } }";
    let person = workspace.data(query, json!({})).await["people"]["edges"][0]["node"].take();
    workspace
        .data("mutation($id: UUID!) { deleteCompany(id: $id) { id } }", json!({ "id": person["companyId"] }))
        .await;
    let query = "query($id: UUID) { person(filter: { id: { eq: $id } }) { companyId company { id } } }";
    let after = workspace.data(query, json!({ "id": person["id"] })).await["person"].take();
    assert_eq!(after, json!({ "companyId": person["companyId"], "company": null }));
}

#[tokio::test]
async fn many_records_change_by_filter_up_to_a_limit() {
    let workspace = Workspace::small(Profile::Current);
    let update = "mutation($f: PersonFilterInput!) { updatePeople(filter: $f, data: { city: 1 }) { id } }"
        .replace("city: 1", "leadScore: 7");
    let error = workspace.error(&update, json!({ "f": {} })).await;
    assert_eq!(sub_code(&error), "TOO_MANY_RECORDS_TO_UPDATE");
    let filter = json!({ "newsletter": { "eq": true } });
    let changed =
        workspace.data(&update, json!({ "f": filter })).await["updatePeople"].as_array().unwrap().len();
    let count = workspace
        .data(
            "{ people(filter: { newsletter: { eq: true } }) { totalCount minLeadScore maxLeadScore } }",
            json!({}),
        )
        .await;
    assert_eq!(count["people"], json!({ "totalCount": changed, "minLeadScore": 7, "maxLeadScore": 7 }));
    let rows: Vec<Value> = (0..61).map(|_| json!({})).collect();
    let error = workspace
        .error("mutation($d: [TaskCreateInput!]!) { createTasks(data: $d) { id } }", json!({ "d": rows }))
        .await;
    assert!(error["message"].as_str().unwrap().contains("60"), "{error}");
}

#[tokio::test]
async fn a_note_written_as_markdown_has_blocks() {
    let workspace = Workspace::small(Profile::Current);
    let note = workspace.data("mutation { createNote(data: { title: \"n\", bodyV2: { markdown: \"Hello\\n\\nworld\" } }) { id bodyV2 { markdown blocknote } } }", json!({})).await["createNote"].take();
    let blocks: Value = serde_json::from_str(note["bodyV2"]["blocknote"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&blocks[0]["content"][0]["text"], &blocks[1]["content"][0]["text"]),
        (&json!("Hello"), &json!("world"))
    );
    let found = workspace
        .data("{ notes(filter: { bodyV2: { markdown: { ilike: \"%HELLO%\" } } }) { totalCount } }", json!({}))
        .await;
    assert_eq!(found["notes"]["totalCount"], 1);
}

#[tokio::test]
async fn an_activity_keeps_a_snapshot_of_its_kind() {
    let workspace = Workspace::small(Profile::Current);
    let kinds =
        workspace.ask("/metadata", "{ timelineActivityTypes { id name label action } }", json!({})).await;
    let kind = &kinds["data"]["timelineActivityTypes"][0];
    let create = "mutation($d: TimelineActivityCreateInput!) { createTimelineActivity(data: $d) { happensAt properties timelineActivityTypeSnapshot } }";
    let data = json!({ "timelineActivityTypeId": kind["id"], "properties": { "deep": [1, { "b": null }] } });
    let activity = workspace.data(create, json!({ "d": data })).await["createTimelineActivity"].take();
    assert_eq!(activity["properties"], json!({ "deep": [1, { "b": null }] }));
    assert_eq!(activity["timelineActivityTypeSnapshot"]["label"], kind["label"]);
    assert!(activity["happensAt"].is_string());
}

#[tokio::test]
async fn the_legacy_profile_writes_with_its_own_names() {
    let workspace = Workspace::small(Profile::Legacy);
    let data = workspace.data("{ people(limit: 1) { edges { node { id city } } } companies(first: 1) { edges { node { employees } } } timelineActivities(first: 1) { edges { node { name } } } }", json!({})).await;
    assert!(
        data["people"]["edges"][0]["node"]["city"].is_string()
            && data["companies"]["edges"][0]["node"]["employees"].is_number()
    );
    assert!(data["timelineActivities"]["edges"][0]["node"]["name"].as_str().unwrap().starts_with("person."));
    let id = &data["people"]["edges"][0]["node"]["id"];
    let note = "mutation($id: ID) { createFavorite(data: { personId: $id }) { personId person { id } } }";
    let favorite = workspace.data(note, json!({ "id": id })).await["createFavorite"].take();
    assert_eq!((&favorite["personId"], &favorite["person"]["id"]), (id, id));
    let update = "mutation($id: ID!, $d: PersonUpdateInput!) { updatePerson(id: $id, data: $d) { emails { additionalEmails } createdBy { context } } }";
    let emails = json!({ "emails": { "additionalEmails": ["a@b.example"] } });
    let person = workspace.data(update, json!({ "id": id, "d": emails })).await["updatePerson"].take();
    assert_eq!(person["emails"]["additionalEmails"], json!(["a@b.example"]));
}

#[tokio::test]
async fn records_are_put_first_or_last() {
    let workspace = Workspace::small(Profile::Current);
    let create = "mutation($d: [TaskCreateInput!]!) { createTasks(data: $d) { id } }";
    let made = workspace
        .data(create, json!({ "d": [{}, { "position": "last" }, { "position": "last" }, {}] }))
        .await["createTasks"]
        .take();
    let list = "{ tasks { edges { node { id } } } }";
    let order = |data: &Value| -> Vec<Value> {
        data["tasks"]["edges"].as_array().unwrap().iter().map(|edge| edge["node"]["id"].clone()).collect()
    };
    let ids = order(&workspace.data(list, json!({})).await);
    assert_eq!((&ids[0], &ids[1]), (&made[3]["id"], &made[0]["id"]));
    assert_eq!((&ids[ids.len() - 2], &ids[ids.len() - 1]), (&made[1]["id"], &made[2]["id"]));
    let update = "mutation($id: UUID!) { updateTask(id: $id, data: { position: \"first\" }) { id } }";
    workspace.data(update, json!({ "id": made[2]["id"] })).await;
    assert_eq!(order(&workspace.data(list, json!({})).await)[0], made[2]["id"]);
}
