//! Twenty thousand people, with the companies, deals and activities that come with them: every list and report is
//! complete and right, and the server stays small.

mod activities;
mod contacts;
mod deals;
mod records;
mod relations;
mod reports;
mod tables;

use crate::support::{client::Client, crm::PROFILES, running::Running};
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Instant};
use tables::Tables;

const PEOPLE: u32 = 20_000;
/// What the server may need at its most.
const MEMORY_KIB: u64 = 150 << 10;

/// A server, and what is true in the workspace behind it.
struct Large {
    server: Running,
    client: Client,
    tables: Tables,
}

impl Large {
    /// A call that must succeed; its `structuredContent`.
    async fn done(&self, tool: &str, arguments: Value) -> Value {
        let begun = Instant::now();
        let answer = self.client.call(tool, arguments).await;
        assert_eq!(answer.error, None, "{tool}: {}", answer.text);
        println!("{:>8.1?}  {:>4} MiB  {tool}", begun.elapsed(), self.server.peak_memory_kib() >> 10);
        answer.structured.unwrap()
    }
}

/// The ids of the rows of a list, none of them twice.
fn ids(list: &Value) -> BTreeSet<&str> {
    let rows = list.as_array().unwrap();
    let ids: BTreeSet<&str> = rows.iter().map(tables::id).collect();
    assert_eq!(ids.len(), rows.len(), "nothing twice");
    ids
}

fn newest_first(list: &Value) {
    let dates = list.as_array().unwrap().iter().map(|row| row["createdAt"].as_str().unwrap());
    assert!(dates.is_sorted_by(|a, b| a >= b), "newest first");
}

fn settings(settings: &Value) -> tempfile::NamedTempFile {
    let file = tempfile::Builder::new().suffix(".yaml").tempfile().unwrap();
    std::fs::write(file.path(), settings.to_string()).unwrap();
    file
}

/// The sandbox, in a process of its own.
fn sandbox(profile: &str) -> Running {
    let twenty = json!({ "base_url": "sandbox", "sandbox": { "people": PEOPLE, "profile": profile } });
    let file = settings(&json!({ "tools": { "twenty": twenty } }));
    Running::start(&["--config", file.path().to_str().unwrap(), "--sandbox", "--sandbox-port", "0"])
}

/// What the tables are read for: objects with their fields; what a target points at has the same names on both profiles.
fn objects(profile: &str) -> [(&'static str, &'static str); 7] {
    let [tasks, notes] = match profile {
        "legacy" => ["taskId personId companyId opportunityId", "noteId personId companyId opportunityId"],
        _ => [
            "taskId personId: targetPersonId companyId: targetCompanyId opportunityId: targetOpportunityId",
            "noteId personId: targetPersonId companyId: targetCompanyId opportunityId: targetOpportunityId",
        ],
    };
    [
        ("people", "name { firstName lastName } emails { primaryEmail } companyId"),
        ("companies", "name"),
        (
            "opportunities",
            "name stage amount { amountMicros currencyCode } closeDate companyId pointOfContactId",
        ),
        ("tasks", "title status dueAt assigneeId"),
        ("notes", "title"),
        ("taskTargets", tasks),
        ("noteTargets", notes),
    ]
}

async fn on(profile: &str) {
    let sandbox = sandbox(profile);
    let url = format!("http://{}", sandbox.sandbox());
    let settings = settings(&json!({ "server": { "timeout": "10m" } }));
    let server = Running::start_with(&["--config", settings.path().to_str().unwrap()], |command| {
        command.env("TWENTY_BASE_URL", &url).env("TWENTY_API_KEY", "CANARY-test-key");
    });
    let begun = Instant::now();
    let tables = Tables::read(&url, &objects(profile)).await;
    println!("{profile}: the sandbox's own tables were read in {:.1?}", begun.elapsed());
    let large = Large { client: Client::of(&server).await, server, tables };
    assert_eq!(large.tables.all("people").len(), PEOPLE as usize);
    contacts::complete(&large).await;
    deals::complete(&large).await;
    relations::complete(&large).await;
    activities::complete(&large).await;
    records::complete(&large).await;
    reports::complete(&large).await;
    let kib = large.server.peak_memory_kib();
    println!("{profile}: the server needed {} MiB at its most", kib >> 10);
    assert!(kib < MEMORY_KIB, "{kib} KiB");
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_complete_over_twenty_thousand_people() {
    on(PROFILES[0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_complete_on_a_large_legacy_twenty() {
    on(PROFILES[1]).await;
}
