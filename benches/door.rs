//! What the server costs for each request, as a multiple of a bare poem handler on the same accept loop, which parses its
//! body and answers the same bytes. Both are asked in turns, in one run: ratios hold on any machine, times do not.
//!
//! - `cargo bench --profile dist --bench door` tells the user and system time of the server's process, for what is packaged;
//! - `cargo bench --profile dist --bench door -- --instructions` the instructions in user mode, where valgrind is there.

use poem::{Response, Route, handler, post, web::Json};
use serde_json::{Map, Value, json};
use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read, Seek, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    sync::OnceLock,
    time::{Duration, Instant},
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

const BINARY: &str = env!("CARGO_BIN_EXE_twenty-mcp");
/// How many tools are listed.
const TOOLS: usize = 60;
/// Connections that ask at once, and are kept open.
const CONNECTIONS: usize = 32;
/// How often each candidate has its turn: every time its cost is held against that of the bare handler just beside it.
const ROUNDS: usize = 40;
/// How long a turn is.
const TURN: Duration = Duration::from_millis(200);
/// Requests before instructions are counted, and while they are.
const COUNTED: (usize, usize) = (200, 1000);

fn main() {
    let is = |argument: &str| std::env::args().any(|given| given == argument);
    if is("bare") {
        return bare();
    }
    let folder = tempfile::tempdir().unwrap();
    let configured = configurations(folder.path());
    let call = request("tools/call", json!({ "name": "hello", "arguments": { "name": "Ada" } }));
    let list = request("tools/list", json!({}));
    let wrapper = if is("--instructions") { VALGRIND } else { &[] };
    let mut rows = Vec::new();
    for (what, request) in [("tools/call", &call), (&format!("tools/list, {TOOLS} tools"), &list)] {
        let answer = answer(&served(&[], &configured[0], "warn", folder.path()), request);
        println!("{what}: the answer has {} bytes", answer.len());
        let of =
            |name: &str, server: Server| Candidate::new(format!("{what}, {name}"), server, request, &answer);
        rows.push([
            of("the bare handler", bare_server(wrapper, &answer)),
            of("log level warn, no audit file", served(wrapper, &configured[0], "warn", folder.path())),
            of("info logs and an audit file", served(wrapper, &configured[1], "info", folder.path())),
        ]);
    }
    if is("--instructions") { instructions(rows) } else { times(rows) }
}

/// Lets all have their turns, and prints a table of times.
fn times(mut rows: Vec<[Candidate; 3]>) {
    let mut costs = vec![[const { Vec::new() }; 3]; rows.len()];
    for round in 0..ROUNDS {
        for (row, costs) in rows.iter_mut().zip(&mut costs) {
            let mut order = [0, 1, 2];
            order.rotate_left(round % 3);
            for at in order {
                costs[at].push(row[at].turn());
            }
        }
    }
    println!(
        "| what | µs of CPU a request: median (middle half) | × bare: median (middle half) |\n|---|---|---|"
    );
    for (row, costs) in rows.iter().zip(&costs) {
        for (candidate, own) in row.iter().zip(costs) {
            let ratios = own.iter().zip(&costs[0]).map(|(own, bare)| own / bare).collect();
            let ([a, b, c], [x, y, z]) = (quartiles(own.clone()), quartiles(ratios));
            println!("| {} | {b:.1} ({a:.1}–{c:.1}) | {y:.2} ({x:.2}–{z:.2}) |", candidate.name);
        }
    }
}

/// Counts instructions, and prints a table of them.
fn instructions(rows: Vec<[Candidate; 3]>) {
    println!("| what | instructions in user mode a request | × bare |\n|---|---|---|");
    for row in rows {
        let mut bare = None;
        for candidate in row {
            let name = candidate.name.clone();
            let counted = candidate.count();
            println!("| {name} | {counted:.0} | {:.2} |", counted / *bare.get_or_insert(counted));
        }
    }
}

fn quartiles(mut all: Vec<f64>) -> [f64; 3] {
    all.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| all[all.len() * quarter / 4])
}

/// A server that is asked one thing over and over.
struct Candidate {
    name: String,
    server: Server,
    request: String,
    answer: Vec<u8>,
    connections: Vec<Connection>,
}

/// A connection, and how many bytes an answer on it has with its head.
struct Connection(TcpStream, usize);

impl Candidate {
    fn new(name: String, server: Server, request: &str, answer: &[u8]) -> Self {
        let request = request.replace("AUTHORITY", &server.authority);
        Self { name, request, answer: answer.to_vec(), connections: Vec::new(), server }
    }

    fn connect(&self) -> Connection {
        let mut stream = TcpStream::connect(&self.server.authority).unwrap();
        stream.set_nodelay(true).unwrap();
        let (head, body) = first(&mut stream, &self.request);
        assert_eq!(body, self.answer);
        Connection(stream, head + body.len())
    }

