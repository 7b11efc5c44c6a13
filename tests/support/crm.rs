//! The Twenty tools as users have them: the binary in a process of its own, an MCP client in front of it, and behind it
//! a sandbox that keeps every document it is sent.

use super::{
    client::{Answer, Client},
    running::Running,
    upstream::{Gate, Upstream},
};
use serde_json::{Value, json};
use std::{ops::Deref, sync::Arc, time::Duration};

pub const PROFILES: [&str; 2] = ["current", "legacy"];

/// A server on a sandbox, and a client's session with it; what is asked of the sandbox is at hand by `Deref`.
pub struct Crm {
    /// The client's session.
    pub client: Client,
    /// The process.
    pub server: Running,
    upstream: Arc<Upstream>,
}

impl Deref for Crm {
    type Target = Upstream;

    fn deref(&self) -> &Upstream {
        &self.upstream
    }
}

impl Crm {
    /// Sixty people of a profile.
    pub async fn of_profile(profile: &str) -> Self {
        Self::start(json!({ "profile": profile, "people": 60 }), Duration::from_secs(30)).await
    }

    /// A sandbox with these settings, and a server whose calls may take this long.
    pub async fn start(sandbox: Value, timeout: Duration) -> Self {
        let timeout = format!("{}ms", timeout.as_millis());
        Self::configured(sandbox, json!({ "server": { "timeout": timeout } })).await
    }

    /// A sandbox with these settings, and a server with these lines in its config.yaml.
    pub async fn configured(sandbox: Value, settings: Value) -> Self {
        Self::on(Upstream::start(sandbox).await, settings).await
    }

    /// Another server on the same sandbox, or the next one after [`Crm::killed_in`]: with the same `server.data_dir` it
    /// knows what the first one wrote down.
    pub async fn beside(&self, settings: Value) -> Self {
        Self::on(Arc::clone(&self.upstream), settings).await
    }

    async fn on(upstream: Arc<Upstream>, settings: Value) -> Self {
        let url = upstream.url.clone();
        let started = tokio::task::spawn_blocking(move || {
            let file = tempfile::Builder::new().suffix(".yaml").tempfile().unwrap();
            std::fs::write(file.path(), settings.to_string()).unwrap();
            Running::start_with(&["--config", file.path().to_str().unwrap()], |command| {
                command.env("TWENTY_BASE_URL", url).env("TWENTY_API_KEY", "CANARY-test-key");
            })
        });
        let server = started.await.unwrap();
        Self { client: Client::of(&server).await, server, upstream }
    }

    /// Calls a tool.
    pub async fn call(&self, tool: &str, arguments: Value) -> Answer {
        self.client.call(tool, arguments).await
    }

    /// A call that must succeed; its `structuredContent`.
    pub async fn done(&self, tool: &str, arguments: Value) -> Value {
        let answer = self.call(tool, arguments).await;
        assert_eq!(answer.error, None, "{tool}: {}", answer.text);
        answer.structured.unwrap()
    }

    /// A call, and the documents that were sent for it; for tests that make no other call meanwhile.
    pub async fn counted(&self, tool: &str, arguments: Value) -> (Answer, Vec<Value>) {
        let before = self.requests();
        let answer = self.call(tool, arguments).await;
        let sent = self.sent.lock().unwrap()[before..].iter().map(|(_, body)| body.clone()).collect();
        (answer, sent)
    }

    /// A call that the server does not live to answer: it is killed when, after `requests` more requests, the next one
    /// waits at the gate, `asking` (not carried out) or `answering` (carried out, unknown to the server).
    pub async fn killed_in(&self, tool: &str, arguments: Value, gate: &Gate, requests: usize) {
        gate.close_after(requests);
        tokio::select! {
            answer = self.call(tool, arguments) => panic!("{tool} ended before {requests} requests: {answer:?}"),
            () = gate.held() => self.server.kill(),
        }
        gate.open();
    }
}
