//! Messages that go over pipes, a line each: heard in their order, and kept once however often they are sent.

use super::{
    super::canary,
    judged,
    messages::{META, STATELESS, Sent, UNSAID, attributed, known},
    without,
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeSet, HashMap},
    io::{self, Read, Write},
    sync::{Arc, Mutex, mpsc},
};

/// The longest line that a server takes, in bytes.
const LONGEST: usize = 4 << 20;
/// Bytes that are kept of what one server says, each message once.
const ROOM: usize = 64 << 20;

/// What went over the pipes of one server.
#[derive(Default)]
pub struct Lines(Mutex<Heard>);

#[derive(Default)]
struct Heard {
    asked: Part,
    told: Part,
    /// What has been asked and not answered, by the text of ids; of each request only what tells how it is answered.
    open: HashMap<String, Vec<Value>>,
    /// The revision of the session.
    agreed: Option<&'static str>,
    /// What is kept, by what it answers in which session and by the bytes behind the id.
    seen: BTreeSet<(String, Vec<u8>)>,
    kept: usize,
    sent: Vec<Sent>,
    faults: Vec<String>,
}

impl Lines {
    /// Takes note of bytes before the server gets them.
    pub fn asked(&self, bytes: &[u8]) {
        let mut heard = self.0.lock().unwrap();
        for line in heard.asked.lines(bytes, LONGEST).into_iter().flatten() {
            heard.request(&line);
        }
    }

    /// Takes note of bytes before the client gets them.
    pub fn told(&self, bytes: &[u8]) {
        let mut heard = self.0.lock().unwrap();
        for line in heard.told.lines(bytes, ROOM) {
            match line {
                Some(line) => heard.message(&line),
                None => heard.faults.push("a line that is too long".to_owned()),
            }
        }
    }

    /// The different messages of the server; the test fails where a revision does not allow one.
    pub fn judged(&self) -> Vec<Sent> {
        let mut heard = self.0.lock().unwrap();
        let sent = std::mem::take(&mut heard.sent);
        let mut faults = std::mem::take(&mut heard.faults);
        drop(heard);
        faults.extend(judged(&sent));
        without(&faults);
        sent
    }
}

impl Heard {
    fn request(&mut self, line: &[u8]) {
        let Ok(request) = serde_json::from_slice::<Value>(line) else { return };
        let (Some(id), Some(method)) = (request.get("id"), request.get("method")) else { return };
        let mut gist = json!({ "method": method, "params": {} });
        if request.pointer("/params/task").is_some() {
            gist["params"]["task"] = json!({});
        }
        if let Some(revision) = request["params"]["_meta"].get(META) {
            gist["params"]["_meta"] = json!({ META: revision });
        }
        self.open.entry(id.to_string()).or_default().push(gist);
    }

    fn message(&mut self, line: &[u8]) {
        if canary::is_in(line) {
            self.faults.push("a message shows a key".to_owned());
        }
        // Most answers are known but for their id, and long ones are slow to read.
        let known_as = cut(line).and_then(|(id, rest)| match self.open.get(id)?.as_slice() {
            [alone] => Some((id.to_owned(), (format!("{:?} {alone}", self.agreed), rest.to_vec()))),
            _ => None,
        });
        if let Some((id, _)) = known_as.as_ref().filter(|(_, message)| self.seen.contains(message)) {
            self.open.remove(id);
            return;
        }
        let message: Value = match serde_json::from_slice(line) {
            Ok(message) => message,
            Err(fault) => {
                let line = String::from_utf8_lossy(line);
                self.faults
                    .push(format!("standard output is not the protocol's alone: {fault}\n{line:.2000}"));
                return;
            }
        };
        self.kept += line.len();
        assert!(self.kept < ROOM, "{} bytes are too many to keep of one server", self.kept);
        let id = message.get("id").map(ToString::to_string).unwrap_or_default();
        let requests = self.open.get(&id).map(Vec::as_slice).unwrap_or_default();
        // Where nothing was agreed on, nothing was needed but by who asks for a sign of life before.
        let before =
            if requests.iter().any(|request| request["method"] == "ping") { UNSAID } else { STATELESS };
        let (sent, answered) = attributed(message, requests, self.agreed.unwrap_or(before));
        if let Some((requests, answered)) = self.open.get_mut(&id).zip(answered) {
            requests.remove(answered);
        }
        if sent.answers() == Some("initialize") {
            let agreed = sent.message["result"]["protocolVersion"].as_str();
            self.agreed = agreed.and_then(known).or(self.agreed);
        }
        self.seen.extend(known_as.map(|(_, message)| message));
        self.sent.push(sent);
    }
}

/// The id of an answer as it stands, and what follows it.
fn cut(line: &[u8]) -> Option<(&str, &[u8])> {
    let rest = line.strip_prefix(br#"{"jsonrpc":"2.0","id":"#)?;
    let (id, rest) = rest.split_at(rest.iter().position(|byte| *byte == b',')?);
    Some((str::from_utf8(id).ok()?, rest))
}

/// The beginning of a line whose end has not come.
#[derive(Default)]
struct Part {
    bytes: Vec<u8>,
    /// Whether it is too long already.
    over: bool,
}

impl Part {
    /// The lines that end in these bytes; none in the place of one that is longer than this.
    fn lines(&mut self, bytes: &[u8], longest: usize) -> Vec<Option<Vec<u8>>> {
        let mut lines = Vec::new();
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (piece, ends) = piece.strip_suffix(b"\n").map_or((piece, false), |piece| (piece, true));
            self.over |= self.bytes.len() + piece.len() > longest;
            if self.over {
                self.bytes = Vec::new();
            } else {
                self.bytes.extend_from_slice(piece);
            }
            if ends {
                let line = std::mem::take(&mut self.bytes);
                lines.push((!std::mem::take(&mut self.over)).then_some(line));
            }
        }
        lines
    }
}

/// A pipe that notes what goes through it: what is read was asked, what is written is told.
pub struct Noted<P> {
    pipe: P,
    lines: Arc<Lines>,
    /// Whether nobody reads any more: who writes then may try the same again.
    over: bool,
    /// Disconnected when nothing goes through it any more.
    _open: mpsc::Sender<()>,
}

impl<P> Noted<P> {
    pub fn new(pipe: P, lines: &Arc<Lines>, open: &mpsc::Sender<()>) -> Self {
        Self { pipe, lines: Arc::clone(lines), over: false, _open: open.clone() }
    }
}

impl<P: Read> Read for Noted<P> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.pipe.read(buffer)?;
        // The end of what is asked ends its last line.
        self.lines.asked(if read == 0 { b"\n" } else { &buffer[..read] });
        Ok(read)
    }
}

impl<P: Write> Write for Noted<P> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.over {
            self.lines.told(bytes);
        }
        let written = self.pipe.write_all(bytes);
        self.over |= written.is_err();
        written.map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pipe.flush()
    }
}
