//! `hello` over every way in: sessions, the stateless revision, stdio.

use crate::support::{piped::answers_of, recording::stdio::Piped, running::Running};
use rmcp::{
    RoleClient, ServiceExt,
    model::{CallToolRequestParams, CallToolResult},
    service::RunningService,
    transport::{StreamableHttpClientTransport, TokioChildProcess},
};
use serde_json::{Value, json};

type Client = RunningService<RoleClient, ()>;

async fn over_http(server: &Running) -> Client {
    ().serve(StreamableHttpClientTransport::from_uri(server.mcp())).await.unwrap()
}

async fn over_stdio(piped: &Piped) -> Client {
    let folder = tempfile::tempdir().unwrap();
    let mut command = piped.command(&[]);
    command.current_dir(folder.path()).env_clear().env("HOME", folder.path());
    ().serve(TokioChildProcess::new(command).unwrap()).await.unwrap()
}

async fn call(client: &Client, tool: &'static str, arguments: Value) -> CallToolResult {
    let arguments = arguments.as_object().cloned().unwrap();
    client.call_tool(CallToolRequestParams::new(tool).with_arguments(arguments)).await.unwrap()
}

fn text(result: &CallToolResult) -> String {
    serde_json::to_value(result).unwrap()["content"][0]["text"].as_str().unwrap().to_owned()
}

async fn greets(client: Client) {
    let tools = client.list_all_tools().await.unwrap();
    let hello = serde_json::to_value(tools.iter().find(|tool| tool.name == "hello").unwrap()).unwrap();
    assert_eq!(hello["description"], "Greet somebody by name.");
    assert_eq!(hello["inputSchema"]["properties"]["name"]["type"], "string");
    assert_eq!(hello["inputSchema"]["additionalProperties"], false);
    assert_eq!(hello["outputSchema"]["type"], "object");
    assert_eq!(hello["annotations"]["readOnlyHint"], true);

    let result = call(&client, "hello", json!({ "name": "Ada" })).await;
    assert_eq!(text(&result), "Hello, Ada!");
    assert_eq!(result.structured_content, Some(json!({ "result": "Hello, Ada!" })));

    let wrong = call(&client, "hello", json!({ "nmae": "Ada" })).await;
    assert_eq!(wrong.is_error, Some(true));
    assert!(text(&wrong).contains("did you mean `name`?"), "{}", text(&wrong));

    let unknown = client.call_tool(CallToolRequestParams::new("helo")).await.unwrap_err().to_string();
    assert!(unknown.contains("Unknown tool: helo") && unknown.contains("hello"), "{unknown}");
    client.cancel().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn hello_over_http() {
    let server = Running::start(&[]);
    greets(over_http(&server).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hello_over_stdio() {
    let piped = Piped::new();
    greets(over_stdio(&piped).await).await;
    assert_eq!(piped.sent().len(), 5);
}

#[test]
fn stdout_carries_nothing_but_protocol() {
    let initialize = json!({
        "jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": {
            "protocolVersion": "2025-11-25", "capabilities": {},
            "clientInfo": { "name": "raw", "version": "1" },
        },
    });
    let lines = [
        initialize,
        json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }),
        json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call",
            "params": { "name": "hello", "arguments": { "name": "Bo" } } }),
    ];
    let asked: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let (output, sent) = answers_of(&["--verbose"], &asked);
    assert!(output.status.success());
    let stdout = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<Value> = stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((answers.len(), sent.len()), (2, 2), "{stdout}");
    assert!(answers.iter().all(|answer| answer["jsonrpc"] == "2.0"));
    assert!(stdout.contains("Hello, Bo!"));
}

/// One request in a revision's own form; status and the answer, whether it came as JSON or as an event.
async fn post(server: &Running, headers: &[(&str, &str)], body: &Value) -> (u16, Value) {
    let mut request = reqwest::Client::new()
        .post(server.mcp())
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.body(body.to_string()).send().await.unwrap();
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    let json =
        text.lines().rev().find_map(|line| serde_json::from_str(line.trim_start_matches("data: ")).ok());
    (status, json.unwrap_or(Value::String(text)))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stateless_revision_needs_no_session() {
    let server = Running::start(&[]);
    let body = json!({
        "jsonrpc": "2.0", "id": "a", "method": "tools/call",
        "params": {
            "name": "hello", "arguments": { "name": "Eve" },
            "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": {},
                "io.modelcontextprotocol/clientInfo": { "name": "raw", "version": "1" },
            },
        },
    });
    let headers =
        [("mcp-protocol-version", "2026-07-28"), ("mcp-method", "tools/call"), ("mcp-name", "hello")];
    let (status, answer) = post(&server, &headers, &body).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["id"], "a");
    assert_eq!(answer["result"]["structuredContent"]["result"], "Hello, Eve!");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_session_is_not_found() {
    let server = Running::start(&[]);
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
    let (status, answer) =
        post(&server, &[("mcp-session-id", "nobody"), ("mcp-protocol-version", "2025-11-25")], &body).await;
    assert_eq!(status, 404, "{answer}");
    let delete = reqwest::Client::new().delete(server.mcp()).header("mcp-session-id", "nobody").send().await;
    assert_eq!(delete.unwrap().status().as_u16(), 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_renames_describes_and_fixes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("c.yaml");
    let yaml = "tools: { hello: { name: greet, describe: Say hello to Ada., fixed: { name: Ada } } }\n";
    std::fs::write(&file, yaml).unwrap();
    let server = Running::start(&["--config", file.to_str().unwrap()]);
    let client = over_http(&server).await;
    let tools = serde_json::to_value(client.list_all_tools().await.unwrap()).unwrap();
    assert_eq!(tools[0]["name"], "greet");
    assert_eq!(tools[0]["description"], "Say hello to Ada.");
    assert_eq!(tools[0]["inputSchema"]["properties"], json!({}));
    assert_eq!(text(&call(&client, "greet", json!({})).await), "Hello, Ada!");
    let twice = call(&client, "greet", json!({ "name": "Bo" })).await;
    assert_eq!(twice.is_error, Some(true), "a fixed argument cannot be given");
}
