//! The pipeline report against the deals themselves.

use crate::support::crm::{Crm, PROFILES};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};
use twenty_mcp::seam::ErrorKind;

/// Every deal of the sandbox, read straight from it.
async fn deals(crm: &Crm) -> Vec<Value> {
    let (mut all, mut after) = (Vec::new(), Value::Null);
    loop {
        let page = crm
            .ask(
                "query($after: String) { opportunities(first: 200, after: $after) { edges { node { stage closeDate \
                 probability amount { amountMicros currencyCode } } } pageInfo { hasNextPage endCursor } } }",
                json!({ "after": after }),
            )
            .await;
        let page = &page["opportunities"];
        all.extend(page["edges"].as_array().unwrap().iter().map(|edge| edge["node"].clone()));
        if page["pageInfo"]["hasNextPage"] != true {
            return all;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

type Key = (String, String, String);

/// Deals, amount and weighted amount by stage, month and currency.
fn expected(deals: &[Value]) -> BTreeMap<Key, (u64, f64, f64)> {
    let mut sums: BTreeMap<Key, (u64, f64, f64)> = BTreeMap::new();
    for deal in deals {
        let amount = &deal["amount"]["amountMicros"];
        let units = amount.as_f64().or_else(|| amount.as_str()?.parse().ok()).unwrap_or(0.0) / 1e6;
        let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let month = text(&deal["closeDate"]).map_or("none".to_owned(), |date| date[..7].to_owned());
        let key = (
            text(&deal["stage"]).unwrap_or_default(),
            month,
            text(&deal["amount"]["currencyCode"]).unwrap_or_default(),
        );
        let sum = sums.entry(key).or_default();
        sum.0 += 1;
        sum.1 += units;
        sum.2 += units * deal["probability"].as_f64().unwrap_or(0.0) / 100.0;
    }
    sums
}

#[tokio::test(flavor = "multi_thread")]
async fn stages_currencies_and_months_add_up_to_the_cent() {
    for profile in PROFILES {
        let crm = Crm::start(json!({ "profile": profile, "people": 700 }), Duration::from_secs(60)).await;
        let all = deals(&crm).await;
        assert!(all.len() > 200, "more than one page: {}", all.len());
        let report = crm.done("pipeline_report", json!({})).await;
        assert_eq!(report["deals"], all.len());
        assert_eq!(report["weightedBy"], "probability");
        let sums = expected(&all);
        let rows = report["rows"].as_array().unwrap();
        assert_eq!(rows.len(), sums.len());
        for row in rows {
            let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
            let sum = &sums[&(text("stage"), text("month"), text("currency"))];
            assert_eq!(row["deals"], sum.0, "{row}");
            assert!((row["amount"].as_f64().unwrap_or(0.0) - sum.1).abs() < 0.011, "{row} {sum:?}");
            assert!((row["weighted"].as_f64().unwrap_or(0.0) - sum.2).abs() < 0.011, "{row} {sum:?}");
        }
        for part in ["currencies", "stages", "months"] {
            let counted: u64 =
                report[part].as_array().unwrap().iter().map(|row| row["deals"].as_u64().unwrap()).sum();
            assert_eq!(counted, all.len() as u64, "{part}");
        }
        let stages: Vec<&str> =
            report["stages"].as_array().unwrap().iter().map(|row| row["stage"].as_str().unwrap()).collect();
        let order = ["NEW", "SCREENING", "MEETING", "PROPOSAL", "CUSTOMER"];
        let places: Vec<_> = stages.iter().map(|stage| order.iter().position(|one| one == stage)).collect();
        assert!(places.is_sorted(), "{stages:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_keeps_to_its_days_and_filter() {
    let crm = Crm::of_profile("current").await;
    let all = deals(&crm).await;
    let month = all.iter().find_map(|deal| deal["closeDate"].as_str()).unwrap()[..7].to_owned();
    let first = format!("{month}-01");
    let last = jiff::civil::Date::strptime("%Y-%m-%d", &first).unwrap().last_of_month().to_string();
    let report = crm
        .done(
            "pipeline_report",
            json!({ "from": first, "to": last, "filter": { "stage": ["NEW", "PROPOSAL"] } }),
        )
        .await;
    let fits = |deal: &&Value| {
        deal["closeDate"].as_str().is_some_and(|date| date.starts_with(&month))
            && matches!(deal["stage"].as_str(), Some("NEW" | "PROPOSAL"))
    };
    assert_eq!(report["deals"], all.iter().filter(fits).count());
    assert!(report["months"].as_array().unwrap().iter().all(|row| row["month"] == month.as_str()));

    for (arguments, says) in [
        (json!({ "from": "soon" }), "closeDate"),
        (json!({ "filter": { "stge": "NEW" } }), "stage"),
        (json!({ "filter": { "stage": "LOST" } }), "PROPOSAL"),
    ] {
        let told = crm.call("pipeline_report", arguments).await;
        assert_eq!(told.error, Some(ErrorKind::Input), "{}", told.text);
        assert!(told.text.contains(says), "{}", told.text);
    }
}
