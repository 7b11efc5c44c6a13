//! What each call costs at Twenty, counted there, held against the rules, and kept in docs/upstream-requests.md.

mod activities;
mod contract;
mod records;

use crate::support::crm::{Crm, PROFILES};
use serde_json::{Value, json};
use std::{fmt::Write as _, path::Path};

const PAGE: &str = "docs/upstream-requests.md";
const HEAD: &str =
    "| tool | call | current | at most | legacy | at most |\n| --- | --- | ---: | ---: | ---: | ---: |\n";

/// One call, what it was, what it cost and what it may cost.
#[derive(Debug, PartialEq)]
struct Row {
    tool: &'static str,
    call: &'static str,
    sent: usize,
    at_most: usize,
}

/// The calls so far on one sandbox.
struct Counted {
    crm: Crm,
    legacy: bool,
    rows: Vec<Row>,
}

impl Counted {
    /// What a call may cost where the server counts, and where it cannot and all is read.
    const fn by_profile(&self, current: usize, legacy: usize) -> usize {
        if self.legacy { legacy } else { current }
    }

    /// Makes a call that must succeed, and counts; its `structuredContent`.
    async fn call(
        &mut self,
        tool: &'static str,
        call: &'static str,
        at_most: usize,
        arguments: Value,
    ) -> Value {
        let (answer, sent) = self.crm.counted(tool, arguments).await;
        assert_eq!(answer.error, None, "{tool} ({call}): {}", answer.text);
        self.rows.push(Row { tool, call, sent: sent.len(), at_most });
        answer.structured.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_cost_what_the_documentation_says() {
    let mut tables = Vec::new();
    for profile in PROFILES {
        let crm = Crm::configured(json!({ "profile": profile, "people": 1600 }), json!({})).await;
        crm.done("list_all_objects", json!({})).await;
        let mut table = Counted { crm, legacy: profile == "legacy", rows: Vec::new() };
        contract::contacts(&mut table).await;
        contract::companies(&mut table).await;
        contract::deals(&mut table).await;
        contract::relationships(&mut table).await;
        contract::objects(&mut table).await;
        activities::activities(&mut table).await;
        records::changes(&mut table).await;
        records::record_api(&mut table).await;
        records::briefs(&mut table).await;
        tables.push(table.rows);
    }
    let [current, legacy] = &tables[..] else { panic!("two profiles") };
    let mut told = HEAD.to_owned();
    for (now, old) in current.iter().zip(legacy) {
        assert_eq!((now.tool, now.call), (old.tool, old.call));
        let (now_most, old_most) = (now.at_most, old.at_most);
        writeln!(
            told,
            "| `{}` | {} | {} | {now_most} | {} | {old_most} |",
            now.tool, now.call, now.sent, old.sent
        )
        .unwrap();
    }
    println!("{told}");
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let text = std::fs::read_to_string(&page).unwrap();
    let intro = text.split(HEAD).next().unwrap();
    if std::env::var_os("TWENTY_MCP_RENEW").is_some() {
        std::fs::write(&page, format!("{intro}{told}")).unwrap();
    } else {
        let renew = "TWENTY_MCP_RENEW=1 cargo test --test behaviour economy";
        assert_eq!(text, format!("{intro}{told}"), "{PAGE} is out of date; renew it with `{renew}`");
    }
    let dear: Vec<&Row> = current.iter().chain(legacy).filter(|row| row.sent > row.at_most).collect();
    assert!(dear.is_empty(), "calls that cost more than they may: {dear:#?}");
}
