//! Records grouped and measured, with the same answer whoever counts.

use crate::support::crm::{Crm, PROFILES};
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use twenty_mcp::seam::ErrorKind;

async fn deals(crm: &Crm) {
    let money = |amount: f64, currency: &str| json!({ "amount": amount, "currency": currency });
    let companies = json!([{ "name": "zz Acme" }, { "name": "zz Acme" }]);
    let made = crm.done("create_records", json!({ "object": "company", "records": companies })).await;
    let company = |at: usize| made["records"][at]["id"].clone();
    let records = json!([
        { "name": "zz a", "stage": "NEW", "amount": money(10.5, "EUR"), "closeDate": "2031-01-31T23:30:00Z", "company": company(0) },
        { "name": "zz b", "stage": "NEW", "amount": money(20.0, "EUR"), "closeDate": "2031-02-03", "company": company(0) },
        { "name": "zz b", "stage": "NEW", "amount": money(5.0, "USD"), "closeDate": "2031-02-10", "company": company(1) },
        { "name": "zz c", "stage": "CUSTOMER", "amount": money(0.0, "EUR"), "closeDate": "2031-05-11", "company": company(1) },
        { "name": "zz d", "stage": "MEETING" },
    ]);
    crm.done("create_records", json!({ "object": "opportunity", "records": records })).await;
}

