//! The binary that users run, at the other end of its standard input and output.

use super::{
    canary,
    recording::{lines::Lines, messages::Sent, stdio::said},
    running::command,
};
use serde_json::Value;
use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio},
    sync::{Arc, mpsc},
    thread::JoinHandle,
    time::Duration,
};

/// The longest that a message may take.
const TIME: Duration = Duration::from_secs(60);
/// Where in its folder a server's standard error goes.
const ERRORS: &str = "standard-error";

/// A server that is stopped when dropped; the test fails where it has sent what its revision of MCP does not allow.
pub struct Piped {
    pub child: Child,
    input: Option<Input>,
    output: Option<ChildStdout>,
    told: Option<(mpsc::Receiver<String>, JoinHandle<()>)>,
    lines: Arc<Lines>,
    folder: tempfile::TempDir,
}

/// The standard input of a server, which is recorded.
pub struct Input {
    pipe: ChildStdin,
    lines: Arc<Lines>,
}

impl Write for Input {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.lines.asked(bytes);
        self.pipe.write_all(bytes).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pipe.flush()
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        // Its end ends a last line.
        self.lines.asked(b"\n");
    }
}

/// Asks a server everything at once and waits until it has ended; what it sent, in the order of its lines.
pub fn answers(command: &mut Command, asked: &str) -> (Output, Vec<Sent>) {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(asked.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let sent = said(asked.as_bytes(), &output.stdout);
    canary::is_not_among(&[("standard error", &String::from_utf8_lossy(&output.stderr))]);
    (output, sent)
}

/// The same of `twenty-mcp start --stdio ARGUMENTS…`.
pub fn answers_of(arguments: &[&str], asked: &str) -> (Output, Vec<Sent>) {
    let (mut command, _folder) = stdio(arguments);
    answers(&mut command, asked)
}

/// `twenty-mcp start --stdio ARGUMENTS…`, which is started by [`answers`] or [`Piped::of`].
pub fn stdio(arguments: &[&str]) -> (Command, tempfile::TempDir) {
    command(&[&["start", "--stdio"], arguments].concat())
}

impl Piped {
    /// Starts `twenty-mcp start --stdio ARGUMENTS…`.
    pub fn start(arguments: &[&str]) -> Self {
        let (command, folder) = stdio(arguments);
        Self::of(command, folder)
    }

    /// Starts a server by another command.
    pub fn of(mut command: Command, folder: tempfile::TempDir) -> Self {
        let errors = File::create(folder.path().join(ERRORS)).unwrap();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(errors);
        let mut child = command.spawn().unwrap();
        let (input, output, lines) = (child.stdin.take(), child.stdout.take(), Arc::<Lines>::default());
        let input = input.map(|pipe| Input { pipe, lines: Arc::clone(&lines) });
        Self { child, input, output, told: None, lines, folder }
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
    pub fn take_input(&mut self) -> Input {
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
        let (output, lines) = (&mut self.output, &self.lines);
        let (told, _) = self.told.get_or_insert_with(|| {
            let (tell, told) = mpsc::channel();
            let (mut output, lines) = (BufReader::new(output.take().unwrap()), Arc::clone(lines));
            let reader = std::thread::spawn(move || {
                let mut line = String::new();
                while output.read_line(&mut line).is_ok_and(|read| read > 0) {
                    lines.told(line.as_bytes());
                    if let Some(whole) = line.strip_suffix('\n') {
                        let _ = tell.send(whole.to_owned());
                    }
                    line.clear();
                }
            });
            (told, reader)
        });
        told
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
        // What it had said before is heard to the end.
        let mut rest = Vec::new();
        match (self.output.take(), self.told.take()) {
            (Some(mut output), _) => drop(output.read_to_end(&mut rest)),
            (None, Some((_, reader))) => drop(reader.join()),
            (None, None) => {}
        }
        self.lines.told(&rest);
        if !std::thread::panicking() {
            canary::is_in_no_file_of(&self.folder.path().join(ERRORS));
            self.lines.judged();
        }
    }
}
