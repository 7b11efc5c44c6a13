//! Calls that go on as tasks, for clients of the stateless revision that know them.

use super::{Server, accept, tools::deleted};
use serde_json::{Value, json};
use std::time::Duration;

const TASKS: &str = "io.modelcontextprotocol/tasks";

/// A request of a client that knows tasks; the result.
async fn ask(server: &Server, user: &str, method: &str, params: Value) -> Value {
    let can = json!({ "elicitation": {}, "extensions": { TASKS: {} } });
    let (_, answer) = server.post_as(user, can, method, params).await;
    if answer["error"].is_object() { answer["error"].clone() } else { answer["result"].clone() }
}

/// How a task stands when it is no longer as it was.
async fn when_not(server: &Server, task: &str, status: &str) -> Value {
    for _ in 0..200 {
        let told = ask(server, "ann", "tasks/get", json!({ "taskId": task })).await;
        if told["status"] != status {
            return told;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{task} stays {status}");
}

async fn begun(server: &Server, tool: &str, arguments: Value) -> String {
    let task = ask(server, "ann", "tools/call", json!({ "name": tool, "arguments": arguments })).await;
    assert_eq!(task["resultType"], "task", "{task}");
    task["taskId"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_waits_for_its_answers_and_keeps_its_result() {
    let server = Server::start().await;
    let call = json!({ "name": "long", "arguments": { "what": "by task" } });
    let task = ask(&server, "ann", "tools/call", call).await;
    assert_eq!((&task["resultType"], &task["status"]), (&json!("task"), &json!("working")));
    for absent in ["task", "result", "error", "inputRequests", "requestState"] {
        assert!(task.get(absent).is_none(), "{absent}");
    }
    assert!(task["ttlMs"].as_u64().unwrap() > 0 && task["createdAt"].as_str().unwrap().ends_with('Z'));
    let id = task["taskId"].as_str().unwrap();
    // Who looks in between sees the first question alone.
    let told = loop {
        let told = when_not(&server, id, "working").await;
        assert_eq!(told["status"], "input_required");
        if told["inputRequests"].as_object().unwrap().len() > 1 {
            break told;
        }
    };
    assert_eq!(told["inputRequests"].as_object().unwrap().keys().collect::<Vec<_>>(), ["first", "second"]);

    let yes = accept(json!({ "yes": true }));
    for (answers, left) in [
        (json!({ "first": 12345, "other": yes }), 2),
        (json!({ "first": yes }), 1),
        (json!({ "first": yes }), 1),
    ] {
        let update = json!({ "taskId": id, "inputResponses": answers });
        let ack = ask(&server, "ann", "tasks/update", update).await;
        assert_eq!(ack["resultType"], "complete", "{ack}");
        assert!(ack.get("taskId").is_none() && ack.get("status").is_none());
        let told = ask(&server, "ann", "tasks/get", json!({ "taskId": id })).await;
        assert_eq!(told["inputRequests"].as_object().unwrap().len(), left, "{answers}");
    }
    let update = json!({ "taskId": id, "inputResponses": { "second": yes } });
    ask(&server, "ann", "tasks/update", update).await;
    for _ in 0..2 {
        let told = when_not(&server, id, "working").await;
        assert_eq!(told["status"], "completed", "{told}");
        assert_eq!(told["result"]["structuredContent"]["result"], "Deleted by task.");
    }
    assert_eq!(deleted("by task"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_nobody_elses() {
    let server = Server::start().await;
    let id = begun(&server, "long", json!({ "what": "own" })).await;
    for (user, method, id) in [
        ("bob", "tasks/get", id.as_str()),
        ("bob", "tasks/cancel", &id),
        ("bob", "tasks/update", &id),
        ("ann", "tasks/get", "nothing"),
    ] {
        let params = json!({ "taskId": id, "inputResponses": {} });
        let refused = ask(&server, user, method, params).await;
        assert_eq!(refused["code"], -32602, "{user} {method}");
    }
    assert_eq!(when_not(&server, &id, "working").await["status"], "input_required");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_task_does_nothing_more() {
    let server = Server::start().await;
    let id = begun(&server, "long", json!({ "what": "cancelled" })).await;
    for _ in 0..2 {
        let ack = ask(&server, "ann", "tasks/cancel", json!({ "taskId": id })).await;
        assert_eq!(ack["resultType"], "complete");
    }
    let yes = accept(json!({ "yes": true }));
    let update = json!({ "taskId": id, "inputResponses": { "first": yes, "second": yes } });
    ask(&server, "ann", "tasks/update", update).await;
    let told = ask(&server, "ann", "tasks/get", json!({ "taskId": id })).await;
    assert_eq!(told["status"], "cancelled");
    assert!(told.get("result").is_none() && told.get("inputRequests").is_none());
    assert_eq!(deleted("cancelled"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_asks_first_becomes_a_task_when_it_acts() {
    let server = Server::start().await;
    let call = |more: Value| {
        let mut call = json!({ "name": "later", "arguments": { "what": "later" } });
        call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        call
    };
    let first = ask(&server, "ann", "tools/call", call(json!({}))).await;
    assert_eq!(first["resultType"], "input_required", "{first}");
    assert!(first.get("taskId").is_none());
    let answers = json!({ "sure": accept(json!({ "yes": true })) });
    let retry = call(json!({ "inputResponses": answers, "requestState": first["requestState"] }));
    let task = ask(&server, "ann", "tools/call", retry.clone()).await;
    assert_eq!(task["resultType"], "task", "{task}");
    assert!(task.get("requestState").is_none());
    let told = when_not(&server, task["taskId"].as_str().unwrap(), "working").await;
    assert_eq!(told["result"]["structuredContent"]["result"], "Deleted later.");
    assert_eq!(ask(&server, "ann", "tools/call", retry).await["code"], -32602, "once");
    assert_eq!(deleted("later"), 1);

    // Who does not know tasks waits.
    let arguments = json!({ "what": "waited for" });
    let first = server.call(json!({ "name": "later", "arguments": arguments })).await;
    let answers = json!({ "sure": accept(json!({ "yes": true })) });
    let done = server.call(json!({
        "name": "later", "arguments": arguments, "inputResponses": answers, "requestState": first["requestState"],
    }));
    assert_eq!(done.await["structuredContent"]["result"], "Deleted waited for.");
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_of_tools_are_results_and_faults_are_failures() {
    let server = Server::start().await;
    let told = when_not(&server, &begun(&server, "fails", json!({ "fault": false })).await, "working").await;
    assert_eq!((&told["status"], &told["result"]["isError"]), (&json!("completed"), &json!(true)));
    let told = when_not(&server, &begun(&server, "fails", json!({ "fault": true })).await, "working").await;
    assert_eq!((&told["status"], &told["error"]["code"]), (&json!("failed"), &json!(-32603)));
    assert!(told.get("result").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_do_not_know_tasks_are_told() {
    let server = Server::start().await;
    let lacks = json!({ "extensions": { TASKS: {} } });
    let (_, refused) =
        server.post("ann", "tools/call", json!({ "name": "long", "arguments": { "what": "x" } })).await;
    assert_eq!(refused["error"]["code"], -32021);
    assert_eq!(refused["error"]["data"]["requiredCapabilities"], lacks);
    for method in ["tasks/get", "tasks/update", "tasks/cancel"] {
        let params = json!({ "taskId": "x", "inputResponses": {} });
        let (status, refused) = server.post("ann", method, params).await;
        assert_eq!((status, &refused["error"]["code"]), (400, &json!(-32021)), "{method}");
    }
    for method in ["tasks/list", "tasks/result"] {
        let (status, refused) = server.post("ann", method, json!({})).await;
        assert_eq!((status, &refused["error"]["code"]), (404, &json!(-32601)), "{method}");
    }
    let offered = server.call(json!({ "name": "fails", "arguments": { "fault": false } })).await;
    assert_eq!(offered["isError"], true, "what is only offered is waited for");
    let (_, discovered) = server.post("ann", "server/discover", json!({})).await;
    assert_eq!(discovered["result"]["capabilities"]["extensions"], lacks["extensions"]);
}

/// Subscribes, and gives the answer whose body goes on.
async fn listen(server: &Server, user: &str, can: Value, filter: Value) -> reqwest::Response {
    let params = json!({ "notifications": filter, "_meta": {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": can,
    } });
    let body = json!({ "jsonrpc": "2.0", "id": "ear", "method": "subscriptions/listen", "params": params });
    let request = reqwest::Client::new().post(server.url()).header("x-user", user);
    let request =
        request.header("content-type", "application/json").header("mcp-method", "subscriptions/listen");
    request.header("mcp-protocol-version", "2026-07-28").body(body.to_string()).send().await.unwrap()
}

/// The next message of a subscription.
async fn heard(stream: &mut reqwest::Response, read: &mut Vec<u8>) -> Value {
    loop {
        if let Some(end) = read.windows(2).position(|here| here == b"\n\n") {
            let event: Vec<u8> = read.drain(..end + 2).collect();
            let Some(data) = event.strip_prefix(b"data: ") else { continue };
            return serde_json::from_slice(data).unwrap();
        }
        let more = tokio::time::timeout(Duration::from_secs(60), stream.chunk()).await.unwrap();
        read.extend_from_slice(&more.unwrap().unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_is_told_how_its_callers_tasks_stand() {
    let server = Server::start().await;
    let id = begun(&server, "long", json!({ "what": "followed" })).await;
    let knows = json!({ "elicitation": {}, "extensions": { TASKS: {} } });
    let (mut stream, mut read) =
        (listen(&server, "ann", knows.clone(), json!({ "taskIds": [id, "nothing"] })).await, Vec::new());
    let acknowledged = heard(&mut stream, &mut read).await;
    assert_eq!(acknowledged["params"]["notifications"], json!({ "taskIds": [id] }));
    let yes = accept(json!({ "yes": true }));
    let mut statuses = Vec::new();
    let done = loop {
        let told = heard(&mut stream, &mut read).await;
        assert_eq!(told["method"], "notifications/tasks");
        let mut told = told["params"].clone();
        let meta = told.as_object_mut().unwrap().remove("_meta").unwrap();
        assert_eq!(meta["io.modelcontextprotocol/subscriptionId"], "ear");
        assert_eq!(told["taskId"], id);
        statuses.push(told["status"].as_str().unwrap().to_owned());
        if told["status"] == "completed" {
            break told;
        }
        for name in told["inputRequests"].as_object().iter().flat_map(|open| open.keys()) {
            let update = json!({ "taskId": id, "inputResponses": { (name.as_str()): yes } });
            ask(&server, "ann", "tasks/update", update).await;
        }
    };
    assert!(statuses.contains(&"input_required".to_owned()), "{statuses:?}");
    let mut asked = ask(&server, "ann", "tasks/get", json!({ "taskId": id })).await;
    asked.as_object_mut().unwrap().retain(|name, _| name != "_meta" && name != "resultType");
    assert_eq!(done, asked, "it is told what it would be told if it asked");

    let mut stream = listen(&server, "bob", knows.clone(), json!({ "taskIds": [id] })).await;
    let acknowledged = heard(&mut stream, &mut Vec::new()).await;
    assert_eq!(acknowledged["params"]["notifications"], json!({}), "another's task is none");
    for (can, filter, code) in [
        (json!({}), json!({ "taskIds": [id] }), -32021),
        (knows.clone(), json!({ "taskIds": id }), -32602),
        (knows, json!({ "taskIds": [7] }), -32602),
    ] {
        let refused = listen(&server, "ann", can, filter).await;
        assert_eq!(refused.status(), 400);
        let told: Value = serde_json::from_str(&refused.text().await.unwrap()).unwrap();
        assert_eq!(told["error"]["code"], code);
    }
}
