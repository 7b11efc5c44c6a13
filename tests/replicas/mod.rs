//! Several servers behind one address, by the configuration for nginx that is in deploy/: any of them answers a request
//! that stands alone, what one keeps is led back to it, and one that is started anew is missed by its sessions alone.

mod kept;
mod restart;
mod sealed;

use crate::{
    clients::installed,
    support::{
        recording::Recording,
        running::{Running, command, free_port},
    },
};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const NAMES: [&str; 2] = ["a", "b"];

/// The recording of what is served at this port of 127.0.0.2.
fn recorded(port: u16) -> Option<Recording> {
    Recording::of(SocketAddr::from(([127, 0, 0, 2], port))).unwrap()
}

/// Waits until something is there, or so.
async fn until(what: &str, mut is: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !is().await {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A server on a port of its own, stopped when dropped; the test fails where what it has sent past nginx is not what its
/// revision of MCP allows.
struct Replica {
    child: Child,
    /// Where it is asked past nginx.
    url: String,
    config: PathBuf,
    audit: PathBuf,
    recording: Option<Recording>,
    _folder: tempfile::TempDir,
}

impl Replica {
    async fn start(config: &Path, port: u16) -> Self {
        let url = format!("http://127.0.0.1:{port}");
        let (audit, recording) = (config.with_extension("jsonl"), recorded(port));
        let (child, folder) = served(config, &url).await;
        Self { child, url, config: config.to_owned(), audit, recording, _folder: folder }
    }

    /// Tells it to stop, and starts another one in its place once it has.
    async fn restart(&mut self) {
        let told = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(told.success());
        let mut ended = None;
        until("a replica stops", async || {
            ended = self.child.try_wait().unwrap();
            ended.is_some()
        })
        .await;
        assert_eq!(ended.and_then(|status| status.code()), Some(0));
        (self.child, self._folder) = served(&self.config, &self.url).await;
    }

    /// How its calls of a tool ended, as its audit tells it.
    fn outcomes(&self, tool: &str) -> Vec<String> {
        let text = fs::read_to_string(&self.audit).unwrap_or_default();
        let events = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let calls = events.filter(|event| event["tool"] == tool);
        calls.map(|event| event["outcome"].as_str().unwrap().to_owned()).collect()
    }
}

/// A process that serves by this configuration, once it does.
async fn served(config: &Path, url: &str) -> (Child, tempfile::TempDir) {
    let (mut command, folder) = command(&["start", "--config", config.to_str().unwrap()]);
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let health = format!("{url}/health");
    until("a replica serves", async || reqwest::get(&health).await.is_ok()).await;
    (child, folder)
}

impl Drop for Replica {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.recording.take().map(|recording| recording.judged(true));
    }
}

/// nginx, stopped when dropped; the test fails where what came through it is not what its revision of MCP allows.
struct Proxy(Child, Option<Recording>);

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
        self.1.take().map(|recording| recording.judged(true));
    }
}

/// Two replicas of one workspace behind nginx.
struct House {
    /// The address of all.
    url: String,
    replicas: [Replica; 2],
    _proxy: Proxy,
    _twenty: Running,
    _folder: tempfile::TempDir,
}

impl House {
    /// Whose workspace takes this long for each answer; none where nginx is not installed.
    async fn start(latency_ms: u64) -> Option<Self> {
        let nginx = installed("TWENTY_MCP_TEST_NGINX")?;
        let folder = tempfile::tempdir().unwrap();
        let sandbox = folder.path().join("sandbox.yaml");
        let tools = format!("{{ twenty: {{ sandbox: {{ people: 30, latency_ms: {latency_ms} }} }} }}");
        fs::write(&sandbox, format!("tools: {tools}\n")).unwrap();
        let twenty = Running::start(&["--sandbox", "--config", sandbox.to_str().unwrap()]);
        let (port, ports) = (free_port(), [free_port(), free_port()]);
        let configs = NAMES.map(|name| folder.path().join(format!("{name}.yaml")));
        for ((name, own), config) in NAMES.iter().zip(ports).zip(&configs) {
            let (data, audit) = (folder.path().join(name), config.with_extension("jsonl"));
            let server = format!(
                "{{ bind: \"127.0.0.2:{own}\", public_url: \"http://127.0.0.1:{port}\", replica: {name}, \
                 data_dir: {data:?}, audit: {{ file: {audit:?} }} }}"
            );
            let pack =
                format!("{{ base_url: \"http://{}\", api_key: key, plan_above: 10000 }}", twenty.sandbox());
            let secret = "a secret that both of them know, of more than 32 characters";
            let yaml = format!(
                "server: {server}\nkeys: {{ secrets: [\"{secret}\"] }}\ntools: {{ twenty: {pack} }}\n"
            );
            fs::write(config, yaml).unwrap();
        }
        let [a, b] = &configs;
        let replicas = [Replica::start(a, ports[0]).await, Replica::start(b, ports[1]).await];
        let proxy = proxy(&nginx, folder.path(), port, ports).await;
        let url = format!("http://127.0.0.1:{port}");
        Some(Self { url, replicas, _proxy: proxy, _twenty: twenty, _folder: folder })
    }
}

