//! A change of 500 records: planned, refused after one of them changed, planned again, applied with progress, killed
//! half-way, told exactly, and taken back.

use crate::support::crm::Crm;
use serde_json::{Value, json};
use std::path::Path;
use twenty_mcp::seam::ErrorKind;

const TITLE: &str = "Bulk Editor";

fn change(extra: Value) -> Value {
    let mut change = json!({
        "object": "person", "filter": { "createdAt": { "gte": "2000-01-01" } }, "set": { "jobTitle": TITLE },
    });
    change.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    change
}

fn kept_in(folder: &Path) -> Value {
    json!({ "server": { "data_dir": folder, "timeout": "60s" } })
}

/// Each person's job title, read straight from the sandbox, by id.
async fn titles(crm: &Crm) -> std::collections::BTreeMap<String, Value> {
    let (mut all, mut after) = (std::collections::BTreeMap::new(), Value::Null);
    loop {
        let page = crm
            .ask(
                "query($after: String) { people(first: 200, after: $after) { \
                 edges { node { id jobTitle } } pageInfo { hasNextPage endCursor } } }",
                json!({ "after": after }),
            )
            .await;
        let page = &page["people"];
        for edge in page["edges"].as_array().unwrap() {
            all.insert(edge["node"]["id"].as_str().unwrap().to_owned(), edge["node"]["jobTitle"].clone());
        }
        if page["pageInfo"]["hasNextPage"] != true {
            return all;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

fn changed(titles: &std::collections::BTreeMap<String, Value>) -> usize {
    titles.values().filter(|title| **title == TITLE).count()
}

async fn planned(crm: &Crm) -> String {
    let plan = crm.done("update_records", change(json!({ "plan": true }))).await["plan"].clone();
    assert!(plan["counts"]["update"].as_u64().unwrap() >= 500, "{}", plan["counts"]);
    plan["planToken"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_records_are_planned_changed_cut_off_and_put_back() {
    let folder = tempfile::tempdir().unwrap();
    let crm = Crm::configured(json!({ "people": 560 }), kept_in(folder.path())).await;
    let all = titles(&crm).await;
    let unplanned = crm.call("update_records", change(json!({}))).await;
    assert_eq!(unplanned.error, Some(ErrorKind::Denied), "{}", unplanned.text);
    assert!(unplanned.text.contains("plan: true"), "{}", unplanned.text);

    // Refused after one of them changed.
    let token = planned(&crm).await;
    let one = all.keys().next().unwrap();
    crm.done("update_contact", json!({ "id": one, "jobTitle": "Somebody else" })).await;
    let stale = crm.call("update_records", change(json!({ "planToken": token }))).await;
    assert_eq!(stale.error, Some(ErrorKind::Conflict), "{}", stale.text);
    let before = titles(&crm).await;
    assert_eq!(changed(&before), 0);

    // Planned again, applied with progress.
    let token = planned(&crm).await;
    crm.done("update_records", change(json!({ "planToken": token }))).await;
    let progress = crm.client.progress();
    assert!(progress.len() >= 9, "{} notifications", progress.len());
    assert!(progress.windows(2).all(|two| two[0].progress < two[1].progress), "it grows");
    assert_eq!(progress.last().unwrap().total, Some(before.len() as f64));
    assert_eq!(changed(&titles(&crm).await), before.len());
    let back = crm.done("undo", json!({})).await;
    assert_eq!(back["reverted"].as_u64(), Some(before.len() as u64), "{}", back["left"]);
    assert_eq!(titles(&crm).await, before);

    // Killed half-way, once before and once after the workspace has carried out what the server never heard of.
    for carried_out in [false, true] {
        let kept = kept_in(&folder.path().join(if carried_out { "after" } else { "before" }));
        let server = crm.beside(kept.clone()).await;
        let token = planned(&server).await;
        // Reading them takes a request for each 200; then batches of 60 are written.
        let reads = before.len().div_ceil(200);
        let gate = if carried_out { &server.answering } else { &server.asking };
        let apply = change(json!({ "planToken": token }));
        server.killed_in("update_records", apply, gate, reads + 4).await;
        let reached = changed(&titles(&crm).await);
        assert_eq!(reached, if carried_out { 300 } else { 240 });

        let again = crm.beside(kept).await;
        let list = again.done("undo", json!({ "list": true })).await;
        assert_eq!(list["changes"][0]["state"], "running");
        assert_eq!(list["changes"][0]["applied"], 240);
        assert_eq!(list["changes"][0]["unknown"].as_u64(), Some(before.len() as u64 - 240));
        let shown = again.done("undo", json!({ "plan": true })).await;
        assert_eq!(
            shown["plan"]["counts"]["update"].as_u64(),
            Some(reached as u64),
            "exactly what was applied"
        );
        assert_eq!(shown["asBefore"].as_u64(), Some((before.len() - reached) as u64));
        let back = again.done("undo", json!({})).await;
        assert_eq!(back["reverted"].as_u64(), Some(reached as u64), "{}", back["left"]);
        assert_eq!(back["left"].as_array(), None);
        assert_eq!(titles(&crm).await, before);
    }
}
