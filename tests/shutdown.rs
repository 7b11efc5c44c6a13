//! SIGTERM: calls under way are finished, new ones refused, and the exit code is 0.

use crate::support::running::Running;
use rmcp::{ServiceExt, model::CallToolRequestParams, transport::StreamableHttpClientTransport};
use std::{net::TcpStream, time::Duration};

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_call_is_finished_and_new_ones_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("c.yaml");
    std::fs::write(&file, "tools: { twenty: { base_url: sandbox, sandbox: { latency_ms: 3000 } } }\n")
        .unwrap();
    let mut server = Running::start(&["--config", file.to_str().unwrap()]);
    let client = ().serve(StreamableHttpClientTransport::from_uri(server.mcp())).await.unwrap();
    let peer = client.peer().clone();
    let slow = tokio::spawn(async move {
        let arguments = serde_json::json!({ "query": "a" }).as_object().cloned().unwrap();
        peer.call_tool(CallToolRequestParams::new("search_contacts").with_arguments(arguments)).await
    });
    tokio::time::sleep(Duration::from_millis(700)).await;
    server.terminate();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(TcpStream::connect(server.bound()).is_err(), "a new connection is refused");
    let answer = slow.await.unwrap().unwrap();
    assert_eq!(answer.is_error, Some(false), "{answer:?}");
    let status = tokio::task::spawn_blocking(move || server.child.wait()).await.unwrap().unwrap();
    assert_eq!(status.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("c.yaml");
    std::fs::write(&file, "tools: { twenty: { base_url: sandbox, sandbox: { latency_ms: 60000 } } }\n")
        .unwrap();
    let mut server = Running::start(&["--config", file.to_str().unwrap()]);
    let client = ().serve(StreamableHttpClientTransport::from_uri(server.mcp())).await.unwrap();
    let slow = tokio::spawn(async move {
        let arguments = serde_json::json!({ "query": "a" }).as_object().cloned().unwrap();
        client.call_tool(CallToolRequestParams::new("search_contacts").with_arguments(arguments)).await
    });
    tokio::time::sleep(Duration::from_millis(700)).await;
    server.terminate();
    while TcpStream::connect(server.bound()).is_ok() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(server.child.try_wait().unwrap(), None, "the call is waited for");
    server.terminate();
    let status = tokio::task::spawn_blocking(move || server.child.wait()).await.unwrap().unwrap();
    assert_eq!(status.code(), Some(128 + 15));
    slow.abort();
}
