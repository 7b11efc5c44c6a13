//! The binary that users run, serving on a free port, and recorded there.

use super::{
    canary,
    recording::{Recording, messages::Sent},
};
use rand::RngExt;
use std::{
    io::{BufRead, BufReader, Read},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::mpsc,
    thread::{JoinHandle, panicking},
    time::Duration,
};

/// The binary under test.
pub const BINARY: &str = env!("CARGO_BIN_EXE_twenty-mcp");

/// A command of the binary, in an empty folder and without settings from the machine's environment.
pub fn command(arguments: &[&str]) -> (Command, tempfile::TempDir) {
    command_of(Path::new(BINARY), arguments)
}

fn command_of(binary: &Path, arguments: &[&str]) -> (Command, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(binary);
    command.args(arguments).current_dir(folder.path()).env_clear();
    command.env("HOME", folder.path()).env("PATH", std::env::var_os("PATH").unwrap_or_default());
    (command, folder)
}

/// A port of this machine that is free under each of its names, and that nobody is given who asks for any.
pub fn free_port() -> u16 {
    loop {
        let port = rand::rng().random_range(10_000..30_000);
        if ["127.0.0.1", "127.0.0.2", "::1"].iter().all(|name| TcpListener::bind((*name, port)).is_ok()) {
            return port;
        }
    }
}

/// What `twenty-mcp start --port 0 ARGUMENTS…` says, which must not serve.
pub fn refused(arguments: &[&str]) -> Output {
    let (mut command, _folder) = command(&[&["start", "--port", "0"], arguments].concat());
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// A server that is stopped when dropped; the test fails where it has sent what its revision of MCP does not allow, or has
/// shown or written down a key with the [canary].
pub struct Running {
    pub child: Child,
    /// `http://[::1]:PORT` where it is recorded, else `http://127.0.0.1:PORT`
    pub url: String,
    /// What it printed until it served.
    pub greeting: String,
    recording: Option<Recording>,
    /// What it tells on standard error, once it has ended.
    errors: Option<JoinHandle<String>>,
    writes: Vec<PathBuf>,
    _folder: tempfile::TempDir,
}

impl Running {
    /// Starts `twenty-mcp start --port 0 ARGUMENTS…` and waits until it has told its endpoint.
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_with(arguments, |_| {})
    }

    /// The same, with a last word on the command.
    pub fn start_with(arguments: &[&str], prepare: impl FnOnce(&mut Command)) -> Self {
        Self::start_binary(Path::new(BINARY), arguments, prepare)
    }

    /// The same of another binary.
    pub fn start_binary(binary: &Path, arguments: &[&str], prepare: impl FnOnce(&mut Command)) -> Self {
        Self::launch(binary, None, arguments, prepare)
    }

    /// The same of a server that a proxy serves under another name, which is all that it tells.
    pub fn start_behind_proxy(arguments: &[&str]) -> Self {
        Self::launch(Path::new(BINARY), Some(free_port()), arguments, |_| {})
    }

    fn launch(
        binary: &Path,
        port: Option<u16>,
        arguments: &[&str],
        prepare: impl FnOnce(&mut Command),
    ) -> Self {
        let (mut command, folder) = command_of(binary, &["start", "--port"]);
        command.arg(port.unwrap_or_default().to_string());
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        prepare(&mut command);
        let writes = canary::places(arguments, folder.path());
        loop {
            let (mut child, greeting, errors) = greeted(&mut command);
            let told = || Some(greeting.split_once(" at http://")?.1.split_once("/mcp")?.0.to_owned());
            let bound = port.map_or_else(|| told().unwrap(), |port| format!("127.0.0.1:{port}"));
            // Where the same port of the other address is somebody's, another one is taken.
            let Ok(recording) = Recording::of(bound.parse().unwrap()) else {
                let _ = child.kill();
                let _ = child.wait();
                continue;
            };
            let authority = recording.as_ref().map_or(&bound, |recording| &recording.authority);
            let url = format!("http://{authority}");
            let errors = Some(errors);
            return Self { child, url, greeting, recording, errors, writes, _folder: folder };
        }
    }

    /// `/mcp` of the server.
    pub fn mcp(&self) -> String {
        format!("{}/mcp", self.url)
    }

    /// Where clients connect to it, and what they call it.
    pub fn authority(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// Where the process itself listens: `127.0.0.1:PORT`.
    pub fn bound(&self) -> String {
        format!("127.0.0.1:{}", self.port())
    }

    pub fn port(&self) -> &str {
        self.url.rsplit(':').next().unwrap()
    }

    /// `127.0.0.1:PORT` of the sandbox itself.
    pub fn sandbox(&self) -> &str {
        let rest = self.greeting.split("sandbox of `twenty` is at http://").nth(1).unwrap();
        rest.lines().next().unwrap()
    }

    /// Sends SIGTERM.
    pub fn terminate(&self) {
        self.signal("-TERM");
    }

    /// Sends SIGKILL: it ends where it stands.
    pub fn kill(&self) {
        self.signal("-KILL");
    }

    /// The most memory that it has had so far, as Linux counts it.
    pub fn peak_memory_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.trim().trim_end_matches(" kB").parse().unwrap()
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }
}

impl Running {
    /// Ends it, and tells what it has sent.
    pub fn sent(mut self) -> Vec<Sent> {
        self.end()
    }

    fn end(&mut self) -> Vec<Sent> {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let errors = self.errors.take().map(|errors| errors.join().unwrap()).unwrap_or_default();
        if !panicking() {
            canary::is_not_among(&[("the greeting", &self.greeting), ("standard error", &errors)]);
            self.writes.iter().for_each(|place| canary::is_in_no_file_of(place));
        }
        self.recording.take().map_or_else(Vec::new, |recording| recording.judged(true))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

/// Starts a command and waits until the server has told its endpoint; what it printed until then, and what it will have
/// told on standard error.
fn greeted(command: &mut Command) -> (Child, String, JoinHandle<String>) {
    let mut child = command.spawn().unwrap();
    let (tell, told) = mpsc::channel();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    std::thread::spawn(move || {
        let mut line = String::new();
        while stdout.read_line(&mut line).is_ok_and(|n| n > 0) {
            if tell.send(std::mem::take(&mut line)).is_err() {
                break;
            }
        }
    });
    let stderr = child.stderr.take();
    let errors = std::thread::spawn(move || {
        let mut text = String::new();
        let _ = stderr.map(|mut stderr| stderr.read_to_string(&mut text));
        text
    });
    let mut greeting = String::new();
    while !greeting.contains("VS Code") || !greeting.ends_with("\n\n") {
        match told.recv_timeout(Duration::from_secs(60)) {
            Ok(line) => greeting.push_str(&line),
            Err(_) => {
                let _ = child.kill();
                panic!("the server did not start: {greeting}\n{}", errors.join().unwrap());
            }
        }
    }
    (child, greeting, errors)
}
