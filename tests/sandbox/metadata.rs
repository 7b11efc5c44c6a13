//! Objects and fields, as the workspace describes itself.

use serde_json::{Value, json};
use twenty_mcp::tools::twenty::sandbox::settings::Profile;

use crate::support::workspace::Workspace;

const STANDARD: &str = "20202020-64aa-4b6f-b003-9c74b97cee20";
const OBJECTS: &str = "{ objects(paging: { first: 1000 }) { edges { node { id universalIdentifier nameSingular namePlural labelSingular \
    labelPlural isActive isSystem isSearchable applicationId labelIdentifierFieldMetadataId fieldsList { id name label type icon description \
    isActive isSystem isNullable isUnique options settings defaultValue applicationId objectMetadataId morphId \
    relation { type targetObjectMetadata { id nameSingular } targetFieldMetadata { id name } sourceFieldMetadata { name } } \
    morphRelations { type targetObjectMetadata { nameSingular } } } } } pageInfo { hasNextPage } } }";

async fn asked(workspace: &Workspace, query: &str) -> Value {
    let mut answer = workspace.ask("/metadata", query, json!({})).await;
    assert!(answer.get("errors").is_none(), "{answer:#}");
    answer["data"].take()
}

async fn objects(workspace: &Workspace) -> Vec<Value> {
    let mut data = asked(workspace, OBJECTS).await;
    assert_eq!(data["objects"]["pageInfo"]["hasNextPage"], false);
    data["objects"]["edges"].as_array_mut().unwrap().iter_mut().map(|edge| edge["node"].take()).collect()
}

fn field<'a>(objects: &'a [Value], object: &str, name: &str) -> &'a Value {
    let object = objects.iter().find(|o| o["nameSingular"] == object).unwrap();
    object["fieldsList"].as_array().unwrap().iter().find(|field| field["name"] == name).unwrap()
}

#[tokio::test]
async fn objects_say_whose_they_are() {
    let objects = objects(&Workspace::small(Profile::Current)).await;
    let find = |name: &str| objects.iter().find(|object| object["nameSingular"] == name).unwrap();
    let (person, ticket, target) = (find("person"), find("supportTicket"), find("noteTarget"));
    assert_eq!(person["universalIdentifier"], "20202020-e674-48e5-a542-72570eee7213");
    assert_eq!((&person["labelPlural"], &person["applicationId"]), (&json!("People"), &json!(STANDARD)));
    assert_ne!(person["id"], person["universalIdentifier"]);
    assert_ne!(ticket["applicationId"], json!(STANDARD));
    assert_eq!(
        (&ticket["labelSingular"], &ticket["namePlural"]),
        (&json!("Support Ticket"), &json!("supportTickets"))
    );
    assert_eq!((&target["isSystem"], &person["isSystem"]), (&json!(true), &json!(false)));
    assert_eq!(person["labelIdentifierFieldMetadataId"], field(&objects, "person", "name")["id"]);
    // The fields that the owners have added to Twenty's own objects are theirs too.
    for (object, name) in [
        ("company", "tier"),
        ("person", "leadScore"),
        ("opportunity", "probability"),
        ("noteTarget", "targetSubscription"),
        ("company", "subscriptions"),
    ] {
        assert_eq!(
            field(&objects, object, name)["applicationId"],
            ticket["applicationId"],
            "{object}.{name}"
        );
    }
    assert_eq!(field(&objects, "person", "jobTitle")["applicationId"], STANDARD);
}

#[tokio::test]
async fn fields_say_what_they_hold() {
    let objects = objects(&Workspace::small(Profile::Current)).await;
    let job = field(&objects, "person", "jobTitle");
    assert_eq!(
        (&job["label"], &job["type"], &job["icon"]),
        (&json!("Job Title"), &json!("TEXT"), &json!("IconBriefcase"))
    );
    assert_eq!(
        (&job["isSystem"], &field(&objects, "person", "id")["isSystem"]),
        (&json!(false), &json!(true))
    );
    let stage = field(&objects, "opportunity", "stage");
    assert_eq!((&stage["type"], &stage["defaultValue"]), (&json!("SELECT"), &json!("'NEW'")));
    let option = &stage["options"][1];
    assert_eq!(
        (&option["value"], &option["label"], &option["position"]),
        (&json!("SCREENING"), &json!("Screening"), &json!(1))
    );
    assert!(option["id"].is_string() && option["color"].is_string());
    assert_eq!(field(&objects, "person", "emails")["isUnique"], true);
    assert_eq!(field(&objects, "note", "bodyV2")["type"], "RICH_TEXT");
}

#[tokio::test]
async fn relations_lead_to_the_other_side() {
    let objects = objects(&Workspace::small(Profile::Current)).await;
    let company = field(&objects, "person", "company");
    assert_eq!(
        (&company["type"], &company["settings"]["joinColumnName"]),
        (&json!("RELATION"), &json!("companyId"))
    );
    assert_eq!(company["relation"]["type"], "MANY_TO_ONE");
    assert_eq!(company["relation"]["targetFieldMetadata"]["id"], field(&objects, "company", "people")["id"]);
    assert_eq!(field(&objects, "company", "people")["relation"]["type"], "ONE_TO_MANY");
    let target = field(&objects, "noteTarget", "targetPerson");
    assert_eq!((&target["type"], &target["relation"]), (&json!("MORPH_RELATION"), &Value::Null));
    assert_eq!(target["settings"]["joinColumnName"], "targetPersonId");
    assert_eq!(target["morphRelations"][0]["targetObjectMetadata"]["nameSingular"], "person");
}

