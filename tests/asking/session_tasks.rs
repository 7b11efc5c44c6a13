//! Calls that go on as tasks in sessions of MCP 2025-11-25, over HTTP and over pipes.

use super::{Server, accept, raw::Raw, tools::deleted};
use serde_json::{Value, json};

const NEWEST: &str = "2025-11-25";
const RELATED: &str = "io.modelcontextprotocol/related-task";
const QUESTION: &str = "elicitation/create";

fn can() -> Value {
    json!({ "elicitation": {} })
}

/// A client over each way; the server of the first is to be held.
async fn both() -> (Server, [(&'static str, Raw); 2]) {
    let server = Server::start().await;
    let http = Raw::http(&server, Some("ann"), NEWEST, can()).await;
    let piped = Raw::piped(NEWEST, can()).await;
    (server, [("http", http), ("pipes", piped)])
}

fn call(tool: &str, arguments: Value) -> Value {
    json!({ "name": tool, "arguments": arguments, "task": { "ttl": 60_000 } })
}

/// A call that has become a task.
async fn begun(client: &mut Raw, tool: &str, arguments: Value) -> Value {
    let result = client.done("tools/call", call(tool, arguments)).await;
    assert_eq!(result["_meta"][RELATED]["taskId"], result["task"]["taskId"], "{result}");
    json!({ "taskId": result["task"]["taskId"] })
}

/// How a task stands when it is no longer as it was.
async fn when_not(client: &mut Raw, task: &Value, status: &str) -> Value {
    loop {
        let told = client.done("tasks/get", task.clone()).await;
        if told["status"] != status {
            return told;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

fn yes() -> Value {
    accept(json!({ "yes": true }))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_asks_for_what_it_needs_and_keeps_its_result() {
    let (_server, clients) = both().await;
    for (way, mut client) in clients {
        let what = format!("by session task over {way}");
        let created = client.done("tools/call", call("long", json!({ "what": what }))).await["task"].take();
        assert_eq!((&created["status"], &created["ttl"]), (&json!("working"), &json!(60_000)));
        assert!(created["pollInterval"].as_u64().unwrap() > 0, "{created}");
        assert!(created["createdAt"].as_str().unwrap().ends_with('Z'));
        let task = json!({ "taskId": created["taskId"] });
        assert_eq!(when_not(&mut client, &task, "working").await["status"], "input_required");
        assert!(!client.has_heard(QUESTION), "nobody is asked before they ask for the result");
        let result = client.begin("tasks/result", task.clone()).await;
        for _ in 0..2 {
            let question = client.hears(QUESTION).await;
            assert_eq!(question["params"]["_meta"][RELATED], task, "{question}");
            assert_eq!(client.done("tasks/get", task.clone()).await["status"], "input_required");
            client.reply(&question, yes()).await;
        }
        let told = client.answer(result).await["result"].take();
        assert_eq!(told["structuredContent"]["result"], format!("Deleted {what}."), "{told}");
        assert_eq!(told["_meta"][RELATED], task);
        assert_eq!(client.done("tasks/result", task.clone()).await, told, "again the same");
        let shown = client.done("tasks/get", task.clone()).await;
        assert_eq!(shown["status"], "completed");
        assert!(shown.get("_meta").is_none() && shown.get("result").is_none());
        let listed = client.done("tasks/list", json!({})).await;
        assert_eq!(listed, json!({ "tasks": [shown] }));
        assert_eq!(client.refused("tasks/cancel", task.clone()).await, -32602);
        assert_eq!(deleted(&what), 1);
        for status in ["input_required", "completed"] {
            let note = client
                .find(|note| {
                    note["method"] == "notifications/tasks/status" && note["params"]["status"] == status
                })
                .await;
            assert_eq!(note["params"]["taskId"], task["taskId"]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_task_does_nothing_more_and_has_no_result() {
    let (_server, clients) = both().await;
    for (way, mut client) in clients {
        let what = format!("never over {way}");
        let task = begun(&mut client, "long", json!({ "what": what })).await;
        let result = client.begin("tasks/result", task.clone()).await;
        let question = client.hears(QUESTION).await;
        let cancelled = client.done("tasks/cancel", task.clone()).await;
        assert_eq!((&cancelled["status"], &cancelled["taskId"]), (&json!("cancelled"), &task["taskId"]));
        assert_eq!(client.answer(result).await["error"]["code"], -32602);
        let id = &question["id"];
        let taken_back =
            |note: &Value| note["method"] == "notifications/cancelled" && note["params"]["requestId"] == *id;
        client.find(taken_back).await;
        assert_eq!(client.refused("tasks/cancel", task.clone()).await, -32602);
        assert_eq!(client.refused("tasks/result", task.clone()).await, -32602);
        assert_eq!(client.done("tasks/get", task).await["status"], "cancelled");
        assert_eq!(deleted(&what), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_of_tools_are_failures_whose_result_is_the_calls() {
    let (_server, clients) = both().await;
    for (_, mut client) in clients {
        for (fault, kind, words) in [(false, "conflict", "a clash"), (true, "internal", "a fault")] {
            let task = begun(&mut client, "fails", json!({ "fault": fault })).await;
            let told = when_not(&mut client, &task, "working").await;
            assert_eq!(told["status"], "failed");
            assert!(told["statusMessage"].as_str().unwrap().contains(words), "{told}");
            let result = client.done("tasks/result", task).await;
            assert_eq!(result["isError"], true);
            assert_eq!(result["_meta"]["twenty-mcp/error"], kind);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_is_told_with_its_task_to_who_wants_it() {
    let (_server, clients) = both().await;
    for (way, mut client) in clients {
        for wanted in [true, false] {
            let mut call = call("long", json!({ "what": format!("{wanted} progress over {way}") }));
            if wanted {
                call["_meta"] = json!({ "progressToken": "way" });
            }
            let task = client.done("tools/call", call).await["task"]["taskId"].take();
            let result = client.begin("tasks/result", json!({ "taskId": task })).await;
            for _ in 0..2 {
                let question = client.hears(QUESTION).await;
                client.reply(&question, yes()).await;
            }
            assert_eq!(client.answer(result).await["result"]["isError"], false);
            if wanted {
                let note = client.hears("notifications/progress").await;
                assert_eq!(note["params"]["progressToken"], "way");
                assert_eq!(note["params"]["_meta"][RELATED]["taskId"], task);
            }
        }
        client.done("ping", json!({})).await;
        assert!(!client.has_heard("notifications/progress"), "nobody wanted the second");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_the_result_last_is_asked() {
    let (_server, clients) = both().await;
    for (way, mut client) in clients {
        let call = call("later", json!({ "what": format!("last over {way}") }));
        let task = json!({ "taskId": client.done("tools/call", call).await["task"]["taskId"] });
        let first = client.begin("tasks/result", task.clone()).await;
        let lost = client.hears(QUESTION).await;
        // One whose connection was lost comes again.
        let second = client.begin("tasks/result", task.clone()).await;
        let question = client.hears(QUESTION).await;
        let taken_back = client.hears("notifications/cancelled").await;
        assert_eq!(taken_back["params"]["requestId"], lost["id"]);
        // So does one that took its request back.
        client
            .send(json!({
                "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": second },
            }))
            .await;
        let taken_back = client.hears("notifications/cancelled").await;
        assert_eq!(taken_back["params"]["requestId"], question["id"]);
        let question = client.hears(QUESTION).await;
        client.reply(&question, yes()).await;
        let told = client.answer(first).await["result"].take();
        assert_eq!(told["structuredContent"]["result"], format!("Deleted last over {way}."));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_says_no_or_cannot_be_asked_fails_the_task() {
    let (_server, clients) = both().await;
    for (_, mut client) in clients {
        let task = begun(&mut client, "later", json!({ "what": "no" })).await;
        let result = client.begin("tasks/result", task.clone()).await;
        let question = client.hears(QUESTION).await;
        client.reply(&question, json!({ "action": "decline" })).await;
        assert_eq!(client.answer(result).await["result"]["_meta"]["twenty-mcp/error"], "denied");
        assert_eq!(client.done("tasks/get", task).await["status"], "failed");
    }
    let mut mute = Raw::piped(NEWEST, json!({})).await;
    let task = begun(&mut mute, "later", json!({ "what": "no" })).await;
    assert_eq!(mute.done("tasks/result", task).await["_meta"]["twenty-mcp/error"], "denied");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_says_whether_it_is_called_as_a_task() {
    let (_server, clients) = both().await;
    for (_, mut client) in clients {
        let tasks = json!({ "list": {}, "cancel": {}, "requests": { "tools": { "call": {} } } });
        assert_eq!(client.begun["capabilities"]["tasks"], tasks);
        let listed = client.done("tools/list", json!({})).await;
        let support = |name: &str| {
            let tool = listed["tools"].as_array().unwrap().iter().find(|tool| tool["name"] == name).unwrap();
            tool["execution"]["taskSupport"].clone()
        };
        assert_eq!(
            ["long", "later", "fails", "delete"].map(support),
            [json!("required"), json!("optional"), json!("optional"), Value::Null]
        );
        let what = json!({ "what": "never" });
        assert_eq!(client.refused("tools/call", call("delete", what.clone())).await, -32601);
        assert_eq!(client.refused("tools/call", json!({ "name": "long", "arguments": what })).await, -32601);
        assert_eq!(client.refused("tools/call", call("nothing", what)).await, -32602);
        for (task, ttl) in [
            (json!({}), 600_000),
            (json!({ "ttl": 60_000 }), 60_000),
            (json!({ "ttl": 0 }), 1000),
            (json!({ "ttl": u64::MAX }), 600_000),
        ] {
            let call = json!({ "name": "fails", "arguments": { "fault": false }, "task": task });
            assert_eq!(client.done("tools/call", call).await["task"]["ttl"], ttl, "{task}");
        }
        for task in [json!(7), json!({ "ttl": -1 }), json!({ "ttl": "60" })] {
            let call = json!({ "name": "fails", "arguments": { "fault": false }, "task": task });
            assert_eq!(client.refused("tools/call", call).await, -32602, "{task}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn older_revisions_do_not_have_tasks() {
    let server = Server::start().await;
    for revision in ["2025-06-18", "2025-03-26", "2024-11-05"] {
        for mut client in
            [Raw::http(&server, Some("ann"), revision, can()).await, Raw::piped(revision, can()).await]
        {
            assert!(client.begun["capabilities"].get("tasks").is_none(), "{revision}");
            let listed = client.done("tools/list", json!({})).await;
            assert!(listed["tools"].as_array().unwrap().iter().all(|tool| tool.get("execution").is_none()));
            let answer = client.done("tools/call", call("fails", json!({ "fault": false }))).await;
            assert_eq!(answer["isError"], true, "as if nothing had been said of tasks: {answer}");
            for method in ["tasks/get", "tasks/result", "tasks/list", "tasks/cancel", "tasks/update"] {
                assert_eq!(client.refused(method, json!({ "taskId": "x" })).await, -32601, "{method}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_its_callers_in_every_session_and_nobody_elses() {
    let server = Server::start().await;
    let client = async |user| Raw::http(&server, user, NEWEST, can()).await;
    let (mut ann, mut again, mut bob) =
        (client(Some("ann")).await, client(Some("ann")).await, client(Some("bob")).await);
    let (mut nobody, mut other) = (client(None).await, client(None).await);
    let methods = ["tasks/get", "tasks/result", "tasks/cancel"];
    let task = begun(&mut ann, "later", json!({ "what": "kept" })).await;
    assert_eq!(again.done("tasks/get", task.clone()).await["taskId"], task["taskId"]);
    assert_eq!(again.done("tasks/list", json!({})).await["tasks"][0]["taskId"], task["taskId"]);
    for stranger in [&mut bob, &mut nobody] {
        for method in methods {
            assert_eq!(stranger.refused(method, task.clone()).await, -32602, "{method}");
        }
        assert_eq!(stranger.done("tasks/list", json!({})).await, json!({ "tasks": [] }));
    }
    let (_, stateless) = server
        .post_as("ann", json!({ "extensions": { "io.modelcontextprotocol/tasks": {} } }), "tasks/get", task)
        .await;
    assert_eq!(stateless["error"]["code"], -32602, "a session's task is of sessions alone");

    // Whom nothing else tells from others is known by the session.
    let task = begun(&mut nobody, "later", json!({ "what": "kept" })).await;
    assert_eq!(nobody.done("tasks/list", json!({})).await["tasks"][0]["taskId"], task["taskId"]);
    for method in methods {
        assert_eq!(other.refused(method, task.clone()).await, -32602, "{method}");
    }
    assert_eq!(other.done("tasks/list", json!({})).await, json!({ "tasks": [] }));
    assert_eq!(deleted("kept"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_are_listed_in_pages_the_newest_first_and_bounded() {
    let server = Server::start().await;
    let mut client = Raw::http(&server, Some("cy"), NEWEST, can()).await;
    let mut begun_ids = Vec::new();
    for _ in 0..100 {
        begun_ids.insert(0, begun(&mut client, "later", json!({ "what": "many" })).await["taskId"].take());
    }
    assert_eq!(client.refused("tools/call", call("later", json!({ "what": "many" }))).await, -32603);
    let mut page = client.done("tasks/list", json!({})).await;
    let mut listed = page["tasks"].as_array_mut().unwrap().split_off(0);
    assert_eq!(listed.len(), 50);
    let mut rest = client.done("tasks/list", json!({ "cursor": page["nextCursor"] })).await;
    assert!(rest.get("nextCursor").is_none());
    listed.append(rest["tasks"].as_array_mut().unwrap());
    let ids: Vec<Value> = listed.into_iter().map(|mut task| task["taskId"].take()).collect();
    assert_eq!(ids, begun_ids);
    for cursor in [json!("nothing"), json!(7)] {
        assert_eq!(client.refused("tasks/list", json!({ "cursor": cursor })).await, -32602);
    }
}
