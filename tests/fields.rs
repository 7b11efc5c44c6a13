//! The fields of the workspace's objects, and its objects, told by name and type.

use crate::support::crm::{Crm, PROFILES};
use serde_json::{Value, json};
use twenty_mcp::seam::ErrorKind;

fn all(found: &Value) -> Vec<(&str, &Value)> {
    let objects = found["objects"].as_array().unwrap().iter();
    let fields = objects.flat_map(|object| {
        let name = object["object"].as_str().unwrap();
        object["fields"].as_array().unwrap().iter().map(move |field| (name, field))
    });
    fields.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_are_found_by_object_type_and_kind() {
    for profile in PROFILES {
        let crm = Crm::of_profile(profile).await;
        let every = crm.done("get_field_metadata", json!({})).await;
        assert_eq!(every["total"], all(&every).len());
        assert!(all(&every).iter().any(|(object, _)| *object == "supportTicket"), "custom objects too");
        assert!(!all(&every).iter().any(|(_, field)| field["system"] == true));

        let emails = crm.done("get_field_metadata", json!({ "fieldType": "EMAIL" })).await;
        assert_eq!(emails, crm.done("get_field_metadata", json!({ "fieldType": "EMAILS" })).await);
        assert!(all(&emails).iter().any(|(object, field)| *object == "person" && field["name"] == "emails"));

        let of = json!({ "objectName": "opportunities", "fieldType": "SELECT" });
        let stage = crm.done("get_field_metadata", of.clone()).await;
        assert_eq!((&stage["total"], all(&stage)[0].1["name"].as_str()), (&json!(1), Some("stage")));
        let text = crm.call("get_field_metadata", of).await.text;
        assert!(
            text.contains("SELECT: stage (") && text.contains("PROPOSAL") && text.contains("default NEW"),
            "{text}"
        );
        let text = crm
            .call("get_field_metadata", json!({ "objectName": "person", "fieldType": "RELATION" }))
            .await
            .text;
        assert!(
            text.contains("company (→ company, set companyId)") && text.contains("→ many opportunity"),
            "{text}"
        );

        let standard = crm.done("get_field_metadata", json!({ "includeCustom": false })).await;
        assert!(!all(&standard).iter().any(|(_, field)| field["custom"] == true));
        let system =
            crm.done("get_field_metadata", json!({ "includeSystem": true, "activeOnly": false })).await;
        assert!(system["total"].as_u64() > every["total"].as_u64());

        let none = json!({ "objectName": "note", "fieldType": "CURRENCY" });
        assert_eq!(crm.done("get_field_metadata", none).await, json!({ "total": 0, "objects": [] }));
        let unknown = crm.call("get_field_metadata", json!({ "objectName": "persn" })).await;
        assert_eq!(unknown.error, Some(ErrorKind::NotFound), "{}", unknown.text);
        let wrong = crm.call("get_field_metadata", json!({ "fieldType": "COLOUR" })).await;
        assert_eq!(wrong.error, Some(ErrorKind::Input), "{}", wrong.text);
        assert_eq!(crm.sent.lock().unwrap().len(), 2, "the schema is fetched once");
    }
}
