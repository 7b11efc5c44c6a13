//! Callers with a session: questions are requests of the server, over HTTP and over pipes.

use super::{Person, Server, registry, tools::deleted};
use crate::support::inside::{OverPipe, async_pipe};
use rmcp::{
    RoleClient, ServiceExt, model::CallToolRequestParams, service::RunningService,
    transport::StreamableHttpClientTransport,
};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

type Client = RunningService<RoleClient, Person>;

async fn over_pipes(person: &Person) -> (OverPipe, Client) {
    let (client, server) = async_pipe(registry());
    (server, person.clone().serve(tokio::io::split(client)).await.unwrap())
}

async fn over_http(server: &Server, person: &Person) -> Client {
    person.clone().serve(StreamableHttpClientTransport::from_uri(server.url().to_owned())).await.unwrap()
}

async fn call(client: &Client, tool: &'static str, arguments: Value) -> Value {
    let arguments = arguments.as_object().cloned().unwrap();
    let called = CallToolRequestParams::new(tool).with_arguments(arguments);
    serde_json::to_value(client.call_tool(called).await.unwrap()).unwrap()
}

fn everything() -> Person {
    Person::new(json!({ "elicitation": { "form": {}, "url": {} }, "sampling": {}, "roots": {} }))
}

async fn is_asked(client: &Client, person: &Person, what: &str) {
    let many = call(client, "many", json!({})).await;
    assert_eq!(many["structuredContent"]["result"], "Good day, Ada, from file:///test/root");
    assert_eq!(person.asked().len(), 3);
    let steps = call(client, "steps", json!({})).await;
    assert_eq!(steps["structuredContent"]["result"], "Ada of Ada");
    assert_eq!(call(client, "delete", json!({ "what": what })).await["isError"], false);
    assert_eq!(call(client, "guarded", json!({ "what": what })).await["isError"], false);
    assert_eq!(deleted(what), 2);
    let own = call(client, "own", json!({ "page": false })).await;
    assert_eq!(own["structuredContent"], json!({ "name": "Ada" }), "only what was asked");
    assert_eq!(call(client, "own", json!({ "page": true })).await["isError"], false);
    let page = person.asked().pop().unwrap();
    let picked = call(client, "pick", json!({ "what": "apple" })).await;
    assert_eq!(picked["structuredContent"]["result"], "Took 2.");
    assert_eq!((&page["mode"], &page["url"]), (&json!("url"), &json!("https://id.example/go")));
    assert!(!page["elicitationId"].as_str().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_asked_on_the_way() {
    let (server, person) = (Server::start().await, everything());
    is_asked(&over_http(&server, &person).await, &person, "by http").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pipes_are_asked_on_the_way() {
    let person = everything();
    let (_server, client) = over_pipes(&person).await;
    is_asked(&client, &person, "by pipes").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_cannot_be_asked_is_told_in_words() {
    let person = Person::new(json!({}));
    let (_server, client) = over_pipes(&person).await;
    for tool in ["delete", "guarded"] {
        let refused = call(&client, tool, json!({ "what": "lacking in session" })).await;
        assert_eq!(refused["isError"], true);
        let text = refused["content"][0]["text"].as_str().unwrap();
        assert!(text.contains("must be able to show a form to its user"), "{text}");
        assert_eq!(refused["_meta"]["twenty-mcp/error"], "denied");
    }
    assert_eq!((deleted("lacking in session"), person.asked().len()), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_cancelled_takes_its_question_back() {
    let (client, _server) = async_pipe(registry());
    let (read, mut write) = client.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut tell = async |message: Value| write.write_all(format!("{message}\n").as_bytes()).await.unwrap();
    let mut hear =
        async || -> Value { serde_json::from_str(&lines.next_line().await.unwrap().unwrap()).unwrap() };
    tell(json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": { "elicitation": {} },
        "clientInfo": { "name": "raw", "version": "1" },
    } }))
    .await;
    hear().await;
    tell(json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
    let wait = json!({ "name": "wait", "arguments": {} });
    tell(json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": wait })).await;
    let question = hear().await;
    assert_eq!(question["method"], "elicitation/create");
    tell(json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": 2 } }))
        .await;
    let taken_back = hear().await;
    assert_eq!(taken_back["method"], "notifications/cancelled");
    assert_eq!(taken_back["params"]["requestId"], question["id"]);
}
