//! graphql-js as a judge of documents, one process for all tests.

use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{Mutex, PoisonError},
};

struct Judge {
    _node: Child,
    ask: ChildStdin,
    told: BufReader<ChildStdout>,
}

static JUDGE: Mutex<Option<Judge>> = Mutex::new(None);

impl Judge {
    fn start(modules: &Path) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/graphql/validate.mjs");
        let mut node = Command::new(modules.join(".bin/node"));
        // It ends by itself when this process does, as its input ends then.
        let mut node =
            node.arg(script).arg(modules).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (ask, told) = (node.stdin.take().unwrap(), BufReader::new(node.stdout.take().unwrap()));
        Self { ask, told, _node: node }
    }

    fn faults(&mut self, schema: &Path, documents: &[&Value]) -> Vec<String> {
        writeln!(self.ask, "{}", json!({ "schema": schema, "documents": documents })).unwrap();
        let mut line = String::new();
        self.told.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

/// Every document is valid for this schema, and its variables can be coerced.
pub fn valid(schema: &Path, documents: &[&Value]) {
    let faults = faults(schema, documents).unwrap_or_default();
    assert!(faults.is_empty(), "not valid for {}:\n{}", schema.display(), faults.join("\n"));
}

/// What is wrong with the documents or their variables; none where graphql-js is not installed.
pub fn faults(schema: &Path, documents: &[&Value]) -> Option<Vec<String>> {
    let Some(modules) = std::env::var_os("TWENTY_MCP_TEST_NODE_MODULES").map(PathBuf::from) else {
        assert!(std::env::var_os("CI").is_none(), "TWENTY_MCP_TEST_NODE_MODULES is not set: run ./tests/run");
        println!("skipped: documents are judged by graphql-js, which ./tests/run installs");
        return None;
    };
    let mut judge = JUDGE.lock().unwrap_or_else(PoisonError::into_inner);
    Some(judge.get_or_insert_with(|| Judge::start(&modules)).faults(schema, documents))
}
