//! The log through the binary: who called what and how it ended; never a secret, a query string or a record's content.

use crate::support::{
    piped::{answers, stdio},
    running::Running,
};
use serde_json::{Value, json};
use std::fs::{self, File};
use twenty_mcp::auth::kit;

/// Calls a tool of a server; the answer's text.
async fn call(server: &Running, token: &str, tool: &str, arguments: Value) -> String {
    let body = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {
            "name": tool, "arguments": arguments,
            "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": {},
                "io.modelcontextprotocol/clientInfo": { "name": "raw", "version": "1" },
            },
        },
    });
    let request = reqwest::Client::new()
        .post(format!("{}?access_token=LEAK-query", server.mcp()))
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", "tools/call")
        .header("mcp-name", tool)
        .header("authorization", format!("Bearer {token}"));
    request.body(body.to_string()).send().await.unwrap().text().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_told_in_one_line_and_nothing_secret_in_any() {
    let (upstream, (token, hash)) = (Running::start(&["--sandbox"]), kit::mint());
    let folder = tempfile::tempdir().unwrap();
    let (file, log) = (folder.path().join("c.yaml"), folder.path().join("log"));
    let yaml = format!(
        "auth: {{ mode: required, operator_key: fallback, providers: {{ static-tokens: {{ tokens: {{ ci: {{ hash: \"{hash}\" }} }} }} }} }}\n"
    );
    fs::write(&file, yaml).unwrap();
    let mut server = Running::start_with(&["--verbose", "--config", file.to_str().unwrap()], |command| {
        command.env("RUST_LOG", "trace,hyper=trace,h2=trace,reqwest=trace,rustls=trace,rmcp=trace");
        command.env("TWENTY_BASE_URL", format!("http://{}", upstream.sandbox()));
        command.env("TWENTY_API_KEY", "LEAK-key").stderr(File::create(&log).unwrap());
    });
    let made = call(
        &server,
        token.expose(),
        "create_contact",
        json!({ "firstName": "LEAK-Ada", "lastName": "LEAK-Byron" }),
    )
    .await;
    assert!(made.contains("LEAK-Ada") && made.contains("\"isError\":false"), "{made}");
    let found = call(&server, token.expose(), "search_contacts", json!({ "query": "LEAK-Ada" })).await;
    assert!(found.contains("LEAK-Ada"), "{found}");
    call(&server, token.expose(), "create_contact", json!({ "LEAK-argument": "LEAK-value" })).await;
    call(&server, token.expose(), "LEAK-tool", json!({})).await;
    call(&server, "tmcp_LEAK-token", "hello", json!({})).await;
    server.terminate();
    assert!(server.child.wait().unwrap().success());

    let log = fs::read_to_string(log).unwrap();
    assert!(!log.contains("LEAK") && !log.contains(token.expose()), "{log}");
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let calls: Vec<&Value> = lines.iter().filter(|line| line["message"] == "call").collect();
    let told: Vec<_> = calls.iter().map(|line| [&line["tool"], &line["outcome"]]).collect();
    let wanted = json!([
        ["create_contact", "done"],
        ["search_contacts", "done"],
        ["create_contact", "input"],
        [null, "no_tool"],
    ]);
    assert_eq!(json!(told), wanted, "{log}");
    for line in &calls {
        assert_eq!(
            (&line["principal"], &line["client"]),
            (&json!("ci (static-tokens)"), &json!("127.0.0.1"))
        );
        assert_eq!(line["target"], "audit");
        assert!(line["call"].as_str().is_some_and(|id| id.len() >= 16) && line["ms"].is_u64(), "{line}");
    }
    let upstream = calls.iter().map(|line| line["upstream"].as_u64().unwrap() > 0).collect::<Vec<_>>();
    assert_eq!(upstream, [true, true, false, false]);
}

#[test]
fn over_stdio_garbage_is_survived_and_stdout_stays_the_protocols() {
    let lines = [
        json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "protocolVersion": "2025-11-25", "capabilities": {},
            "clientInfo": { "name": "raw", "version": "1" },
        } })
        .to_string(),
        json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }).to_string(),
        "LEAK no JSON".into(),
        "{\"jsonrpc\":\"2.0\",\"id\":7}".into(),
        "[1,2".repeat(10_000),
        String::new(),
        json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {
            "name": "search_contacts", "arguments": { "query": "LEAK-query" },
        } })
        .to_string(),
    ];
    let (mut command, _folder) = stdio(&["--sandbox", "--verbose"]);
    let (output, answers) = answers(command.env("RUST_LOG", "trace"), &format!("{}\n", lines.join("\n")));
    let (stdout, stderr) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert!(!stderr.contains("LEAK"), "{stderr}");
    let mut answers = answers.iter().map(|answer| &answer.message);
    assert!(answers.any(|answer| answer["id"] == 2 && answer["result"]["isError"] == false), "{stdout}");
}
