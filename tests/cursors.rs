//! Cursors: what is none is refused, and never taken for the beginning of a list.

use crate::support::crm::{Crm, PROFILES};
use serde_json::json;
use std::time::Duration;
use twenty_mcp::seam::ErrorKind;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_cursor_is_refused_by_every_list_that_has_one() {
    for profile in PROFILES {
        let crm = Crm::start(json!({ "profile": profile, "people": 5 }), Duration::from_secs(30)).await;
        for cursor in ["nonsense", "0-0-0", "bm9uc2Vuc2U=", "e30="] {
            for (tool, arguments) in [
                ("find_records", json!({ "object": "person", "cursor": cursor })),
                ("list_opportunities_by_stage", json!({ "cursor": cursor })),
                ("find_orphaned_records", json!({ "cursor": cursor })),
                ("search", json!({ "query": "a", "cursor": cursor })),
            ] {
                let wrong = crm.call(tool, arguments).await;
                assert_eq!(wrong.error, Some(ErrorKind::Input), "{tool} {cursor}: {}", wrong.text);
                assert!(wrong.text.contains("`cursor`"), "{tool} {cursor}: {}", wrong.text);
            }
        }
    }
}
