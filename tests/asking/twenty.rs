//! Twenty through the binary: a name that several records have is asked for, changes are approved, long ones are tasks.

use super::{Person, accept, stateless_request};
use crate::support::running::Running;
use rmcp::{ServiceExt, model::CallToolRequestParams, transport::StreamableHttpClientTransport};
use serde_json::{Value, json};

type Session = rmcp::service::RunningService<rmcp::RoleClient, Person>;

async fn session(server: &Running, person: &Person) -> Session {
    person.clone().serve(StreamableHttpClientTransport::from_uri(server.mcp())).await.unwrap()
}

async fn call(session: &Session, tool: &'static str, arguments: Value) -> Value {
    let arguments = arguments.as_object().cloned().unwrap();
    let called = CallToolRequestParams::new(tool).with_arguments(arguments);
    serde_json::to_value(session.call_tool(called).await.unwrap()).unwrap()
}

/// Two companies of one name; their ids.
async fn twins(session: &Session, name: &str) -> [String; 2] {
    let mut ids = Vec::new();
    for _ in 0..2 {
        let made = call(session, "create_company", json!({ "name": name })).await;
        ids.push(made["structuredContent"]["id"].as_str().unwrap().to_owned());
    }
    ids.try_into().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_of_several_is_asked_for_where_the_client_can() {
    let server = Running::start(&["--sandbox"]);
    let (able, unable) = (Person::new(json!({ "elicitation": {} })), Person::new(json!({})));
    let (asked, told) = (session(&server, &able).await, session(&server, &unable).await);
    let twins = twins(&told, "Twin Works").await;

    let ambiguous = call(&told, "get_company", json!({ "id": "Twin Works" })).await;
    assert_eq!(ambiguous["_meta"]["twenty-mcp/error"], "ambiguous");

    let found = call(&asked, "get_company", json!({ "id": "Twin Works" })).await;
    let question = able.asked().pop().unwrap();
    assert!(question["message"].as_str().unwrap().contains("`Twin Works` could be any of 2 companies"));
    let options = question["requestedSchema"]["properties"]["which"]["oneOf"].as_array().unwrap();
    let ids: Vec<&str> = options.iter().map(|option| option["const"].as_str().unwrap()).collect();
    assert!(twins.iter().all(|twin| ids.contains(&twin.as_str())), "{options:?}");
    assert_eq!(found["structuredContent"]["id"], ids[1], "the user chose the last one");

    let contact = json!({ "firstName": "Ada", "lastName": "Twin", "companyId": "Twin Works" });
    let made = call(&asked, "create_contact", contact.clone()).await;
    assert_eq!(made["isError"], false, "{made}");
    assert_eq!(able.asked().len(), 2);
    assert_eq!(call(&told, "create_contact", contact).await["_meta"]["twenty-mcp/error"], "ambiguous");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stateless_client_is_asked_which_and_whether() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.yaml");
    let yaml = "tools: { twenty: { approve: destroy, tools: { destroy_records: { enabled: true } } } }\n";
    std::fs::write(&file, yaml).unwrap();
    let server = Running::start(&["--sandbox", "--config", file.to_str().unwrap()]);
    let person = Person::new(json!({}));
    let session = session(&server, &person).await;
    let twins = twins(&session, "Twin Stateless").await;
    let can = json!({ "elicitation": {} });
    let ask = async |params: Value| {
        let (status, answer) =
            stateless_request(&server.mcp(), "nobody", can.clone(), "tools/call", params).await;
        assert_eq!(status, 200, "{answer}");
        answer["result"].clone()
    };
    let mut get = json!({ "name": "get_company", "arguments": { "id": "Twin Stateless" } });
    let first = ask(get.clone()).await;
    assert!(first["inputRequests"]["twenty-mcp/choose.1"].is_object(), "{first}");
    get["inputResponses"] = json!({ "twenty-mcp/choose.1": accept(json!({ "which": twins[0] })) });
    get["requestState"] = first["requestState"].clone();
    assert_eq!(ask(get).await["structuredContent"]["id"], json!(twins[0]));

    // Planned before, so that a plan's token is not used up by a call that ends with a question.
    let mut destroy =
        json!({ "name": "destroy_records", "arguments": { "object": "company", "ids": [twins[1]] } });
    let mut plan = destroy.clone();
    plan["arguments"]["plan"] = json!(true);
    let planned = ask(plan).await;
    assert_eq!(planned["resultType"], "complete", "who only plans is not asked: {planned}");
    destroy["arguments"]["planToken"] = planned["structuredContent"]["plan"]["planToken"].clone();
    let first = ask(destroy.clone()).await;
    let question = &first["inputRequests"]["twenty-mcp/approve"]["params"]["message"];
    assert!(question.as_str().unwrap().contains("Allow `destroy_records`?"), "{first}");
    destroy["inputResponses"] = json!({ "twenty-mcp/approve": accept(json!({ "allow": true })) });
    destroy["requestState"] = first["requestState"].clone();
    let done = ask(destroy).await;
    assert_eq!(done["isError"], false, "{done}");
    let gone = call(&session, "get_company", json!({ "id": twins[1] })).await;
    assert_eq!(gone["_meta"]["twenty-mcp/error"], "not_found");
    let refused = json!({ "object": "company", "ids": [twins[0]] });
    let refused = call(&session, "destroy_records", refused).await;
    assert!(refused["content"][0]["text"].as_str().unwrap().contains("show a form to its user"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_takes_long_is_a_task_for_those_who_know_tasks() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.yaml");
    std::fs::write(&file, "tools: { twenty: { sandbox: { latency_ms: 900 } } }\n").unwrap();
    let server = Running::start(&["--sandbox", "--config", file.to_str().unwrap()]);
    let can = json!({ "extensions": { "io.modelcontextprotocol/tasks": {} } });
    let ask = async |method: &str, params: Value| {
        stateless_request(&server.mcp(), "nobody", can.clone(), method, params).await.1["result"].clone()
    };
    let records: Vec<Value> = (0..25).map(|at| json!({ "name": format!("Task {at}") })).collect();
    let create =
        json!({ "name": "create_records", "arguments": { "object": "company", "records": records } });
    let task = ask("tools/call", create).await;
    assert_eq!(task["resultType"], "task", "{task}");
    let told = loop {
        let told = ask("tasks/get", json!({ "taskId": task["taskId"] })).await;
        if told["status"] != "working" {
            break told;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    };
    assert_eq!(told["status"], "completed", "{told}");
    assert_eq!(told["result"]["structuredContent"]["changed"], 25);
}
