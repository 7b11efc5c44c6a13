//! The binary that users run, at the other end of its standard input and output.

use super::running::command;
use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::mpsc,
    time::Duration,
};

/// The longest that a message may take.
const TIME: Duration = Duration::from_secs(60);

/// A server that is stopped when dropped.
pub struct Piped {
    pub child: Child,
    input: Option<ChildStdin>,
    output: Option<ChildStdout>,
    told: Option<mpsc::Receiver<String>>,
    _folder: tempfile::TempDir,
}

impl Piped {
    /// Starts `twenty-mcp start --stdio ARGUMENTS…`.
    pub fn start(arguments: &[&str]) -> Self {
        let (mut command, folder) = command(&[&["start", "--stdio"], arguments].concat());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let (input, output) = (child.stdin.take(), child.stdout.take());
        Self { child, input, output, told: None, _folder: folder }
    }

    /// The same with these settings.
    pub fn configured(yaml: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("c.yaml");
        std::fs::write(&file, yaml).unwrap();
        let mut piped = Self::start(&["--config", file.to_str().unwrap()]);
        // What it is configured by is read before it takes a first line.
        piped.send(discover("configured"));
        assert_eq!(piped.next()["id"], "configured");
        piped
    }

    /// Sends a line; its end is put to it.
    pub fn send(&mut self, line: impl AsRef<[u8]>) {
        self.write([line.as_ref(), b"\n"].concat());
    }

    /// Sends bytes.
    pub fn write(&mut self, bytes: impl AsRef<[u8]>) {
        let input = self.input.as_mut().unwrap();
        input.write_all(bytes.as_ref()).and_then(|()| input.flush()).unwrap();
    }

    /// Its standard input, for whoever writes to it beside.
    pub fn take_input(&mut self) -> ChildStdin {
        self.input.take().unwrap()
    }

    /// Closes its standard input.
    pub fn hang_up(&mut self) {
        self.input = None;
    }

    /// Reads nothing of it, ever.
    pub fn turn_away(&mut self) {
        self.output = None;
    }

    /// The next line, as it is.
    pub fn line(&mut self) -> String {
        self.heard().recv_timeout(TIME).expect("nothing was told")
    }

    /// The next message.
    pub fn next(&mut self) -> Value {
        let line = self.line();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    /// Everything that it tells until it ends, which it must, with exit code 0.
    pub fn rest(mut self) -> Vec<String> {
        self.hang_up();
        let mut rest = Vec::new();
        loop {
            match self.heard().recv_timeout(TIME) {
                Ok(line) => rest.push(line),
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
                Err(mpsc::RecvTimeoutError::Timeout) => panic!("it does not end"),
            }
        }
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
        rest
    }

    /// Sends SIGTERM.
    pub fn terminate(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    }

    /// The most memory that it has had so far, as Linux counts it.
    pub fn peak_memory_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// Its lines, from the first time on that somebody wants one: before, nobody reads.
    fn heard(&mut self) -> &mpsc::Receiver<String> {
        let output = self.output.take();
        self.told.get_or_insert_with(|| {
            let (tell, told) = mpsc::channel();
            let mut output = BufReader::new(output.unwrap());
            std::thread::spawn(move || {
                let mut line = String::new();
                while output.read_line(&mut line).is_ok_and(|read| read > 0) {
                    let whole = line.strip_suffix('\n').expect("a whole line").to_owned();
                    if tell.send(whole).is_err() {
                        return;
                    }
                    line.clear();
                }
            });
            told
        })
    }
}

/// A request for what the server can do, by the stateless revision.
pub fn discover(id: &str) -> String {
    let meta = serde_json::json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let params = serde_json::json!({ "_meta": meta });
    serde_json::json!({ "jsonrpc": "2.0", "id": id, "method": "server/discover", "params": params })
        .to_string()
}

impl Drop for Piped {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