    /// The CPU that the server takes for one request, in microseconds; every answer is looked at.
    fn turn(&mut self) -> f64 {
        if self.connections.is_empty() {
            self.connections = (0..CONNECTIONS).map(|_| self.connect()).collect();
        }
        let (before, until) = (cpu(&self.server), Instant::now() + TURN);
        let (request, answer) = (self.request.as_bytes(), &*self.answer);
        let asked: usize = std::thread::scope(|scope| {
            let ask_on = |connection: &mut Connection| {
                let mut asked = 0;
                while Instant::now() < until {
                    connection.ask(request, answer);
                    asked += 1;
                }
                asked
            };
            let threads: Vec<_> = self
                .connections
                .iter_mut()
                .map(|connection| scope.spawn(move || ask_on(connection)))
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        (cpu(&self.server) - before) / 1000.0 / asked as f64
    }

    /// The instructions that the server takes for one request.
    fn count(mut self) -> f64 {
        let (mut connection, id) = (self.connect(), self.server.child.id().to_string());
        let mut ask = |times| (0..times).for_each(|_| connection.ask(self.request.as_bytes(), &self.answer));
        ask(COUNTED.0);
        let control = |state| Command::new("callgrind_control").args(["-i", state, &id]).output().unwrap();
        assert!(control("on").status.success());
        ask(COUNTED.1);
        assert!(control("off").status.success());
        assert!(Command::new("kill").arg(&id).status().unwrap().success());
        let mut told = String::new();
        self.server.child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        let counted = told.lines().find_map(|line| line.split_once("Collected : ")).unwrap().1;
        counted.parse::<f64>().unwrap() / COUNTED.1 as f64
    }
}

impl Connection {
    fn ask(&mut self, request: &[u8], answer: &[u8]) {
        let mut bytes = vec![0; self.1];
        self.0.write_all(request).and_then(|()| self.0.read_exact(&mut bytes)).unwrap();
        assert!(bytes.ends_with(answer), "{}", String::from_utf8_lossy(&bytes));
    }
}

/// Asks once: the length of the answer's head, and its body.
fn first(stream: &mut TcpStream, request: &str) -> (usize, Vec<u8>) {
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
            return (end + 4, bytes.split_off(end + 4));
        }
    }
}

fn answer(server: &Server, request: &str) -> Vec<u8> {
    let request = request.replace("AUTHORITY", &server.authority);
    first(&mut TcpStream::connect(&server.authority).unwrap(), &request).1
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

/// What instructions are counted with; none of the start's.
const VALGRIND: &[&str] =
    &["valgrind", "--tool=callgrind", "--instr-atstart=no", "--callgrind-out-file=/dev/null"];

fn command(wrapper: &[&str], program: &str) -> Command {
    let mut words = wrapper.iter().copied().chain([program]);
    let mut command = Command::new(words.next().unwrap());
    command.args(words);
    command
}

fn spawn(mut command: Command) -> Server {
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
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

fn served(wrapper: &[&str], config: &str, level: &str, folder: &Path) -> Server {
    let mut command = command(wrapper, BINARY);
    command.args(["start", "--port", "0", "--sandbox", "--config", config]).current_dir(folder);
    let path = std::env::var("PATH").unwrap_or_default();
    command.env_clear().env("HOME", folder).env("PATH", path).env("RUST_LOG", level);
    let log = File::create(folder.join("log")).unwrap();
    command.stderr(if wrapper.is_empty() { Stdio::from(log) } else { Stdio::piped() });
    spawn(command)
}

fn bare_server(wrapper: &[&str], answer: &[u8]) -> Server {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(answer).and_then(|()| file.rewind()).unwrap();
    let mut command = command(wrapper, std::env::current_exe().unwrap().to_str().unwrap());
    command.arg("bare").stdin(file);
    command.stderr(if wrapper.is_empty() { Stdio::null() } else { Stdio::piped() });
    spawn(command)
}

/// Two configurations that serve so many tools: as it is, and with an audit file.
fn configurations(folder: &Path) -> [String; 2] {
    let write = |name: &str, config: &Value| {
        let path = folder.join(name).to_str().unwrap().to_owned();
        fs::write(&path, config.to_string()).unwrap();
        path
    };
    let mut config = json!({ "tools": { "twenty": {}, "conformance": {} } });
    let all = write("all.yaml", &config);
    let listed = Command::new(BINARY)
        .args(["tools", "list", "--json", "--sandbox", "--config", &all])
        .current_dir(folder)
        .output()
        .unwrap();
    let listed: Vec<Value> = serde_json::from_slice(&listed.stdout).unwrap();
    let spare = listed.iter().filter(|tool| tool["file"].as_str().unwrap().contains("/conformance/"));
    let spare: Map<String, Value> = spare
        .take(listed.len().checked_sub(TOOLS).expect("fewer tools than are to be listed"))
        .map(|tool| (tool["name"].as_str().unwrap().to_owned(), json!({ "enabled": false })))
        .collect();
    config["tools"]["conformance"]["tools"] = Value::Object(spare);
    let quiet = write("quiet.yaml", &config);
    config["server"] = json!({ "audit": { "file": folder.join("audit") } });
    [quiet, write("audited.yaml", &config)]
}

/// What the bare handler answers.
static ANSWER: OnceLock<String> = OnceLock::new();

/// A handler as poem's own examples have it: behind a route and a method, its body parsed by poem. It answers what the
/// process was given on standard input.
fn bare() {
    #[handler]
    fn bare(Json(read): Json<Value>) -> Response {
        std::hint::black_box(&read);
        Response::builder().content_type("application/json").body(ANSWER.get().cloned().unwrap_or_default())
    }
    ANSWER.get_or_init(|| std::io::read_to_string(std::io::stdin()).unwrap());
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("http://{}/", listener.local_addr().unwrap());
        let (routes, never) = (Route::new().at("/mcp", post(bare)), CancellationToken::new());
        twenty_mcp::server::serve(listener, routes, never, Duration::ZERO).await.unwrap();
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

/// User and system time of a process so far, in nanoseconds: that of all its threads.
fn cpu(server: &Server) -> f64 {
    let threads = fs::read_dir(format!("/proc/{}/task", server.child.id())).unwrap();
    // A thread may end meanwhile; those that serve do not.
    let told = threads.filter_map(|thread| fs::read_to_string(thread.unwrap().path().join("schedstat")).ok());
    told.map(|told| told.split(' ').next().unwrap().parse::<f64>().unwrap()).sum()
}
