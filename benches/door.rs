//! CPU of the server for each request: a bare poem handler on the same accept loop, which parses its body and answers the
//! same bytes, against `tools/call` and `tools/list` of the binary, in turns.
//!
//! `cargo bench --bench door` for a first look, `cargo bench --profile dist --bench door` for what is packaged. Figures
//! are user and system time of the server's process, in microseconds a request: least, median, most of the rounds.

use poem::{Endpoint, Request, Response};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Read, Seek, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

const BINARY: &str = env!("CARGO_BIN_EXE_twenty-mcp");
/// Connections that ask at once.
const CONNECTIONS: usize = 32;
const ROUNDS: usize = 6;
/// How long each candidate is asked in a round.
const TURN: Duration = Duration::from_millis(1500);

fn main() {
    if std::env::args().any(|argument| argument == "bare") {
        return bare();
    }
    let quiet = [("RUST_LOG", "warn")];
    let call = request("tools/call", json!({ "name": "hello", "arguments": { "name": "Ada" } }));
    let list = request("tools/list", json!({}));
    let mcp = || served(&["start", "--port", "0", "--sandbox"], &quiet);
    let answers = [&call, &list].map(|request| answer(&mcp(), request));
    println!("tools/call answers {} bytes, tools/list {}", answers[0].len(), answers[1].len());

    let mut candidates = Vec::new();
    for (what, request, answer) in [("call", &call, &answers[0]), ("list", &list, &answers[1])] {
        candidates.push((
            format!("bare, the same bytes as tools/{what}"),
            bare_server(answer),
            request,
            answer,
        ));
        candidates.push((format!("tools/{what}"), mcp(), request, answer));
    }
    candidates.push((
        "tools/call, every call in the log".into(),
        served(&["start", "--port", "0", "--sandbox"], &[]),
        &call,
        &answers[0],
    ));
    let mut costs = vec![Vec::new(); candidates.len()];
    for round in 0..ROUNDS {
        let mut order: Vec<usize> = (0..candidates.len()).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for at in order {
            let (_, server, request, answer) = &candidates[at];
            costs[at].push(cost(server, request, answer));
        }
    }
    let mut floor = 1.0;
    println!("| what | µs of CPU a request, least / median / most | × bare (median, least) |\n|---|---|---|");
    for ((name, ..), mut costs) in candidates.iter().zip(costs) {
        costs.sort_by(f64::total_cmp);
        let (least, median, most) =
            (costs[0], f64::midpoint(costs[ROUNDS / 2 - 1], costs[ROUNDS / 2]), costs[ROUNDS - 1]);
        if name.starts_with("bare") {
            floor = median;
        }
        println!("| {name} | {least:.1} / {median:.1} / {most:.1} | {:.2} |", median / floor);
    }
}

/// A server process, ended when dropped.
struct Server {
    child: Child,
    authority: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(mut command: Command) -> Server {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let authority = loop {
        let line = lines.next().unwrap().unwrap();
        if let Some((_, rest)) = line.split_once("http://") {
            break rest.split(['/', ' ']).next().unwrap().to_owned();
        }
    };
    std::thread::spawn(move || lines.for_each(drop));
    Server { child, authority }
}

fn served(arguments: &[&str], environment: &[(&str, &str)]) -> Server {
    let mut command = Command::new(BINARY);
    let folder = std::env::temp_dir();
    command
        .args(arguments)
        .current_dir(&folder)
        .env_clear()
        .env("HOME", folder)
        .envs(environment.iter().copied());
    spawn(command)
}

fn bare_server(answer: &str) -> Server {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(answer.as_bytes()).and_then(|()| file.rewind()).unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.arg("bare").stdin(file);
    spawn(command)
}

/// A handler that parses its body, and answers what it was given on standard input.
fn bare() {
    struct Bare(String);
    impl Endpoint for Bare {
        type Output = Response;

        async fn call(&self, mut request: Request) -> poem::Result<Response> {
            let body = request.take_body().into_bytes().await?;
            let read: Value = serde_json::from_slice(&body).map_err(poem::error::BadRequest)?;
            std::hint::black_box(&read);
            Ok(Response::builder().content_type("application/json").body(self.0.clone()))
        }
    }
    let answer = std::io::read_to_string(std::io::stdin()).unwrap();
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("http://{}/", listener.local_addr().unwrap());
        let never = CancellationToken::new();
        twenty_mcp::server::serve(listener, Bare(answer), never, Duration::ZERO).await.unwrap();
    });
}

fn request(method: &str, mut params: Value) -> String {
    let name = params["name"].as_str().map(|name| format!("Mcp-Name: {name}\r\n")).unwrap_or_default();
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "bench", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let body = json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params }).to_string();
    format!(
        "POST /mcp HTTP/1.1\r\nHost: AUTHORITY\r\nContent-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\nMcp-Method: {method}\r\n\
         {name}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Asks once on a connection; the body of the answer.
fn ask(stream: &mut TcpStream, request: &str) -> String {
    stream.write_all(request.as_bytes()).unwrap();
    let (mut bytes, mut chunk) = (Vec::new(), [0; 64 << 10]);
    loop {
        let read = stream.read(&mut chunk).unwrap();
        assert!(read > 0, "the connection has ended: {}", String::from_utf8_lossy(&bytes));
        bytes.extend_from_slice(&chunk[..read]);
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        if bytes.len() == end + 4 + length.parse::<usize>().unwrap() {
            assert!(head.starts_with("http/1.1 200"), "{head}");
            return String::from_utf8(bytes.split_off(end + 4)).unwrap();
        }
    }
}

fn answer(server: &Server, request: &str) -> String {
    let request = request.replace("AUTHORITY", &server.authority);
    ask(&mut TcpStream::connect(&server.authority).unwrap(), &request)
}

/// The CPU that the server takes for one request, in microseconds; every answer is looked at.
fn cost(server: &Server, request: &str, answer: &str) -> f64 {
    let request = request.replace("AUTHORITY", &server.authority);
    let (before, until) = (cpu(server), Instant::now() + TURN);
    let asked: usize = std::thread::scope(|scope| {
        let ask_on = || {
            let mut stream = TcpStream::connect(&server.authority).unwrap();
            stream.set_nodelay(true).unwrap();
            let mut asked = 0;
            while Instant::now() < until {
                assert_eq!(ask(&mut stream, &request), answer);
                asked += 1;
            }
            asked
        };
        let threads: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(ask_on)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    (cpu(server) - before) * 1e6 / asked as f64
}

/// User and system time of a process so far, in seconds.
fn cpu(server: &Server) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", server.child.id())).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks = |at: usize| fields[at].parse::<f64>().unwrap();
    // Linux counts in hundredths of a second for everybody who asks.
    (ticks(11) + ticks(12)) / 100.0
}
