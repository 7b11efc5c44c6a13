//! Several records made one.

use serde_json::{Value, json};
use twenty_mcp::tools::twenty::sandbox::settings::Profile;

use crate::support::workspace::Workspace;

const FIELDS: &str = "id jobTitle leadScore newsletter companyId deletedAt createdAt name { firstName lastName } \
    emails { primaryEmail additionalEmails } phones { primaryPhoneNumber primaryPhoneCountryCode primaryPhoneCallingCode additionalPhones { number countryCode callingCode } } \
    linkedinLink { primaryLinkUrl primaryLinkLabel secondaryLinks { url label } } noteTargets { totalCount edges { node { noteId } } } \
    pointOfContactForOpportunities { totalCount } taskTargets { totalCount }";

fn merge(dry: bool) -> String {
    format!(
        "mutation($ids: [UUID!]!, $i: Int!) {{ mergePeople(ids: $ids, conflictPriorityIndex: $i, dryRun: {dry}) {{ {FIELDS} }} }}"
    )
}

/// A workspace with three people to merge, the first two with a note each and one note together.
async fn three() -> (Workspace, Vec<Value>) {
    let workspace = Workspace::small(Profile::Current);
    let company = workspace.data("{ companies(first: 1) { edges { node { id } } } }", json!({})).await
        ["companies"]["edges"][0]["node"]["id"].take();
    let people = json!([
        { "name": { "firstName": "Ada", "lastName": "" }, "jobTitle": "CTO", "newsletter": false,
          "emails": { "primaryEmail": "a@x.example", "additionalEmails": ["c@x.example"] },
          "phones": { "primaryPhoneNumber": "111", "primaryPhoneCountryCode": "FR", "primaryPhoneCallingCode": "+33" },
          "linkedinLink": { "primaryLinkUrl": "https://l.example/a", "primaryLinkLabel": "A" } },
        { "name": { "firstName": "A.", "lastName": "Byron" }, "jobTitle": "CEO", "newsletter": true, "leadScore": 7,
          "emails": { "primaryEmail": "b@x.example", "additionalEmails": ["a@x.example", "d@x.example"] },
          "phones": { "primaryPhoneNumber": "222", "additionalPhones": [{ "number": "111" }, { "number": "333", "countryCode": "DE", "callingCode": "+49" }] },
          "linkedinLink": { "primaryLinkUrl": "https://l.example/b", "secondaryLinks": [{ "url": "https://l.example/c", "label": "C" }] } },
        { "companyId": company, "leadScore": 9 },
    ]);
    let made = workspace
        .data("mutation($d: [PersonCreateInput!]!) { createPeople(data: $d) { id } }", json!({ "d": people }))
        .await;
    let ids: Vec<Value> =
        made["createPeople"].as_array().unwrap().iter().map(|row| row["id"].clone()).collect();
    let notes = workspace.data("mutation { createNotes(data: [{ title: \"one\" }, { title: \"two\" }, { title: \"both\" }]) { id } }", json!({})).await;
    let note = |at: usize| notes["createNotes"][at]["id"].clone();
    let targets = json!([
        { "noteId": note(0), "targetPersonId": ids[0] },
        { "noteId": note(1), "targetPersonId": ids[1] },
        { "noteId": note(2), "targetPersonId": ids[0] },
        { "noteId": note(2), "targetPersonId": ids[1] },
    ]);
    workspace
        .data(
            "mutation($d: [NoteTargetCreateInput!]!) { createNoteTargets(data: $d) { id } }",
            json!({ "d": targets }),
        )
        .await;
    let deal = json!({ "name": "deal", "pointOfContactId": ids[2] });
    workspace
        .data(
            "mutation($d: OpportunityCreateInput!) { createOpportunity(data: $d) { id } }",
            json!({ "d": deal }),
        )
        .await;
    (workspace, ids)
}

fn check(merged: &Value) {
    assert_eq!(merged["name"], json!({ "firstName": "A.", "lastName": "Byron" }));
    assert_eq!(
        (&merged["jobTitle"], &merged["newsletter"], &merged["leadScore"]),
        (&json!("CEO"), &json!(true), &json!(7))
    );
    assert!(merged["companyId"].is_string(), "what the winner lacks comes from the others");
    assert_eq!(
        merged["emails"],
        json!({ "primaryEmail": "b@x.example", "additionalEmails": ["a@x.example", "c@x.example", "d@x.example"] })
    );
    assert_eq!(
        merged["phones"],
        json!({ "primaryPhoneNumber": "222", "primaryPhoneCountryCode": null, "primaryPhoneCallingCode": null, "additionalPhones": [
            { "number": "111", "countryCode": "FR", "callingCode": "+33" }, { "number": "333", "countryCode": "DE", "callingCode": "+49" }] })
    );
    assert_eq!(
        merged["linkedinLink"],
        json!({ "primaryLinkUrl": "https://l.example/b", "primaryLinkLabel": null, "secondaryLinks": [
            { "url": "https://l.example/a", "label": "A" }, { "url": "https://l.example/c", "label": "C" }] })
    );
    assert_eq!(merged["pointOfContactForOpportunities"]["totalCount"], 1);
}