/// The configuration of deploy/, with these ports and none of the machine's own files.
async fn proxy(nginx: &Path, folder: &Path, port: u16, ports: [u16; 2]) -> Proxy {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/nginx.conf");
    let mut site = fs::read_to_string(shipped).unwrap();
    let own = [("listen 80;", format!("listen 127.0.0.2:{port};"))];
    let servers =
        ["127.0.0.1:3001", "127.0.0.1:3002"].into_iter().zip(ports.map(|port| format!("127.0.0.2:{port}")));
    for (shipped, here) in own.into_iter().chain(servers) {
        assert!(site.contains(shipped), "{shipped}");
        site = site.replace(shipped, &here);
    }
    fs::write(folder.join("site.conf"), site).unwrap();
    let kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let places: String = kinds.map(|kind| format!("{kind}_temp_path {kind};\n")).concat();
    let main = format!(
        "daemon off;\nmaster_process off;\npid nginx.pid;\nerror_log error.log;\nevents {{}}\n\
         http {{\naccess_log off;\n{places}include {}/site.conf;\n}}\n",
        folder.display()
    );
    fs::write(folder.join("nginx.conf"), main).unwrap();
    let mut command = Command::new(nginx);
    command
        .arg("-p")
        .arg(folder)
        .arg("-c")
        .arg(folder.join("nginx.conf"))
        .arg("-e")
        .arg(folder.join("error.log"));
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let running = Proxy(child, recorded(port));
    let health = format!("http://127.0.0.1:{port}/health");
    until("nginx serves", async || reqwest::get(&health).await.is_ok_and(|answer| answer.status() == 200))
        .await;
    running
}

#[test]
fn every_test_that_the_page_names_is_there() {
    let read = |file: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    let page = read("docs/replicas.md");
    let named: Vec<_> = page.split('`').filter_map(|word| word.split_once("::")).collect();
    assert!(named.len() > 5, "{named:?}");
    for (module, test) in named {
        let there = read(&format!("tests/replicas/{module}.rs")).contains(&format!("async fn {test}()"));
        assert!(there, "there is no test {module}::{test}");
    }
}

/// A message for the endpoint at an address.
fn post(http: &Client, url: &str, body: &Value) -> RequestBuilder {
    let request = http.post(format!("{url}/mcp")).header("content-type", "application/json");
    request.header("accept", "application/json, text/event-stream").body(body.to_string())
}

/// A request that stands alone, of a client that can be asked and knows tasks.
fn alone(http: &Client, url: &str, method: &str, mut params: Value) -> RequestBuilder {
    let meta = &mut params["_meta"];
    meta["io.modelcontextprotocol/protocolVersion"] = json!("2026-07-28");
    meta["io.modelcontextprotocol/clientInfo"] = json!({ "name": "replicas", "version": "1" });
    let can = &mut meta["io.modelcontextprotocol/clientCapabilities"];
    if can.is_null() {
        *can = json!({ "elicitation": {}, "extensions": { "io.modelcontextprotocol/tasks": {} } });
    }
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    let request =
        post(http, url, &body).header("mcp-protocol-version", "2026-07-28").header("mcp-method", method);
    let named = ["name", "taskId"].into_iter().find_map(|name| params[name].as_str());
    request.header("mcp-name", named.unwrap_or_default())
}

/// The result of a request that stands alone.
async fn asked(url: &str, method: &str, params: Value) -> Value {
    let answer = alone(&Client::new(), url, method, params).send().await.unwrap();
    result(answer).await
}

/// The result of a tool that is called so.
async fn called(url: &str, tool: &str, arguments: Value) -> Value {
    asked(url, "tools/call", json!({ "name": tool, "arguments": arguments })).await
}

/// The result in an answer: of its last message, where it is a stream.
async fn result(answer: Response) -> Value {
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    let lines = text.lines().rev().map(|line| line.trim_start_matches("data: "));
    let mut messages = lines.filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let last = messages.find(Value::is_object).unwrap_or_else(|| panic!("{status}: {text}"));
    assert!(last["result"].is_object(), "{status}: {last}");
    last["result"].clone()
}

/// A session that was begun at an address.
struct Session {
    http: Client,
    url: String,
    id: String,
}

impl Session {
    async fn begin(url: &str) -> Self {
        let http = Client::new();
        let hello = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "replicas", "version": "1" },
        }});
        let answer = post(&http, url, &hello).send().await.unwrap();
        let id = answer.headers()["mcp-session-id"].to_str().unwrap().to_owned();
        result(answer).await;
        let session = Self { http, url: url.to_owned(), id };
        let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        assert_eq!(session.send(&ready).send().await.unwrap().status(), 202);
        session
    }

    /// The name of the replica that keeps it.
    fn replica(&self) -> &str {
        self.id.split_once('.').unwrap().0
    }

    fn send(&self, body: &Value) -> RequestBuilder {
        let request = post(&self.http, &self.url, body).header("mcp-protocol-version", "2025-11-25");
        request.header("mcp-session-id", &self.id)
    }

    fn call(&self, id: u64, tool: &str, arguments: Value) -> RequestBuilder {
        let params = json!({ "name": tool, "arguments": arguments });
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params }))
    }
}
