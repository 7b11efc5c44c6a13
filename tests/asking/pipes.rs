//! The stateless revision over pipes: asked by replay, told on the way, and answered with tasks.

use super::{accept, registry, tools::deleted};
use crate::support::inside::{OverPipe, async_pipe};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    net::unix::{OwnedReadHalf, OwnedWriteHalf},
};

/// A client that can be asked and knows tasks.
struct Client {
    lines: Lines<BufReader<OwnedReadHalf>>,
    write: OwnedWriteHalf,
    _server: OverPipe,
}

impl Client {
    fn new() -> Self {
        let (client, server) = async_pipe(registry());
        let (read, write) = client.into_split();
        Self { lines: BufReader::new(read).lines(), write, _server: server }
    }

    async fn send(&mut self, message: Value) {
        self.write.write_all(format!("{message}\n").as_bytes()).await.unwrap();
    }

    async fn begin(&mut self, id: u32, method: &str, mut params: Value) {
        let meta = &mut params["_meta"];
        meta["io.modelcontextprotocol/protocolVersion"] = json!("2026-07-28");
        meta["io.modelcontextprotocol/clientCapabilities"] =
            json!({ "elicitation": {}, "extensions": { "io.modelcontextprotocol/tasks": {} } });
        self.send(json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })).await;
    }

    async fn next(&mut self) -> Value {
        serde_json::from_str(&self.lines.next_line().await.unwrap().unwrap()).unwrap()
    }

    /// The answer to a request that nothing is told beside.
    async fn ask(&mut self, method: &str, params: Value) -> Value {
        self.begin(1, method, params).await;
        let answer = self.next().await;
        assert_eq!(answer["id"], 1, "{answer}");
        answer
    }

    /// How a task stands when it stands so.
    async fn when(&mut self, task: &str, status: &str) -> Value {
        loop {
            let told = self.ask("tasks/get", json!({ "taskId": task })).await["result"].take();
            if told["status"] == status {
                return told;
            }
            assert_eq!(told["status"], "working", "{told}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_lead_to_one_effect() {
    let mut client = Client::new();
    let arguments = json!({ "what": "by stateless pipes" });
    let first = client.ask("tools/call", json!({ "name": "delete", "arguments": arguments })).await;
    assert_eq!(first["result"]["resultType"], "input_required", "{first}");
    assert_eq!(first["result"]["inputRequests"]["sure"]["method"], "elicitation/create");
    let answers = json!({ "sure": accept(json!({ "yes": true })) });
    let state = &first["result"]["requestState"];
    let retry =
        json!({ "name": "delete", "arguments": arguments, "inputResponses": answers, "requestState": state });
    let done = client.ask("tools/call", retry.clone()).await;
    assert_eq!(done["result"]["structuredContent"]["result"], "Deleted by stateless pipes.", "{done}");
    assert_eq!(client.ask("tools/call", retry).await["error"]["code"], -32602);
    assert_eq!(deleted("by stateless pipes"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_asked_and_keeps_its_result() {
    let mut client = Client::new();
    let call = json!({ "name": "long", "arguments": { "what": "by piped task" } });
    let task = client.ask("tools/call", call).await["result"].take();
    assert_eq!((&task["resultType"], &task["status"]), (&json!("task"), &json!("working")), "{task}");
    let id = task["taskId"].as_str().unwrap();
    // Who looks in between sees the first question alone.
    let told = loop {
        let told = client.when(id, "input_required").await;
        if told["inputRequests"].as_object().unwrap().len() > 1 {
            break told;
        }
    };
    assert_eq!(told["inputRequests"].as_object().unwrap().keys().collect::<Vec<_>>(), ["first", "second"]);
    let yes = accept(json!({ "yes": true }));
    let answers = json!({ "taskId": id, "inputResponses": { "first": yes, "second": yes } });
    assert_eq!(client.ask("tasks/update", answers).await["result"]["resultType"], "complete");
    let told = client.when(id, "completed").await;
    assert_eq!(told["result"]["structuredContent"]["result"], "Deleted by piped task.");
    assert_eq!(deleted("by piped task"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_is_cancelled_does_nothing_more() {
    let mut client = Client::new();
    let call = json!({ "name": "long", "arguments": { "what": "by nobody over pipes" } });
    let task = client.ask("tools/call", call).await["result"].take();
    let id = task["taskId"].as_str().unwrap();
    client.when(id, "input_required").await;
    assert_eq!(client.ask("tasks/cancel", json!({ "taskId": id })).await["result"]["resultType"], "complete");
    client.when(id, "cancelled").await;
    assert_eq!(client.ask("tasks/get", json!({ "taskId": "nobody" })).await["error"]["code"], -32602);
    assert_eq!(deleted("by nobody over pipes"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_asks_first_becomes_a_task_when_it_acts() {
    let mut client = Client::new();
    let arguments = json!({ "what": "later over pipes" });
    let first = client.ask("tools/call", json!({ "name": "later", "arguments": arguments })).await;
    assert_eq!(first["result"]["resultType"], "input_required", "{first}");
    let answers = json!({ "sure": accept(json!({ "yes": true })) });
    let state = &first["result"]["requestState"];
    let retry =
        json!({ "name": "later", "arguments": arguments, "inputResponses": answers, "requestState": state });
    let task = client.ask("tools/call", retry).await["result"].take();
    assert_eq!(task["resultType"], "task", "{task}");
    let told = client.when(task["taskId"].as_str().unwrap(), "completed").await;
    assert_eq!(told["result"]["structuredContent"]["result"], "Deleted later over pipes.");
    assert_eq!(deleted("later over pipes"), 1);
}
