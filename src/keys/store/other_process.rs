//! Another process that is killed in the middle of its work, for tests: the test binary itself, which runs one test.

use std::{
    io::Write as _,
    process::Stdio,
    sync::atomic::{AtomicUsize, Ordering},
};
use tokio::io::{AsyncBufReadExt as _, BufReader};

/// What the other process is to do; where it is not set, there is nothing to do.
const SAID: &str = "TWENTY_MCP_TEST_OTHER_PROCESS";

/// What this process is to do as the other one.
pub fn said() -> Option<String> {
    std::env::var(SAID).ok()
}

/// Whether this is the moment at which it is to stand still, counted down from the first; that is told.
pub fn halts(left: &AtomicUsize) -> bool {
    let halts = left.fetch_sub(1, Ordering::SeqCst) == 1;
    if halts {
        tell("halted");
    }
    halts
}

/// Tells that all is done.
pub fn done() {
    tell("done");
}

fn tell(word: &str) {
    let mut out = std::io::stdout();
    out.write_all(format!("\n{word}\n").as_bytes()).and_then(|()| out.flush()).unwrap();
}

/// Runs the test of this path as the other process, and kills it when it stands still or is done; whether it stood still.
pub async fn killed(test: &str, said: String) -> bool {
    let mut child = tokio::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture", test])
        .env(SAID, said)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let halted = loop {
        match lines.next_line().await.unwrap().expect("it halts or is done").as_str() {
            "halted" => break true,
            "done" => break false,
            _ => {}
        }
    };
    child.kill().await.unwrap();
    halted
}