fn asked(more: Value) -> Value {
    let mut all = json!({ "object": "opportunity", "filter": { "name": { "startsWith": "zz" } } });
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn money_stays_apart_by_currency_and_both_servers_say_the_same() {
    for profile in PROFILES {
        let crm = Crm::of_profile(profile).await;
        deals(&crm).await;
        let measures = json!([
            "sum:amount",
            "max:amount",
            "min:closeDate",
            "countUnique:name",
            "percentageEmpty:amount"
        ]);
        let (answer, sent) = crm
            .counted("aggregate_records", asked(json!({ "groupBy": ["stage"], "measures": measures })))
            .await;
        assert_eq!(sent.len(), 1, "one request for groups and currencies, or for the rows");
        let eur = |amount: f64| json!({ "amount": amount, "currency": "EUR" });
        let usd = |amount: f64| json!({ "amount": amount, "currency": "USD" });
        assert_eq!(
            answer.structured.unwrap(),
            json!({ "object": "opportunity", "totalRecords": 5, "totalGroups": 3, "groups": [
                { "stage": "NEW", "count": 3, "sum:amount": [eur(30.5), usd(5.0)], "max:amount": [eur(20.0), usd(5.0)],
                  "min:closeDate": "2031-01-31T23:30:00.000Z", "countUnique:name": 2, "percentageEmpty:amount": 0 },
                { "stage": "MEETING", "count": 1, "sum:amount": null, "max:amount": null, "min:closeDate": null,
                  "countUnique:name": 1, "percentageEmpty:amount": 100 },
                { "stage": "CUSTOMER", "count": 1, "sum:amount": [eur(0.0)], "max:amount": [eur(0.0)],
                  "min:closeDate": "2031-05-11T00:00:00.000Z", "countUnique:name": 1, "percentageEmpty:amount": 0 },
            ] }),
            "{profile}"
        );
        assert!(answer.text.contains("3 of 3 groups; 5 records (opportunity)."), "{}", answer.text);
        assert!(answer.text.contains("EUR 30.50, USD 5.00"), "{}", answer.text);

        let by = |group_by: Value| asked(json!({ "groupBy": group_by, "measures": ["sum:amount"] }));
        let currencies =
            crm.done("aggregate_records", by(json!(["amount.currencyCode", "closeDate:month"]))).await;
        assert_eq!(
            currencies["groups"],
            json!([
                { "amount.currencyCode": "EUR", "closeDate:month": "2031-01", "count": 1, "sum:amount": [eur(10.5)] },
                { "amount.currencyCode": "EUR", "closeDate:month": "2031-02", "count": 1, "sum:amount": [eur(20.0)] },
                { "amount.currencyCode": "EUR", "closeDate:month": "2031-05", "count": 1, "sum:amount": [eur(0.0)] },
                { "amount.currencyCode": "USD", "closeDate:month": "2031-02", "count": 1, "sum:amount": [usd(5.0)] },
                { "amount.currencyCode": null, "closeDate:month": null, "count": 1, "sum:amount": null },
            ]),
            "{profile}"
        );
        let paris = asked(json!({ "groupBy": ["closeDate:month"], "timeZone": "Europe/Paris", "limit": 1 }));
        let paris = crm.done("aggregate_records", paris).await;
        assert_eq!(paris["groups"], json!([{ "closeDate:month": "2031-02", "count": 3 }]), "{profile}");
        assert_eq!(paris["totalGroups"], 3, "what the limit cut off is told");

        let companies = crm.done("aggregate_records", by(json!(["company"]))).await;
        let of_two = |sum: &Value| {
            let groups = companies["groups"].as_array().unwrap();
            groups
                .iter()
                .filter(|group| group["company"]["name"] == "zz Acme" && group["sum:amount"] == *sum)
                .count()
        };
        let sums = [json!([eur(30.5)]), json!([eur(0.0), usd(5.0)])];
        assert!(sums.iter().all(|sum| of_two(sum) == 1), "two companies of one name are two: {companies}");
        assert_eq!(companies["totalGroups"], 3);
        let names = crm.done("aggregate_records", by(json!(["company.name"]))).await;
        assert_eq!(names["groups"][0]["count"], 4, "and by name they are one: {names}");

        let all = asked(json!({ "measures": ["count", "sum:amount"] }));
        let all = crm.done("aggregate_records", all).await;
        assert_eq!(all["groups"], json!([{ "count": 5, "sum:amount": [eur(30.5), usd(5.0)] }]), "{profile}");
        let nothing = json!({ "object": "opportunity", "filter": { "name": "nobody" }, "measures": ["sum:amount", "max:closeDate"] });
        let nothing = crm.done("aggregate_records", nothing).await;
        assert_eq!(nothing["groups"], json!([{ "count": 0, "sum:amount": null, "max:closeDate": null }]));

        let wrong = asked(json!({ "groupBy": ["stge"], "measures": ["sum:stage"] }));
        let wrong = crm.call("aggregate_records", wrong).await;
        assert_eq!(wrong.error, Some(ErrorKind::Input));
        assert!(
            wrong.text.contains("did you mean `stage`") && wrong.text.contains("measures[0]"),
            "{}",
            wrong.text
        );
        crm.failing.store(9, Ordering::SeqCst);
        let failed = crm.call("aggregate_records", asked(json!({ "groupBy": ["stage"] }))).await;
        assert_eq!(failed.error, Some(ErrorKind::Upstream), "{}", failed.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_seeded_records_of_both_servers_have_the_same_groups() {
    let mut told = Vec::new();
    for profile in PROFILES {
        let sandbox = json!({ "profile": profile, "people": 1200 });
        let crm = Crm::start(sandbox, std::time::Duration::from_secs(30)).await;
        let mut groups = Vec::new();
        for (object, group_by) in [
            ("opportunity", json!(["stage", "closeDate:quarter"])),
            ("person", json!(["createdAt:dayOfTheWeek"])),
            ("person", json!(["company.name", "createdAt:week"])),
            ("opportunity", json!(["pointOfContact", "amount.currency"])),
            ("subscription", json!(["status"])),
        ] {
            let measure = if object == "person" { "max:createdAt" } else { "countEmpty:name" };
            let asked =
                json!({ "object": object, "groupBy": group_by, "measures": [measure], "limit": 1000 });
            groups.push(crm.done("aggregate_records", asked).await);
        }
        assert!(groups.iter().all(|found| found["totalGroups"].as_u64().unwrap() > 1), "{groups:?}");
        told.push(groups);
    }
    for (current, legacy) in told[0].iter().zip(&told[1]) {
        assert_eq!(current, legacy);
    }
}