#[tokio::test]
async fn legacy_targets_are_plain_relations() {
    let objects = objects(&Workspace::small(Profile::Legacy)).await;
    let target = field(&objects, "noteTarget", "person");
    assert_eq!((&target["type"], &target["morphRelations"]), (&json!("RELATION"), &Value::Null));
    assert_eq!(
        (&target["settings"]["joinColumnName"], &target["relation"]["type"]),
        (&json!("personId"), &json!("MANY_TO_ONE"))
    );
    assert!(objects.iter().any(|object| object["nameSingular"] == "favorite"));
}

#[tokio::test]
async fn every_field_of_the_core_schema_is_described() {
    for profile in [Profile::Current, Profile::Legacy] {
        let workspace = Workspace::small(profile);
        for object in objects(&workspace).await {
            let name = object["nameSingular"].as_str().unwrap();
            let type_name = name[..1].to_uppercase() + &name[1..];
            let query = format!("{{ __type(name: \"{type_name}\") {{ fields {{ name }} }} }}");
            let shown = workspace.data(&query, json!({})).await["__type"]["fields"].take();
            let fields = object["fieldsList"].as_array().unwrap();
            for shown in shown.as_array().unwrap() {
                let described = fields.iter().any(|field| {
                    field["name"] == shown["name"] || field["settings"]["joinColumnName"] == shown["name"]
                });
                assert!(described, "{name}.{}", shown["name"]);
            }
        }
    }
}

#[tokio::test]
async fn lists_come_in_pages_of_ten_and_by_filter() {
    let workspace = Workspace::small(Profile::Current);
    let first = asked(
        &workspace,
        "{ objects { edges { node { nameSingular } cursor } pageInfo { hasNextPage endCursor } } }",
    )
    .await;
    assert_eq!(
        (first["objects"]["edges"].as_array().unwrap().len(), &first["objects"]["pageInfo"]["hasNextPage"]),
        (10, &json!(true))
    );
    let after = first["objects"]["pageInfo"]["endCursor"].as_str().unwrap();
    let next = asked(&workspace, &format!("{{ objects(paging: {{ first: 1, after: \"{after}\" }}) {{ edges {{ node {{ nameSingular fields {{ edges {{ node {{ name }} }} }} }} }} }} }}")).await;
    assert!(
        !first["objects"]["edges"]
            .as_array()
            .unwrap()
            .iter()
            .any(|edge| edge["node"]["nameSingular"] == next["objects"]["edges"][0]["node"]["nameSingular"])
    );
    assert_eq!(next["objects"]["edges"][0]["node"]["fields"]["edges"].as_array().unwrap().len(), 10);
    let some = asked(&workspace, "{ objects(paging: { first: 1000 }, filter: { isSystem: { is: false } }) { edges { node { id nameSingular isSystem } } } }").await;
    let some = some["objects"]["edges"].as_array().unwrap();
    assert!(some.len() > 5 && some.iter().all(|edge| edge["node"]["isSystem"] == false));
    let id = some[0]["node"]["id"].as_str().unwrap();
    let fields = asked(&workspace, &format!("{{ object(id: \"{id}\") {{ nameSingular }} fields(paging: {{ first: 100 }}, filter: {{ objectMetadataId: {{ eq: \"{id}\" }} }}) {{ edges {{ node {{ id name object {{ id }} }} }} }} }}")).await;
    assert_eq!(fields["object"]["nameSingular"], some[0]["node"]["nameSingular"]);
    let edges = fields["fields"]["edges"].as_array().unwrap();
    assert!(edges.len() > 8 && edges.iter().all(|edge| edge["node"]["object"]["id"] == id));
    let field = edges[0]["node"]["id"].as_str().unwrap();
    assert_eq!(
        asked(&workspace, &format!("{{ field(id: \"{field}\") {{ name }} }}")).await["field"]["name"],
        edges[0]["node"]["name"]
    );
}

#[tokio::test]
async fn the_workspace_says_what_it_is_and_how_much_it_holds() {
    let workspace = Workspace::small(Profile::Current);
    let data = asked(&workspace, "{ currentWorkspace { id displayName metadataVersion workspaceUrls { subdomainUrl customUrl } } objectRecordCounts { objectNamePlural totalCount } timelineActivityTypes { id name isActive } }").await;
    assert_eq!(data["currentWorkspace"]["displayName"], "Sandbox");
    assert!(data["currentWorkspace"]["workspaceUrls"]["subdomainUrl"].is_string());
    let counts = data["objectRecordCounts"].as_array().unwrap();
    assert!(counts.contains(&json!({ "objectNamePlural": "people", "totalCount": 120 })));
    assert!(data["timelineActivityTypes"].as_array().unwrap().len() > 5);
}

#[tokio::test]
async fn what_is_not_there_says_so() {
    let workspace = Workspace::small(Profile::Current);
    for (query, what) in [
        ("{ webhooks { id } }", "webhooks is not in the sandbox"),
        ("{ currentWorkspace { aiChatModelTier } }", "Workspace.aiChatModelTier is not in the sandbox"),
        (
            "mutation { deleteOneField(input: { id: \"20202020-e674-48e5-a542-72570eee7213\" }) { id } }",
            "deleteOneField is not in the sandbox",
        ),
    ] {
        let answer = workspace.ask("/metadata", query, json!({})).await;
        assert_eq!(answer["errors"][0]["message"], what);
    }
    let answer = workspace
        .ask("/metadata", "{ object(id: \"99999999-0000-4000-8000-000000000000\") { id } }", json!({}))
        .await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "NOT_FOUND");
}
