//! Servers that clients start for themselves and speak with over pipes.

use super::{
    judged,
    messages::{Sent, Session},
};
use serde_json::Value;
use std::{
    path::Path,
    time::{Duration, Instant},
};
use tokio::process::Command;

/// The longest that a server may take to end whose client has left.
const TIME: Duration = Duration::from_secs(20);

/// Recordings of the servers that were started by its words.
pub struct Piped(tempfile::TempDir);

impl Piped {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// The words by which a client starts a command so that it is recorded.
    pub fn words<'a>(&'a self, command: &[&'a str]) -> Vec<&'a str> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/recording/stdio.sh");
        [&[script, self.0.path().to_str().unwrap()], command].concat()
    }

    /// The same as a command.
    pub fn command(&self, words: &[&str]) -> Command {
        let words = self.words(words);
        let mut command = Command::new(words[0]);
        command.args(&words[1..]);
        command
    }

    /// What was sent by servers whose clients have left; the test fails where a revision does not allow it.
    pub fn sent(self) -> Vec<Sent> {
        let begun = std::fs::read_dir(self.0.path()).unwrap().map(|entry| entry.unwrap().path());
        let begun = begun.filter(|path| path.extension().is_some_and(|kind| kind == "asked"));
        begun.flat_map(|asked| heard(&asked)).collect()
    }
}

fn heard(asked: &Path) -> Vec<Sent> {
    let since = Instant::now();
    // One that its client has killed leaves no mark.
    while !asked.with_extension("end").exists() && since.elapsed() < TIME {
        std::thread::sleep(Duration::from_millis(10));
    }
    let text = |path: &Path| String::from_utf8(std::fs::read(path).unwrap_or_default()).unwrap();
    said(&text(asked), &text(&asked.with_extension("told")))
}

/// What a server said on standard output to what was written to its standard input; the test fails where a revision does
/// not allow it.
pub fn said(asked: &str, told: &str) -> Vec<Sent> {
    let whole = told.rfind('\n').map_or("", |end| &told[..end]);
    let told: Result<Vec<Value>, _> = whole.lines().map(serde_json::from_str).collect();
    let told =
        told.unwrap_or_else(|fault| panic!("standard output is not the protocol's alone: {fault}\n{whole}"));
    let mut session = Session::of_pipes();
    for request in asked.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let mut answers = told.iter().filter(|message| message.get("method").is_none());
        session.asks(&request, answers.find(|answer| answer.get("id") == request.get("id")));
    }
    let sent: Vec<Sent> = told.into_iter().map(|message| session.sent(message, None, None)).collect();
    let faults = judged(&sent);
    assert!(faults.is_empty(), "{} faults in what the server sent:\n{}", faults.len(), faults.join("\n\n"));
    sent
}
