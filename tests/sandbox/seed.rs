//! What the workspace is filled with.

use std::collections::HashSet;

use serde_json::{Value, json};
use twenty_mcp::tools::twenty::sandbox::settings::{Profile, SandboxSettings};

use crate::support::workspace::Workspace;

const OVERVIEW: &str = "{ people { totalCount countUniqueValuesEmails countEmptyEmails edges { node { id name { firstName lastName } } } } \
    without: people(filter: { companyId: { is: NULL } }) { totalCount } \
    deleted: people(filter: { deletedAt: { is: NOT_NULL } }) { totalCount } \
    companies { totalCount edges { node { people { totalCount } } } } \
    opportunities { totalCount minCreatedAt maxCreatedAt countEmptyAmount edges { node { stage amount { currencyCode } } } } \
    loose: opportunities(filter: { companyId: { is: NULL } }) { totalCount } \
    notes { totalCount } noteTargets { totalCount } tasks { totalCount } taskTargets { totalCount } messages { totalCount } \
    messageThreads { totalCount } messageParticipants { totalCount } calendarEvents { totalCount } }";

#[tokio::test]
async fn the_workspace_is_plausible() {
    let data = Workspace::with(SandboxSettings::default()).data(OVERVIEW, json!({})).await;
    let count = |name: &str| data[name]["totalCount"].as_u64().unwrap();
    assert_eq!((count("people"), count("companies"), count("opportunities")), (800, 200, 300));
    for name in [
        "without",
        "deleted",
        "loose",
        "notes",
        "noteTargets",
        "tasks",
        "taskTargets",
        "messages",
        "messageThreads",
        "messageParticipants",
        "calendarEvents",
    ] {
        assert!(count(name) > 0, "{name}");
    }
    let people = &data["people"];
    assert_eq!(
        people["countUniqueValuesEmails"].as_u64().unwrap() + people["countEmptyEmails"].as_u64().unwrap(),
        800
    );
    let nodes = |name: &str| {
        data[name]["edges"].as_array().unwrap().iter().map(|edge| &edge["node"]).collect::<Vec<_>>()
    };
    let names: HashSet<String> = nodes("people").iter().map(|node| node["name"].to_string()).collect();
    assert!(names.len() > 180 && names.iter().any(|name| !name.is_ascii()));
    assert!(nodes("companies").iter().any(|node| node["people"]["totalCount"] == 0));
    let distinct = |path: &str| {
        nodes("opportunities")
            .iter()
            .map(|node| node.pointer(path).unwrap().to_string())
            .collect::<HashSet<_>>()
    };
    assert_eq!((distinct("/stage").len(), distinct("/amount/currencyCode").len()), (5, 5));
    assert!(data["opportunities"]["countEmptyAmount"].as_u64().unwrap() > 0);
    let dates = (
        data["opportunities"]["minCreatedAt"].as_str().unwrap(),
        data["opportunities"]["maxCreatedAt"].as_str().unwrap(),
    );
    assert!(dates.0 > "2024-10" && dates.1 < "2026-11-02", "{dates:?}");
}

#[tokio::test]
async fn the_same_settings_give_the_same_workspace() {
    for profile in [Profile::Current, Profile::Legacy] {
        let (one, two) = (Workspace::small(profile), Workspace::small(profile));
        let query = "{ people { edges { node { id createdAt emails { primaryEmail } noteTargets { edges { node { note { title } } } } } cursor } } }";
        let (one, two): (Value, Value) = (one.data(query, json!({})).await, two.data(query, json!({})).await);
        assert_eq!(one, two);
    }
}

#[tokio::test]
async fn both_profiles_hold_the_same_people() {
    let query = "{ people { edges { node { id name { firstName lastName } company { name } } } } }";
    let current = Workspace::small(Profile::Current).data(query, json!({})).await;
    assert_eq!(current, Workspace::small(Profile::Legacy).data(query, json!({})).await);
}

#[tokio::test]
async fn an_empty_workspace_works() {
    for profile in [Profile::Current, Profile::Legacy] {
        let workspace = Workspace::with(SandboxSettings { profile, people: 0, ..SandboxSettings::default() });
        let data = workspace.data("{ people { totalCount edges { node { id } } pageInfo { hasNextPage startCursor } } workspaceMembers { totalCount } }", json!({})).await;
        assert_eq!(
            data["people"],
            json!({ "totalCount": 0, "edges": [], "pageInfo": { "hasNextPage": false, "startCursor": null } })
        );
        assert_eq!(data["workspaceMembers"]["totalCount"], 6);
    }
}
