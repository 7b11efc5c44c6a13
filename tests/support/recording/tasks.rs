//! Messages of the extension for tasks, of which MCP publishes no JSON schema: the official package for it judges them.

use super::messages::Sent;
use crate::clients::script;
use serde_json::json;

/// What is wrong with these messages; nothing where the package is not installed.
pub fn fault(sent: &[&Sent]) -> Option<String> {
    if sent.is_empty() {
        return None;
    }
    let (mut command, folder) = script("tasks.mjs")?;
    let line = |sent: &&Sent| format!("{}\n", json!({ "asked": sent.answers(), "message": sent.message }));
    let file = folder.path().join("messages");
    std::fs::write(&file, sent.iter().map(line).collect::<String>()).unwrap();
    let output = command.arg(file).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (!output.status.success()).then(|| String::from_utf8_lossy(&said).into_owned())
}
