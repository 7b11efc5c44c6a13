//! What a call says on its way, and what it changes for everybody; arguments that headers repeat.
#![expect(deprecated, reason = "logging is on its way out of MCP, and clients still have it")]

use crate::support::inside::{Served, pipe};
use rmcp::{
    ClientHandler, RoleClient, ServiceExt,
    model::{CallToolRequestParams, LoggingMessageNotificationParam, SetLevelRequestParams},
    service::NotificationContext,
    transport::StreamableHttpClientTransport,
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::sync::Notify;
use twenty_mcp::{
    mcp::SessionLimits,
    registry::Registry,
    seam::{Call, Change, LogLevel, Tool, ToolEntry, ToolError},
};

/// Say something on the way, and change the list of tools.
#[derive(Deserialize, schemars::JsonSchema)]
struct Speak {
    #[schemars(extend("x-mcp-header" = "Value"))]
    value: String,
}

impl Tool for Speak {
    const NAME: &'static str = "speak";
    type Pack = ();
    type Output = String;

    async fn call(self, (): &(), cx: Call) -> Result<String, ToolError> {
        cx.log(LogLevel::Debug, "looking").await;
        cx.log(LogLevel::Warning, json!({ "value": self.value })).await;
        cx.changed(Change::Tools);
        Ok(self.value)
    }
}

static TOOL: ToolEntry = ToolEntry::of::<Speak>("tests::on_the_way", 1);

fn registry() -> Registry {
    Registry::of(&[&TOOL], Vec::new(), &BTreeMap::new(), Duration::from_secs(30)).unwrap()
}

/// A server of this one tool.
async fn served() -> Served {
    Served::start(registry(), SessionLimits::default(), std::convert::identity).await
}

/// What a stateless call is answered with: its status, and every message in turn.
async fn speak(url: &str, value: &str, header: Option<&str>, level: Option<&str>) -> (u16, Vec<Value>) {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/logLevel": level,
    });
    let params = json!({ "name": "speak", "arguments": { "value": value }, "_meta": meta });
    let body = json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params });
    let mut request = reqwest::Client::new()
        .post(url)
        .header("content-type", "application/json")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", "tools/call")
        .header("mcp-name", "speak");
    if let Some(header) = header {
        request = request.header("Mcp-Param-Value", header);
    }
    let answer = request.body(body.to_string()).send().await.unwrap();
    let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
    let lines = text.lines().map(|line| line.strip_prefix("data: ").unwrap_or(line));
    (status, lines.filter_map(|line| serde_json::from_str(line).ok()).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stateless_call_says_what_was_asked_for_and_no_more() {
    let server = served().await;
    let url = server.url.clone();
    for (level, heard) in [
        (None, &[][..]),
        (Some("error"), &[]),
        (Some("info"), &["warning"]),
        (Some("debug"), &["debug", "warning"]),
    ] {
        let (status, messages) = speak(&url, "a", Some("a"), level).await;
        assert_eq!(status, 200);
        let (last, notes) = messages.split_last().unwrap();
        assert_eq!(last["result"]["structuredContent"]["result"], "a");
        let levels: Vec<&str> = notes.iter().map(|note| note["params"]["level"].as_str().unwrap()).collect();
        assert_eq!(levels, heard, "{level:?}");
        for note in notes {
            assert_eq!(
                (&note["method"], &note["params"]["logger"]),
                (&json!("notifications/message"), &json!("speak"))
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_argument_is_what_its_header_says_or_the_call_is_refused() {
    let server = served().await;
    let url = server.url.clone();
    for (value, header) in [
        ("Hello", "=?base64?SGVsbG8=?="),
        ("SGVsbG8=", "SGVsbG8="),
        ("=?base64?SGVsbG8=", "=?base64?SGVsbG8="),
        ("Zürich", "=?base64?WsO8cmljaA==?="),
        ("test-value", "test-value"),
    ] {
        let (status, messages) = speak(&url, value, Some(header), None).await;
        assert_eq!((status, &messages[0]["result"]["structuredContent"]["result"]), (200, &json!(value)));
    }
    for (value, header) in [
        ("Hello", Some("=?base64?SGVsbG8?=")),
        ("Hello", Some("=?base64?SGVs!!!bG8=?=")),
        ("Hello", Some("hello")),
        ("test-value", None),
    ] {
        let (status, messages) = speak(&url, value, header, None).await;
        assert_eq!(
            (status, &messages[0]["error"]["code"], &messages[0]["id"]),
            (400, &json!(-32020), &json!(7))
        );
    }
}

/// A client with a session that keeps what it hears.
#[derive(Clone, Default)]
struct Ear {
    levels: Arc<Mutex<Vec<String>>>,
    changed: Arc<Notify>,
}

impl Ear {
    /// The levels that it has heard once there are so many, sorted: rmcp hands each note to a task of its own, beside the
    /// call's answer.
    async fn heard(&self, many: usize) -> Vec<String> {
        let enough = async {
            while self.levels.lock().unwrap().len() < many {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), enough).await.expect("it hears of the call");
        let mut levels = self.levels.lock().unwrap().clone();
        levels.sort();
        levels
    }
}

impl ClientHandler for Ear {
    async fn on_logging_message(
        &self,
        told: LoggingMessageNotificationParam,
        _: NotificationContext<RoleClient>,
    ) {
        let told = serde_json::to_value(told).unwrap();
        self.levels.lock().unwrap().push(told["level"].as_str().unwrap().to_owned());
    }

    async fn on_tool_list_changed(&self, _: NotificationContext<RoleClient>) {
        self.changed.notify_one();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_hears_what_it_wants_and_of_changes() {
    let server = served().await;
    let url = server.url.clone();
    let (one, other) = (Ear::default(), Ear::default());
    let speaker = one.clone().serve(StreamableHttpClientTransport::from_uri(url.clone())).await.unwrap();
    let _other = other.clone().serve(StreamableHttpClientTransport::from_uri(url)).await.unwrap();
    let speak = async || {
        let arguments = json!({ "value": "a" }).as_object().cloned().unwrap();
        speaker.call_tool(CallToolRequestParams::new("speak").with_arguments(arguments)).await.unwrap();
    };
    speak().await;
    for ear in [&one, &other] {
        tokio::time::timeout(Duration::from_secs(30), ear.changed.notified())
            .await
            .expect("it hears of the change");
    }
    let level =
        |name: &str| -> SetLevelRequestParams { serde_json::from_value(json!({ "level": name })).unwrap() };
    assert_eq!(one.heard(1).await, ["warning"]);
    speaker.set_level(level("alert")).await.unwrap();
    speak().await;
    speaker.set_level(level("debug")).await.unwrap();
    speak().await;
    assert_eq!(one.heard(3).await, ["debug", "warning", "warning"]);
    assert!(other.levels.lock().unwrap().is_empty(), "it is told to who called");
}

#[tokio::test(flavor = "multi_thread")]
async fn over_a_pipe_each_generation_hears_what_it_asked_for_line_by_line() {
    let (ours, _server) = pipe(registry());
    let client = std::thread::spawn(move || {
        let mut told = BufReader::new(ours.try_clone().unwrap()).lines();
        let mut heard = || serde_json::from_str::<Value>(&told.next().unwrap().unwrap()).unwrap();
        let send = |message: Value| writeln!(&ours, "{message}").unwrap();
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/logLevel": "debug",
        });
        let call = |meta: &Value| {
            let params = json!({ "name": "speak", "arguments": { "value": "a" }, "_meta": meta });
            json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params })
        };
        send(call(&meta));
        for level in ["debug", "warning"] {
            assert_eq!(heard()["params"]["level"], level);
        }
        assert_eq!(heard()["result"]["resultType"], "complete");

        let filter = json!({ "toolsListChanged": true });
        let listen = json!({ "_meta": meta, "notifications": filter });
        send(json!({ "jsonrpc": "2.0", "id": "l", "method": "subscriptions/listen", "params": listen }));
        assert_eq!(heard()["method"], "notifications/subscriptions/acknowledged");
        send(call(&json!({})));
        assert_eq!(heard()["error"]["code"], -32602, "there is no session");
        let client = json!({ "name": "raw", "version": "1" });
        let params = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client });
        send(json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params }));
        assert_eq!(heard()["id"], 0);
        send(call(&json!({})));
        // A session hears from `info` on; what changes for everybody comes beside it.
        let mut all: Vec<Value> = (0..3).map(|_| heard()).collect();
        all.sort_by_key(|message| message["method"].as_str().unwrap_or_default().to_owned());
        assert_eq!(all[0]["result"]["structuredContent"]["result"], "a");
        assert_eq!(all[1]["params"]["level"], "warning");
        assert_eq!(all[2]["method"], "notifications/tools/list_changed");
        assert_eq!(all[2]["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"], "l");
    });
    tokio::task::spawn_blocking(move || client.join().unwrap()).await.unwrap();
}
