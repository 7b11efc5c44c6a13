//! Tools that come and go: listed, called, and told of when they are others.

use crate::support::{
    running::Running,
    scratch::{serving_plug_ins, with_plug_ins},
    wire::{GENERATIONS, Generation, Heard, Wire},
};
use serde_json::{Value, json};
use std::{fs, path::PathBuf, process::Command};

/// The folder whose files are tools of a server.
fn letters(server: &Running) -> PathBuf {
    let folder = fs::read_link(format!("/proc/{}/cwd", server.child.id())).unwrap().join("letters");
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Waits until the list of tools is another one.
async fn changed(heard: &mut Heard) {
    while heard.next().await["method"] != "notifications/tools/list_changed" {}
}

async fn listed(wire: &Wire) -> Vec<Value> {
    let (mut tools, _) = wire.all("tools/list", "tools").await;
    tools.retain(|tool| tool["name"].as_str().unwrap().starts_with("read_"));
    tools
}

#[tokio::test(flavor = "multi_thread")]
async fn tools_come_and_go_and_every_client_hears_of_it() {
    let server = serving_plug_ins(&[]).await;
    let mut clients = Vec::new();
    for generation in GENERATIONS {
        let wire = Wire::of(&server, generation).await;
        assert_eq!(listed(&wire).await, [] as [Value; 0]);
        let heard = wire.listen(&["motto://en"]).await;
        clients.push((wire, heard));
    }
    let folder = letters(&server);
    fs::write(folder.join("ada.txt"), "Dear Ada").unwrap();
    for (wire, heard) in &mut clients {
        changed(heard).await;
        let read_ada = json!({
            "name": "read_ada", "title": "Read ada", "description": "Read a letter.",
            "inputSchema": { "type": "object", "properties": {}, "additionalProperties": false },
            "annotations": {
                "readOnlyHint": true, "destructiveHint": false, "idempotentHint": true, "openWorldHint": false,
            },
        });
        assert_eq!(listed(wire).await, [read_ada]);
        let said = wire.done("tools/call", json!({ "name": "read_ada", "arguments": {} })).await;
        assert_eq!(said["content"], json!([{ "type": "text", "text": "Dear Ada" }]));
        assert!(said.get("structuredContent").is_none(), "it has no schema for it: {said}");
        let wrong = json!({ "name": "read_ada", "arguments": { "loud": true } });
        let wrong = wire.done("tools/call", wrong).await;
        assert_eq!((&wrong["isError"], &wrong["_meta"]["twenty-mcp/error"]), (&json!(true), &json!("input")));
        let near = wire.refused("tools/call", json!({ "name": "read_adaa", "arguments": {} })).await;
        assert_eq!(near["code"], -32602);
        assert!(near["message"].as_str().unwrap().contains("did you mean read_ada?"), "{near}");
    }
    let stateless = Wire::of(&server, Generation::Stateless).await;
    assert_eq!(stateless.done("tools/list", json!({})).await["cacheScope"], "private");

    fs::rename(folder.join("ada.txt"), folder.join("bob.v2.txt")).unwrap();
    for (wire, heard) in &mut clients {
        changed(heard).await;
        assert_eq!(listed(wire).await[0]["name"], "read_bob.v2");
        let said = wire.done("tools/call", json!({ "name": "read_bob.v2", "arguments": {} })).await;
        assert_eq!(said["content"][0]["text"], "Dear Ada");
        let gone = wire.refused("tools/call", json!({ "name": "read_ada", "arguments": {} })).await;
        assert_eq!(gone["code"], -32602, "{gone}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_tool_is_left_out_and_the_others_are_served() {
    let server = serving_plug_ins(&[]).await;
    let wire = Wire::of(&server, Generation::Session).await;
    let mut heard = wire.listen(&["motto://en"]).await;
    assert_eq!(listed(&wire).await, [] as [Value; 0]);
    let folder = letters(&server);
    for name in ["two words", &"long".repeat(20), "fine"] {
        fs::write(folder.join(format!("{name}.txt")), "Hello").unwrap();
    }
    // One look at the folder may see some of the files.
    loop {
        let tools = listed(&wire).await;
        if tools.iter().any(|tool| tool["name"] == "read_fine") {
            assert_eq!(tools.len(), 1);
            break;
        }
        changed(&mut heard).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_lists_them_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("letters")).unwrap();
    fs::write(folder.path().join("letters/ada.txt"), "Dear Ada").unwrap();
    let list = async |live: &[&str]| {
        let mut command = Command::new(with_plug_ins());
        command.args(["tools", "list", "--sandbox", "--json"]).args(live);
        command.current_dir(folder.path()).env_clear().env("HOME", folder.path());
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
        (rows, String::from_utf8(output.stderr).unwrap())
    };
    let (rows, told) = list(&[]).await;
    assert!(rows.iter().all(|row| row["name"] != "read_ada" && row.get("live").is_none()));
    assert!(told.contains("tools/letters.rs lists tools that come and go: see them with `--live`"), "{told}");
    let (rows, _) = list(&["--live"]).await;
    let live: Vec<_> = rows.iter().filter(|row| row["live"] == true).collect();
    assert_eq!(
        (live.len(), &live[0]["name"], &live[0]["file"]),
        (1, &json!("read_ada"), &json!("tools/letters.rs"))
    );
}
