//! Servers that clients start for themselves and speak with over pipes.

use super::{lines::Lines, messages::Sent};
use crate::support::running::BINARY;
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

    /// The words by which a client starts `twenty-mcp start --stdio ARGUMENTS…` so that it is recorded.
    pub fn words<'a>(&'a self, arguments: &[&'a str]) -> Vec<&'a str> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/recording/stdio.sh");
        let server = [script, self.0.path().to_str().unwrap(), BINARY, "start", "--stdio"];
        [&server, arguments].concat()
    }

    /// The same as a command.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let words = self.words(arguments);
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
    let kept = |path: &Path| std::fs::read(path).unwrap_or_default();
    said(&kept(asked), &kept(&asked.with_extension("told")))
}

/// What a server said on standard output to what was written to its standard input; the test fails where a revision does
/// not allow it.
pub fn said(asked: &[u8], told: &[u8]) -> Vec<Sent> {
    let lines = Lines::default();
    lines.asked(asked);
    // The end of what is asked ends its last line.
    lines.asked(b"\n");
    lines.told(told);
    lines.judged()
}
