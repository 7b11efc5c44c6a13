//! The rmcp client over HTTP and stdio, in each of its ways to begin: tools are listed and called, it is asked, hears how
//! a long call gets on, and takes it back.

use super::{LONG, is_let_go, long};
use crate::support::{recording::stdio::Piped, running::Running};
use rmcp::{
    ClientHandler, ErrorData, RoleClient,
    model::{
        CallToolRequestParams, ClientConfig, ElicitRequestParams, ElicitResult, ProgressNotificationParam,
        ProtocolVersion,
    },
    service::{ClientLifecycleMode, ClientServiceExt, NotificationContext, RequestContext, RunningService},
    transport::{StreamableHttpClientTransport, TokioChildProcess},
};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// How many records a call makes that is taken back.
const MANY: u32 = 5000;

/// A client whose user takes the last of what there is to choose from.
#[derive(Clone, Default)]
struct Person {
    asked: Arc<Mutex<Vec<String>>>,
    heard: Arc<Mutex<Vec<f64>>>,
    told: Arc<Notify>,
}

impl ClientHandler for Person {
    fn get_info(&self) -> ClientConfig {
        let info = json!({
            "protocolVersion": "2025-11-25", "capabilities": { "elicitation": { "form": {} } },
            "clientInfo": { "name": "rmcp", "version": "1" },
        });
        serde_json::from_value(info).unwrap()
    }

    async fn create_elicitation(
        &self,
        asked: ElicitRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        let asked = serde_json::to_value(asked).unwrap();
        self.asked.lock().unwrap().push(asked["message"].as_str().unwrap().to_owned());
        let options = asked["requestedSchema"]["properties"]["which"]["oneOf"].as_array().unwrap();
        let content = json!({ "which": options.last().unwrap()["const"] });
        Ok(serde_json::from_value(json!({ "action": "accept", "content": content })).unwrap())
    }

    async fn on_progress(&self, told: ProgressNotificationParam, _: NotificationContext<RoleClient>) {
        self.heard.lock().unwrap().push(told.progress);
        // Each note has a task of its own: one of an earlier call may come late.
        if told.total == Some(f64::from(MANY)) {
            self.told.notify_one();
        }
    }
}

/// How a client begins, by name.
fn beginnings() -> [ClientLifecycleMode; 3] {
    let preferred_versions = vec![ProtocolVersion::V_2026_07_28];
    [
        ClientLifecycleMode::Initialize,
        ClientLifecycleMode::Discover { preferred_versions: preferred_versions.clone() },
        ClientLifecycleMode::Auto { preferred_versions, legacy_version: None },
    ]
}

type Session = RunningService<RoleClient, Person>;

async fn call(session: &Session, tool: &'static str, arguments: Value) -> Value {
    let arguments = arguments.as_object().cloned().unwrap();
    let called = CallToolRequestParams::new(tool).with_arguments(arguments);
    let result = session.call_tool(called).await.unwrap_or_else(|error| panic!("{tool}: {error}"));
    serde_json::to_value(result).unwrap()
}

fn people(count: u32) -> Value {
    let records: Vec<Value> = (0..count).map(|at| json!({ "name": format!("On the Way{at}") })).collect();
    json!({ "object": "person", "records": records })
}

async fn works(session: &Session, person: &Person) {
    let tools = session.list_all_tools().await.unwrap();
    assert!(tools.iter().any(|tool| tool.name == "create_contact"));
    let made = call(session, "create_contact", json!({ "firstName": "Grace", "lastName": "Rusty" })).await;
    let id = made["structuredContent"]["id"].as_str().unwrap();
    let found = call(session, "search_contacts", json!({ "query": "Rusty" })).await;
    assert!(found["structuredContent"].to_string().contains(id), "{found}");
    let wrong = call(session, "create_contact", json!({ "fristName": "Grace" })).await;
    assert_eq!(wrong["_meta"]["twenty-mcp/error"], "input", "{wrong}");

    let mut twins = Vec::new();
    for _ in 0..2 {
        twins.push(call(session, "create_company", json!({ "name": "Rusty Twins" })).await);
    }
    let found = call(session, "get_company", json!({ "id": "Rusty Twins" })).await;
    let id = &found["structuredContent"]["id"];
    assert!(twins.iter().any(|twin| twin["structuredContent"]["id"] == *id), "{found}");
    let asked = std::mem::take(&mut *person.asked.lock().unwrap());
    assert!(asked.len() == 1 && asked[0].contains("could be any of 2 companies"), "{asked:?}");

    person.heard.lock().unwrap().clear();
    let made = call(session, "create_records", people(130)).await;
    assert_eq!(made["isError"], false, "{made}");
    let heard = std::mem::take(&mut *person.heard.lock().unwrap());
    assert!(heard.len() > 1 && heard.is_sorted_by(|one, next| one < next), "{heard:?}");
}

/// Begins a long call, and is gone from it as soon as it has got on.
async fn takes_back(session: &Session, person: &Person) {
    tokio::select! {
        ended = call(session, LONG, people(MANY)) => panic!("it was not taken back: {ended}"),
        () = person.told.notified() => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rmcp_over_http() {
    for begins in beginnings() {
        let (config, audit) = long();
        let server = Running::start(&["--config", config.path().join("c.yaml").to_str().unwrap()]);
        let person = Person::default();
        let transport = StreamableHttpClientTransport::from_uri(server.mcp());
        let session = person.clone().serve_with_lifecycle(transport, begins).await.unwrap();
        works(&session, &person).await;
        takes_back(&session, &person).await;
        is_let_go(&audit);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rmcp_over_stdio() {
    for begins in beginnings() {
        let (folder, audit) = long();
        let (config, piped) = (folder.path().join("c.yaml"), Piped::new());
        let command = piped.command(&["--config", config.to_str().unwrap()]);
        let person = Person::default();
        let transport = TokioChildProcess::new(command).unwrap();
        let session = person.clone().serve_with_lifecycle(transport, begins).await.unwrap();
        works(&session, &person).await;
        takes_back(&session, &person).await;
        is_let_go(&audit);
        session.cancel().await.unwrap();
        assert!(!piped.sent().is_empty());
    }
}
