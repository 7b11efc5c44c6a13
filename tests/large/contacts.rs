//! Contacts: all of them, and those that a few words find.

use super::{Large, ids, newest_first, tables};
use serde_json::json;
use std::collections::BTreeSet;

pub async fn complete(large: &Large) {
    let (mut all, mut offset) = (Vec::new(), 0);
    loop {
        let page =
            large.done("search_contacts", json!({ "query": "", "limit": 5_000, "offset": offset })).await;
        assert_eq!(page["total"].as_u64(), Some(large.tables.all("people").len() as u64));
        all.extend(page["contacts"].as_array().unwrap().iter().cloned());
        match page["nextOffset"].as_u64() {
            Some(next) => offset = next,
            None => break,
        }
    }
    let all = json!(all);
    newest_first(&all);
    assert_eq!(ids(&all), large.tables.ids("people", |_| true));

    let oldest = large.tables.all("people").last().unwrap();
    let (first, last) = (&oldest["name"]["firstName"], &oldest["name"]["lastName"]);
    let words = [first.as_str().unwrap().to_lowercase(), last.as_str().unwrap().to_lowercase()];
    let right: BTreeSet<&str> = large.tables.ids("people", |row| {
        let places = [&row["name"]["firstName"], &row["name"]["lastName"], &row["emails"]["primaryEmail"]];
        let texts = places.map(|place| place.as_str().unwrap_or_default().to_lowercase());
        words.iter().all(|word| texts.iter().any(|text| text.contains(word)))
    });
    let found = large.done("search_contacts", json!({ "query": words.join(" "), "limit": 5_000 })).await;
    assert_eq!(ids(&found["contacts"]), right);
    assert!(right.contains(tables::id(oldest)));
    let got = large.done("get_contact", json!({ "id": tables::id(oldest) })).await;
    assert_eq!(got["createdAt"], oldest["createdAt"]);
}
