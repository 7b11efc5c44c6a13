//! Every Twenty tool, on both generations of Twenty: what succeeds, what is not found or ambiguous, what is wrong, and
//! what is told when Twenty fails.

mod contract;
mod records;
mod rows;

use crate::support::crm::{Crm, PROFILES};
use rows::{Named, Row};
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use twenty_mcp::seam::ErrorKind;

async fn refused(crm: &Crm, tool: &str, arguments: &Value, kind: ErrorKind) -> String {
    let answer = crm.call(tool, arguments.clone()).await;
    assert_eq!(answer.error, Some(kind), "{tool} {arguments}: {}", answer.text);
    assert!(answer.text.starts_with(&format!("{tool}: ")), "{}", answer.text);
    answer.text
}

async fn answers(crm: &Crm, row: &Row, twins: &[String]) {
    let Row { tool, good, missing, ambiguous, wrong, .. } = row;
    for arguments in missing {
        refused(crm, tool, arguments, ErrorKind::NotFound).await;
    }
    for arguments in ambiguous {
        let told = refused(crm, tool, arguments, ErrorKind::Ambiguous).await;
        let candidates = twins.iter().filter(|id| told.contains(id.as_str())).count();
        assert_eq!(candidates, 2, "{tool} {arguments} lists both: {told}");
    }
    let mut misspelt = good.clone();
    misspelt["noSuchArgument"] = json!(1);
    for arguments in wrong.iter().chain([&misspelt]) {
        refused(crm, tool, arguments, ErrorKind::Input).await;
    }
    crm.done(tool, good.clone()).await;
}

/// All the calls at once, on a Twenty that answers with 503.
async fn fail(crm: &Crm, rows: &[Row], schema_is_known: bool) {
    crm.failing.store(u32::MAX, Ordering::SeqCst);
    let calls = rows.iter().map(|row| async move { (row, crm.call(row.tool, row.good.clone()).await) });
    for (Row { tool, schema_alone, .. }, answer) in futures_util::future::join_all(calls).await {
        let fine = schema_is_known && *schema_alone;
        assert_eq!(answer.error, (!fine).then_some(ErrorKind::Upstream), "{tool}: {}", answer.text);
    }
    crm.failing.store(0, Ordering::SeqCst);
}

async fn on(profile: &str) {
    let everything =
        json!({ "tools": { "twenty": { "tools": { "destroy_records": { "enabled": true } } } } });
    let crm = Crm::configured(json!({ "profile": profile, "people": 60 }), everything.clone()).await;
    let named = Named::made(&crm).await;
    let mut rows: Vec<Row> = contract::rows(&named).into_iter().chain(records::rows(&named)).collect();
    if profile == "legacy" {
        for Row { good, .. } in rows.extract_if(.., |row| row.tool == "merge_records") {
            let told = refused(&crm, "merge_records", &good, ErrorKind::Input).await;
            assert!(told.contains("cannot merge"), "{told}");
        }
    }
    let cold = crm.beside(everything).await;
    fail(&cold, &rows, false).await;
    for row in &rows {
        answers(&crm, row, &named.twins).await;
    }
    fail(&crm, &rows, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tool_on_the_current_twenty() {
    on(PROFILES[0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tool_on_the_legacy_twenty() {
    on(PROFILES[1]).await;
}
