//! What the Twenty pack offers beside tools: resources, prompts, and completions of their arguments, on both profiles and
//! in both generations.

use crate::support::{
    crm::{Crm, PROFILES},
    wire::{GENERATIONS, Wire},
};
use serde_json::{Value, json};

async fn read(wire: &Wire, uri: &str) -> Value {
    let read = wire.done("resources/read", json!({ "uri": uri })).await;
    let contents = &read["contents"][0];
    assert_eq!((&contents["uri"], &contents["mimeType"]), (&json!(uri), &json!("application/json")));
    serde_json::from_str(contents["text"].as_str().unwrap()).unwrap()
}

async fn proposals(wire: &Wire, reference: &Value, argument: &str, typed: &str, given: Value) -> Vec<String> {
    let asked = json!({
        "ref": reference, "argument": { "name": argument, "value": typed }, "context": { "arguments": given },
    });
    let told = wire.done("completion/complete", asked).await;
    serde_json::from_value(told["completion"]["values"].clone()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_workspace_is_read_as_resources() {
    for profile in PROFILES {
        let crm = Crm::of_profile(profile).await;
        let company = crm.done("create_company", json!({ "name": "Quux Works" })).await;
        let id = company["id"].as_str().unwrap();
        for generation in GENERATIONS {
            let wire = Wire::of(&crm.server, generation).await;
            let schema = read(&wire, "twenty://schema").await;
            let names: Vec<&str> = schema["objects"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["nameSingular"].as_str().unwrap())
                .collect();
            assert!(names.contains(&"person") && names.contains(&"opportunity"), "{names:?}");

            let deal = read(&wire, "twenty://schema/opportunity").await;
            let by_tool = crm.done("get_object_schema", json!({ "objectName": "opportunity" })).await;
            assert_eq!(deal, by_tool, "the tool and the resource say the same");

            let record = read(&wire, &format!("twenty://record/company/{id}")).await;
            assert_eq!(record, crm.done("get_record", json!({ "object": "company", "id": id })).await);
            assert_eq!(read(&wire, "twenty://record/companies/Quux%20Works").await["id"], *id);

            let me = read(&wire, "twenty://me").await;
            assert_eq!((&me["caller"], &me["key"]), (&json!("anonymous"), &json!("operator")));
            assert!(!me.to_string().contains("CANARY-test-key"), "{me}");

            let (listed, _) = wire.all("resources/list", "resources").await;
            let uris: Vec<&str> = listed.iter().map(|one| one["uri"].as_str().unwrap()).collect();
            for uri in ["twenty://schema", "twenty://me", "twenty://schema/company"] {
                assert!(uris.contains(&uri), "{uri} in {uris:?}");
            }
            for (uri, told) in [
                ("twenty://schema/compny", "did you mean `company`?"),
                ("twenty://record/compny/1", "did you mean `company`?"),
                ("twenty://record/company/Nobody%20Inc", "Nobody Inc"),
                ("twenty://record/company/00000000-0000-4000-8000-000000000000", "company"),
            ] {
                let error = wire.refused("resources/read", json!({ "uri": uri })).await;
                assert_eq!((&error["code"], &error["data"]["uri"]), (&json!(-32602), &json!(uri)), "{error}");
                assert!(error["message"].as_str().unwrap().contains(told), "{error}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn prompts_bring_what_the_workspace_knows() {
    for profile in PROFILES {
        let crm = Crm::of_profile(profile).await;
        crm.done("create_company", json!({ "name": "Quux Works" })).await;
        for generation in GENERATIONS {
            let wire = Wire::of(&crm.server, generation).await;
            let (prompts, _) = wire.all("prompts/list", "prompts").await;
            let names: Vec<&str> = prompts.iter().map(|one| one["name"].as_str().unwrap()).collect();
            for name in ["meeting_preparation", "pipeline_review", "data_hygiene"] {
                assert!(names.contains(&name), "{name} in {names:?}");
            }
            let get = async |name: &str, arguments: Value| {
                wire.done("prompts/get", json!({ "name": name, "arguments": arguments })).await["messages"]
                    .take()
            };
            let meeting = get("meeting_preparation", json!({ "with": "Quux Works", "goal": "renew" })).await;
            let brief = &meeting[0]["content"]["resource"];
            assert!(brief["uri"].as_str().unwrap().starts_with("twenty://record/company/"), "{brief}");
            assert!(brief["text"].as_str().unwrap().starts_with("# Quux Works (company, id "), "{brief}");
            let asked = meeting[1]["content"]["text"].as_str().unwrap();
            assert!(asked.contains("a meeting with Quux Works. The meeting is for this: renew"), "{asked}");

            let review = get("pipeline_review", json!({})).await;
            assert!(
                review[0]["content"]["resource"]["text"].as_str().unwrap().contains("opportunities by stage")
            );
            let stage = get("pipeline_review", json!({ "stage": "meeting" })).await;
            assert!(
                stage[1]["content"]["text"].as_str().unwrap().contains("the stage Meeting (MEETING) alone")
            );
            let hygiene = get("data_hygiene", json!({ "object": "people", "field": "jobTitle" })).await;
            let asked = hygiene[0]["content"]["text"].as_str().unwrap();
            assert!(
                asked.contains("in person records. Count the records whose `jobTitle` is empty"),
                "{asked}"
            );

            for (name, arguments, told) in [
                ("meeting_preparation", json!({ "with": "Nobody At All" }), "Nobody At All"),
                ("pipeline_review", json!({ "stage": "MEETNG" }), "did you mean `MEETING`?"),
                (
                    "data_hygiene",
                    json!({ "object": "person", "field": "jobTtle" }),
                    "did you mean `jobTitle`?",
                ),
                ("data_hygiene", json!({ "field": "jobTitle" }), "say whose field it is"),
            ] {
                let error =
                    wire.refused("prompts/get", json!({ "name": name, "arguments": arguments })).await;
                assert_eq!(error["code"], -32602, "{error}");
                assert!(error["message"].as_str().unwrap().contains(told), "{told} in {error}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn arguments_are_completed_from_the_workspace() {
    let record = json!({ "type": "ref/resource", "uri": "twenty://record/{object}/{id}" });
    let prompt = |name: &str| json!({ "type": "ref/prompt", "name": name });
    for profile in PROFILES {
        let crm = Crm::of_profile(profile).await;
        crm.done("create_company", json!({ "name": "Quux Works" })).await;
        crm.done("create_contact", json!({ "firstName": "Quux", "lastName": "Bar" })).await;
        for generation in GENERATIONS {
            let wire = Wire::of(&crm.server, generation).await;
            let none = || json!({});
            assert_eq!(proposals(&wire, &record, "object", "opp", none()).await, ["opportunity"]);
            let company = json!({ "object": "company" });
            assert_eq!(proposals(&wire, &record, "id", "quux w", company).await, ["Quux Works"]);
            assert!(proposals(&wire, &record, "id", "quux", none()).await.is_empty(), "nobody knows whose");
            let person = json!({ "object": "person" });
            assert_eq!(proposals(&wire, &record, "id", "bar quux", person.clone()).await, ["Quux Bar"]);
            let met = proposals(&wire, &prompt("meeting_preparation"), "with", "quux", none()).await;
            assert_eq!(met, ["Quux Bar", "Quux Works"]);
            let stages = proposals(&wire, &prompt("pipeline_review"), "stage", "mee", none()).await;
            assert_eq!(stages, ["MEETING"]);
            let fields = proposals(&wire, &prompt("data_hygiene"), "field", "job", person).await;
            assert_eq!(fields, ["jobTitle"]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_follows_a_record_hears_when_it_is_changed() {
    let crm = Crm::of_profile("current").await;
    let made = async |name: &str| {
        let company = crm.done("create_company", json!({ "name": name })).await;
        format!("twenty://record/company/{}", company["id"].as_str().unwrap())
    };
    let (followed, other) = (made("Followed Ltd").await, made("Other Ltd").await);
    for generation in GENERATIONS {
        let wire = Wire::of(&crm.server, generation).await;
        let mut heard = wire.listen(&[&followed]).await;
        for uri in [&other, &followed] {
            let id = uri.rsplit('/').next().unwrap();
            crm.done("update_company", json!({ "id": id, "name": format!("Renamed {generation:?}") })).await;
        }
        let told = heard.next().await;
        assert_eq!(told["method"], "notifications/resources/updated");
        assert_eq!(told["params"]["uri"], json!(followed));
    }
}
