//! Typed tools: of the objects that the operator names, with the fields that the workspace has just now.

use crate::support::{
    crm::{Crm, PROFILES},
    running::Running,
    upstream::{Upstream, Word},
    wire::{GENERATIONS, Heard, Wire},
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use twenty_mcp::seam::ErrorKind;

const TYPED: [&str; 5] = [
    "create_subscription",
    "delete_subscription",
    "find_subscriptions",
    "get_subscription",
    "update_subscription",
];

async fn of(profile: &str, twenty: Value) -> Crm {
    let sandbox = json!({ "profile": profile, "people": 60 });
    Crm::configured(sandbox, json!({ "tools": { "twenty": twenty } })).await
}

/// The typed tools as a client of this generation is told them.
async fn listed(wire: &Wire) -> Vec<Value> {
    let (mut tools, _) = wire.all("tools/list", "tools").await;
    tools.retain(|tool| tool["name"].as_str().unwrap().contains("subscription"));
    tools
}

fn input<'a>(tools: &'a [Value], name: &str) -> &'a Value {
    &tools.iter().find(|tool| tool["name"] == name).unwrap_or_else(|| panic!("{name}"))["inputSchema"]
}

async fn changed(heard: &mut Heard) {
    while heard.next().await["method"] != "notifications/tools/list_changed" {}
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tools_of_an_object_have_its_fields() {
    for profile in PROFILES {
        let crm = of(profile, json!({ "objects": ["subscription", "companies"] })).await;
        for generation in GENERATIONS {
            let wire = Wire::of(&crm.server, generation).await;
            let tools = listed(&wire).await;
            let names: BTreeSet<&str> = tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
            assert_eq!(names, BTreeSet::from(TYPED), "{profile}");
            let new = input(&tools, "create_subscription");
            assert_eq!(
                new["properties"]["status"],
                json!({ "type": "string", "enum": ["TRIAL", "ACTIVE", "PAST_DUE", "CANCELED"],
                    "description": "Where the subscription stands" })
            );
            assert_eq!(new["properties"]["seats"]["type"], "number");
            assert_eq!(
                new["properties"]["company"]["description"],
                "Who pays for it; company, by id or name"
            );
            assert_eq!(new["additionalProperties"], false);
            let changed = input(&tools, "update_subscription");
            assert_eq!(changed["required"], json!(["id"]));
            assert_eq!(changed["properties"]["seats"]["type"], json!(["number", "null"]));
            let get = tools.iter().find(|tool| tool["name"] == "get_subscription").unwrap();
            assert_eq!(get["annotations"]["readOnlyHint"], true);
            assert_eq!(get["outputSchema"]["properties"]["seats"]["type"], "number");
            let (all, _) = wire.all("tools/list", "tools").await;
            let called = |name: &str| all.iter().filter(|tool| tool["name"] == name).collect::<Vec<_>>();
            let (ours, find) = (called("create_company"), called("find_companies"));
            assert_eq!((ours.len(), find.len()), (1, 1), "a registered tool keeps its name");
            assert!(ours[0]["inputSchema"]["properties"]["employees"].is_object(), "{ours:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn typed_tools_find_make_change_and_take_back_records() {
    for profile in PROFILES {
        let crm = of(profile, json!({ "objects": ["subscription"] })).await;
        let company = crm.done("create_company", json!({ "name": "Sole payer" })).await["id"].clone();
        let new = json!({
            "name": "Gold", "status": "ACTIVE", "seats": 7, "company": "Sole payer", "renewsAt": "2027-01-31",
            "mrr": { "amount": 99.5, "currency": "EUR" },
        });
        let (made, sent) = crm.counted("create_subscription", new).await;
        let made = made.structured.unwrap();
        assert!(sent.len() <= 2, "{sent:?}");
        assert_eq!((&made["seats"], &made["company"]["id"]), (&json!(7), &company), "{made}");
        assert_eq!(made["mrr"], json!({ "amount": 99.5, "currency": "EUR" }));

        let filter = json!({ "status": "ACTIVE", "seats": { "gte": 7 }, "company": "Sole payer" });
        let found = crm.done("find_subscriptions", json!({ "filter": filter, "orderBy": "-seats" })).await;
        assert_eq!((&found["total"], &found["records"][0]["name"]), (&json!(1), &json!("Gold")), "{found}");

        let change = json!({ "id": "Gold", "seats": null, "status": "CANCELED" });
        let mut planned = change.clone();
        planned["plan"] = true.into();
        let plan = crm.done("update_subscription", planned).await["plan"].clone();
        assert_eq!(plan["changes"][0]["before"], json!({ "seats": 7, "status": "ACTIVE" }), "{plan}");
        let mut apply = change;
        apply["planToken"] = plan["planToken"].clone();
        let changed = crm.done("update_subscription", apply).await;
        assert_eq!((&changed["status"], changed.get("seats")), (&json!("CANCELED"), None), "{changed}");
        let back = crm.done("undo", json!({})).await;
        assert_eq!((&back["change"]["tool"], &back["reverted"]), (&json!("update_subscription"), &json!(1)));
        let got = crm.done("get_subscription", json!({ "id": made["id"] })).await;
        assert_eq!((&got["seats"], &got["status"]), (&json!(7), &json!("ACTIVE")), "{got}");

        let gone = crm.done("delete_subscription", json!({ "id": made["id"] })).await;
        assert_eq!(gone["id"], made["id"], "{gone}");
        let lost = crm.call("get_subscription", json!({ "id": made["id"] })).await;
        assert_eq!(lost.error, Some(ErrorKind::NotFound), "{}", lost.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_the_schema_is_refused_before_anything_is_sent() {
    let crm = of("current", json!({ "objects": ["subscription"] })).await;
    for (tool, arguments, told) in [
        (
            "create_subscription",
            json!({ "status": "GONE" }),
            "`status` must be one of TRIAL, ACTIVE, PAST_DUE, CANCELED",
        ),
        ("create_subscription", json!({ "seats": "seven" }), "`seats` must be a number, not text"),
        ("create_subscription", json!({ "seat": 7 }), "`seat` is no argument here; did you mean `seats`?"),
        ("update_subscription", json!({ "seats": 7 }), "`id` is missing"),
        (
            "find_subscriptions",
            json!({ "filter": { "seat": 7 } }),
            "`filter.seat` is no argument here; did you mean `seats`?",
        ),
        ("find_subscriptions", json!({ "filter": { "status": "GONE" } }), "`filter.status` must be"),
        ("get_subscription", json!({}), "`id` is missing"),
    ] {
        let (answer, sent) = crm.counted(tool, arguments).await;
        assert_eq!(answer.error, Some(ErrorKind::Input), "{tool}: {}", answer.text);
        assert!(answer.text.contains(told), "{tool}: {}", answer.text);
        assert_eq!(sent, [] as [Value; 0], "{tool}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_the_workspace_changes_the_tools() {
    let crm = of("current", json!({ "objects": ["subscription"], "schema_every": "1s" })).await;
    let mut clients = Vec::new();
    for generation in GENERATIONS {
        let wire = Wire::of(&crm.server, generation).await;
        assert_eq!(listed(&wire).await.len(), TYPED.len());
        let heard = wire.listen(&["twenty://schema"]).await;
        clients.push((wire, heard));
    }
    crm.words.lock().unwrap().extend([Word::new("TRIAL", "PROBATION"), Word::new("seats", "places")]);
    for (wire, heard) in &mut clients {
        changed(heard).await;
        let tools = listed(wire).await;
        let new = input(&tools, "create_subscription");
        assert!(new["properties"].get("seats").is_none(), "{new}");
        assert_eq!(new["properties"]["places"]["type"], "number");
        assert_eq!(new["properties"]["status"]["enum"][0], "PROBATION");
        let call = |arguments: Value| json!({ "name": "create_subscription", "arguments": arguments });
        let old = wire.done("tools/call", call(json!({ "status": "TRIAL", "seats": 1 }))).await;
        let told = old["content"][0]["text"].as_str().unwrap();
        assert!(
            told.contains("must be one of PROBATION, ") && told.contains("`seats` is no argument"),
            "{told}"
        );
        let made = wire.done("tools/call", call(json!({ "status": "PROBATION", "places": 3 }))).await;
        assert_eq!(made["structuredContent"]["places"], 3, "{made}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_contradicts_the_schema_changes_the_tools() {
    let crm = of("current", json!({ "objects": ["subscription"] })).await;
    let wire = Wire::of(&crm.server, GENERATIONS[0]).await;
    assert_eq!(listed(&wire).await.len(), TYPED.len());
    let mut heard = wire.listen(&["twenty://schema"]).await;
    crm.words.lock().unwrap().push(Word::new("seats", "places"));
    let stale = wire.done("tools/call", json!({ "name": "find_subscriptions", "arguments": {} })).await;
    assert_eq!(stale["isError"], true, "{stale}");
    changed(&mut heard).await;
    assert!(input(&listed(&wire).await, "create_subscription")["properties"]["places"].is_object());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_that_is_away_stops_nothing() {
    let upstream = Upstream::start(json!({ "people": 20 })).await;
    upstream.failing.store(u32::MAX, std::sync::atomic::Ordering::SeqCst);
    let server = served(&upstream, json!({ "objects": ["subscription"], "schema_every": "1s" })).await;
    let mut clients = Vec::new();
    for generation in GENERATIONS {
        let wire = Wire::of(&server, generation).await;
        let (all, _) = wire.all("tools/list", "tools").await;
        assert!(all.len() > 40 && listed(&wire).await.is_empty(), "{}", all.len());
        let heard = wire.listen(&["twenty://schema"]).await;
        clients.push((wire, heard));
    }
    upstream.failing.store(0, std::sync::atomic::Ordering::SeqCst);
    for (wire, heard) in &mut clients {
        changed(heard).await;
        assert_eq!(listed(wire).await.len(), TYPED.len());
    }
    upstream.failing.store(u32::MAX, std::sync::atomic::Ordering::SeqCst);
    let before = upstream.requests();
    // It is asked again and is away: the last tools stay.
    let asked = async {
        while upstream.requests() < before + 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), asked).await.unwrap();
    for (wire, _) in &clients {
        assert_eq!(listed(wire).await.len(), TYPED.len());
    }
}

async fn served(upstream: &Arc<Upstream>, twenty: Value) -> Running {
    let url = upstream.url.clone();
    let started = tokio::task::spawn_blocking(move || {
        let file = tempfile::Builder::new().suffix(".yaml").tempfile().unwrap();
        std::fs::write(file.path(), json!({ "tools": { "twenty": twenty } }).to_string()).unwrap();
        Running::start_with(&["--config", file.path().to_str().unwrap()], |command| {
            command.env("TWENTY_BASE_URL", url).env("TWENTY_API_KEY", "CANARY-test-key");
        })
    });
    started.await.unwrap()
}
