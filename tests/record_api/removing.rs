//! Records deleted, brought back, destroyed.

use crate::support::crm::{Crm, PROFILES};
use serde_json::json;
use twenty_mcp::seam::ErrorKind;

#[tokio::test(flavor = "multi_thread")]
async fn deleted_records_come_back_and_destroyed_ones_do_not() {
    for profile in PROFILES {
        let allowed =
            json!({ "tools": { "twenty": { "tools": { "destroy_records": { "enabled": true } } } } });
        let crm = Crm::configured(json!({ "profile": profile, "people": 20 }), allowed).await;
        let records = json!([{ "name": "zz A" }, { "name": "zz B" }, { "name": "zz C" }]);
        let made = crm.done("create_records", json!({ "object": "company", "records": records })).await;
        let ids: Vec<_> = made["records"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
        let total = async |deleted: bool| {
            let mut filter = json!({ "name": { "startsWith": "zz" } });
            if deleted {
                filter["deletedAt"] = json!({ "is": "NOT_NULL" });
            }
            crm.done("count_records", json!({ "object": "company", "filter": filter })).await["total"].clone()
        };
        let named = json!({ "object": "company", "ids": ["zz A", ids[1]] });
        let (answer, sent) = crm.counted("delete_records", named).await;
        assert_eq!((answer.error, sent.len()), (None, 2), "{}", answer.text);
        assert!(answer.text.starts_with("Deleted.\n2 records"), "{}", answer.text);
        assert_eq!((total(false).await, total(true).await), (json!(1), json!(2)));

        let nobody = crm.call("restore_records", json!({ "object": "company", "ids": ["zz C"] })).await;
        assert_eq!(nobody.error, Some(ErrorKind::NotFound), "{}", nobody.text);
        let by_name = crm.done("restore_records", json!({ "object": "company", "ids": ["ZZ A"] })).await;
        assert_eq!((&by_name["changed"], &by_name["records"][0]["id"]), (&json!(1), &ids[0]));
        crm.done("delete_records", json!({ "object": "company", "ids": ["zz A"] })).await;
        let there = crm.call("restore_records", json!({ "object": "company", "ids": [ids[2]] })).await;
        assert_eq!(there.error, Some(ErrorKind::NotFound), "{}", there.text);
        let one = json!({ "object": "company", "filter": { "name": "zz A" } });
        assert_eq!(crm.done("restore_records", one).await["records"][0]["name"], "zz A");
        let other = json!({ "object": "company", "ids": [ids[1]] });
        assert_eq!(crm.done("restore_records", other).await["changed"], 1);
        assert_eq!((total(false).await, total(true).await), (json!(3), json!(0)));

        let filter =
            json!({ "object": "company", "filter": { "name": { "startsWith": "zz" } }, "plan": true });
        let plan = crm.done("delete_records", filter).await;
        assert_eq!(plan["plan"]["counts"], json!({ "delete": 3 }));
        crm.done("delete_records", json!({ "object": "company", "ids": [ids[0]] })).await;
        let gone = json!({ "object": "company", "ids": [ids[0], ids[1]] });
        let gone = crm.done("destroy_records", gone).await;
        assert_eq!(gone["changed"], 2, "deleted or not: {gone}");
        assert_eq!((total(false).await, total(true).await), (json!(1), json!(0)));
        let missing = crm.call("destroy_records", json!({ "object": "company", "ids": [ids[0]] })).await;
        assert_eq!(missing.error, Some(ErrorKind::NotFound), "{}", missing.text);
        for tool in ["delete_records", "restore_records", "destroy_records"] {
            let all = crm.call(tool, json!({ "object": "company", "filter": {} })).await;
            assert_eq!(all.error, Some(ErrorKind::Input), "{tool}: {}", all.text);
            assert!(all.text.contains("would reach every record"), "{}", all.text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn destroying_is_off_unless_the_operator_turns_it_on() {
    let crm = Crm::of_profile("current").await;
    assert!(crm.client.tools.iter().all(|tool| tool.name != "destroy_records"));
    assert!(crm.client.tools.iter().any(|tool| tool.name == "delete_records"));
}
