//! Changes that are planned, made once, noted and taken back.

use crate::support::crm::{Crm, PROFILES};
use serde_json::{Value, json};
use twenty_mcp::seam::ErrorKind;

const ADA: &str =
    r#"{ "firstName": "Ada", "lastName": "Lovelace", "email": "ada@example.org", "jobTitle": "Analyst" }"#;

fn with(extra: Value) -> Value {
    let mut all: Value = serde_json::from_str(ADA).unwrap();
    all.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    all
}

async fn found(crm: &Crm) -> u64 {
    crm.done("search_contacts", json!({ "query": "ada@example.org" })).await["total"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planned_change_is_made_once_and_only_as_it_was_shown() {
    for profile in PROFILES {
        let crm = Crm::of_profile(profile).await;
        let planned = crm.done("create_contact", with(json!({ "plan": true }))).await;
        let plan = &planned["plan"];
        assert_eq!(plan["counts"], json!({ "create": 1 }));
        assert_eq!(plan["changes"][0]["after"]["jobTitle"], "Analyst");
        assert_eq!(found(&crm).await, 0, "nothing is changed by a plan");

        let token = plan["planToken"].as_str().unwrap();
        let other = crm.call("create_contact", with(json!({ "planToken": token, "jobTitle": "Boss" }))).await;
        assert_eq!(other.error, Some(ErrorKind::Conflict), "{}", other.text);
        let forged = crm.call("create_contact", with(json!({ "planToken": format!("{token}A") }))).await;
        assert_eq!(forged.error, Some(ErrorKind::Input), "{}", forged.text);
        let made = crm.done("create_contact", with(json!({ "planToken": token }))).await;
        assert_eq!(made["id"], plan["changes"][0]["id"], "the id that was shown");
        let again = crm.call("create_contact", with(json!({ "planToken": token }))).await;
        assert_eq!(again.error, Some(ErrorKind::Conflict), "{}", again.text);
        assert_eq!(found(&crm).await, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_does_not_outlive_a_change_of_its_record() {
    let crm = Crm::of_profile("current").await;
    crm.done("create_contact", with(json!({}))).await;
    let change = json!({ "id": "ada@example.org", "jobTitle": "Countess" });
    let mut planned = change.clone();
    planned["plan"] = true.into();
    let plan = crm.done("update_contact", planned).await["plan"].clone();
    assert_eq!(plan["changes"][0]["before"], json!({ "jobTitle": "Analyst" }));
    assert_eq!(plan["changes"][0]["after"], json!({ "jobTitle": "Countess" }));
    crm.done("update_contact", json!({ "id": "ada@example.org", "jobTitle": "Mathematician" })).await;
    let mut late = change;
    late["planToken"] = plan["planToken"].clone();
    let refused = crm.call("update_contact", late).await;
    assert_eq!(refused.error, Some(ErrorKind::Conflict), "{}", refused.text);
    let ada = crm.done("get_contact", json!({ "id": "ada@example.org" })).await;
    assert_eq!(ada["jobTitle"], "Mathematician");
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_taken_back_one_by_one() {
    for profile in PROFILES {
        let crm = Crm::of_profile(profile).await;
        let none = crm.call("undo", json!({})).await;
        assert_eq!(none.error, Some(ErrorKind::NotFound), "{}", none.text);
        let id = crm.done("create_contact", with(json!({}))).await["id"].clone();
        let get = json!({ "id": id });
        let was = crm.done("get_contact", get.clone()).await;
        crm.done(
            "update_contact",
            json!({ "id": id, "jobTitle": null, "firstName": "Augusta", "email": "a@b.example" }),
        )
        .await;

        let list = crm.done("undo", json!({ "list": true })).await;
        assert_eq!(list["changes"][0]["tool"], "update_contact");
        assert_eq!(list["changes"][1]["applied"], 1);
        let shown = crm.done("undo", json!({ "plan": true })).await;
        assert_eq!(shown["plan"]["changes"][0]["after"]["jobTitle"], "Analyst");
        let back = crm.done("undo", json!({})).await;
        assert_eq!(back["reverted"], 1);
        let mut now = crm.done("get_contact", get.clone()).await;
        now["updatedAt"] = was["updatedAt"].clone();
        assert_eq!(now, was);

        let back = crm.done("undo", json!({})).await;
        assert_eq!(back["change"]["tool"], "create_contact");
        assert_eq!(back["reverted"], 1, "{back}");
        let gone = crm.call("get_contact", get).await;
        assert_eq!(gone.error, Some(ErrorKind::NotFound));
        let none = crm.call("undo", json!({})).await;
        assert_eq!(none.error, Some(ErrorKind::NotFound), "{}", none.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_changed_since_stays_and_is_told() {
    let crm = Crm::of_profile("current").await;
    let id = crm.done("create_contact", with(json!({}))).await["id"].clone();
    let created = crm.done("undo", json!({ "list": true })).await["changes"][0]["id"].clone();
    crm.done("update_contact", json!({ "id": id, "jobTitle": "Countess" })).await;
    let updated = crm.done("undo", json!({ "list": true })).await["changes"][0]["id"].clone();
    crm.done("update_contact", json!({ "id": id, "jobTitle": "Mathematician" })).await;
    for change in [created, updated] {
        let back = crm.done("undo", json!({ "change": change })).await;
        assert_eq!(back["reverted"], 0, "{back}");
        assert!(back["left"][0]["reason"].as_str().unwrap().contains("since"), "{back}");
    }
    assert_eq!(crm.done("get_contact", json!({ "id": id })).await["jobTitle"], "Mathematician");
}