#[tokio::test]
async fn the_winner_has_what_all_had_and_the_others_are_gone() {
    let (workspace, ids) = three().await;
    let merged = workspace.data(&merge(false), json!({ "ids": ids, "i": 1 })).await["mergePeople"].take();
    check(&merged);
    assert_eq!((&merged["id"], &merged["deletedAt"]), (&ids[1], &Value::Null));
    assert_eq!(merged["noteTargets"]["totalCount"], 3, "a note that both had is there once: {merged}");
    let query = "query($i: [UUID!]) { people(filter: { id: { in: $i }, or: [{ deletedAt: { is: NULL } }, { deletedAt: { is: NOT_NULL } }] }) { totalCount } \
        byEmail: people(filter: { emails: { primaryEmail: { eq: \"a@x.example\" } } }) { totalCount } \
        gone: noteTargets(filter: { targetPersonId: { in: $i } }) { totalCount } }";
    let left = workspace.data(query, json!({ "i": ids })).await;
    assert_eq!(
        left,
        json!({ "people": { "totalCount": 1 }, "byEmail": { "totalCount": 0 }, "gone": { "totalCount": 3 } })
    );
    let found = workspace
        .data("{ search(searchInput: \"byron b@x\", limit: 3) { edges { node { recordId } } } }", json!({}))
        .await;
    assert_eq!(found["search"]["edges"][0]["node"]["recordId"], ids[1]);
    // The address of a loser is free again.
    let again = "mutation { createPerson(data: { emails: { primaryEmail: \"a@x.example\" } }) { id } }";
    workspace.data(again, json!({})).await;
}

#[tokio::test]
async fn a_dry_run_shows_the_same_and_changes_nothing() {
    let (workspace, ids) = three().await;
    let all = format!(
        "query($i: [UUID!]) {{ people(filter: {{ id: {{ in: $i }} }}) {{ edges {{ node {{ {FIELDS} updatedAt }} }} }} }}"
    );
    let before = workspace.data(&all, json!({ "i": ids })).await;
    let shown = workspace.data(&merge(true), json!({ "ids": ids, "i": 1 })).await["mergePeople"].take();
    check(&shown);
    assert!(!ids.contains(&shown["id"]) && shown["deletedAt"].is_string(), "{shown}");
    assert_eq!(shown["noteTargets"]["totalCount"], 4);
    assert_eq!(workspace.data(&all, json!({ "i": ids })).await, before);
}

#[tokio::test]
async fn what_cannot_be_merged_is_refused() {
    let (workspace, ids) = three().await;
    let nowhere = json!("99999999-0000-4000-8000-000000000000");
    let invalid = "INVALID_QUERY_INPUT";
    for (asked, index, code, words) in [
        (json!([ids[0]]), 0, invalid, "At least 2"),
        (json!(vec![ids[0].clone(); 10]), 0, invalid, "Maximum 9"),
        (json!([ids[0], ids[1]]), 2, invalid, "Invalid conflict priority '2'"),
        (json!([ids[0], ids[1]]), -1, invalid, "Invalid conflict priority '-1'"),
        (json!([ids[0], nowhere]), 0, "RECORD_NOT_FOUND", "One or more records not found"),
        (json!([ids[0], ids[0]]), 0, "RECORD_NOT_FOUND", "One or more records not found"),
    ] {
        let error = workspace.error(&merge(false), json!({ "ids": asked, "i": index })).await;
        assert_eq!(error["extensions"]["subCode"], code, "{error}");
        assert!(error["message"].as_str().unwrap().contains(words), "{error}");
    }
    workspace.data("mutation($id: UUID!) { deletePerson(id: $id) { id } }", json!({ "id": ids[1] })).await;
    let error = workspace.error(&merge(false), json!({ "ids": [ids[0], ids[1]], "i": 0 })).await;
    assert_eq!(error["extensions"]["code"], "NOT_FOUND", "a deleted record cannot be merged");
    let tasks = "mutation($ids: [UUID!]!) { mergeTasks(ids: $ids, conflictPriorityIndex: 0) { id } }";
    let error = workspace.error(tasks, json!({ "ids": ids })).await;
    assert!(
        error["message"].as_str().unwrap().contains("'task' does not have duplicate criteria"),
        "{error}"
    );
}

#[tokio::test]
async fn companies_take_their_people_along() {
    let workspace = Workspace::small(Profile::Current);
    let made = "mutation($c: UUID) { createTimelineActivity(data: { targetCompanyId: $c }) { id } }";
    let query = "{ companies(first: 3) { edges { node { id name people { totalCount } opportunities { totalCount } timelineActivities { totalCount } } } } }";
    let companies = workspace.data(query, json!({})).await["companies"]["edges"].take();
    workspace.data(made, json!({ "c": companies[2]["node"]["id"] })).await;
    let companies = workspace.data(query, json!({})).await["companies"]["edges"].take();
    let sum = |of: &str| {
        companies
            .as_array()
            .unwrap()
            .iter()
            .map(|edge| edge["node"][of]["totalCount"].as_u64().unwrap())
            .sum::<u64>()
    };
    let ids: Vec<&Value> = companies.as_array().unwrap().iter().map(|edge| &edge["node"]["id"]).collect();
    let merge = "mutation($ids: [UUID!]!) { mergeCompanies(ids: $ids, conflictPriorityIndex: 0) { id name people { totalCount } opportunities { totalCount } timelineActivities { totalCount } } }";
    let merged = workspace.data(merge, json!({ "ids": ids })).await["mergeCompanies"].take();
    assert_eq!((&merged["id"], &merged["name"]), (ids[0], &companies[0]["node"]["name"]));
    for of in ["people", "opportunities", "timelineActivities"] {
        assert_eq!(merged[of]["totalCount"], sum(of), "{of}");
    }
    assert!(sum("people") > 0 && sum("timelineActivities") > 0);
}
