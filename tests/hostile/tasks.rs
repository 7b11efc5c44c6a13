//! Tasks in sessions, asked for as no good client does.

use super::{
    hold,
    row::{Row, Want, error, request, result, silent},
    session_of,
};
use crate::support::{door::configured, piped::Piped};
use serde_json::{Value, json};

const YAML: &str = "tools: { hello: { enabled: false }, conformance: {} }\n";

/// The headers that name a session.
type Named<'a> = &'a [(&'a str, &'a str)];

/// A call that may become a task, and works for so long.
fn work(seconds: u32, task: Value) -> Value {
    json!({ "name": "slow_compute", "arguments": { "seconds": seconds, "label": "x" }, "task": task })
}

fn greet(task: Value) -> Value {
    json!({ "name": "greet", "arguments": { "name": "A" }, "task": task })
}

/// What is asked in a session that has this task.
fn rows(session: Named, task: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut row = |name: String, method: &str, params: Value, want: Want| {
        rows.push(Row::post(name, session, request(method, params).to_string(), want));
    };
    let wrong = || error(200, -32602, "7");
    for method in ["tasks/get", "tasks/result", "tasks/cancel"] {
        for id in [
            json!("nothing"),
            json!(""),
            json!("x".repeat(10_000)),
            json!("../.."),
            json!(task.to_uppercase()),
            json!(format!("{task} ")),
            json!(7),
            json!(null),
            json!([task]),
            json!({}),
            json!(true),
        ] {
            row(format!("{method} of {id:.40}"), method, json!({ "taskId": id }), wrong());
        }
        row(format!("{method} of nothing"), method, json!({}), wrong());
    }
    for cursor in [json!("x"), json!(""), json!(7), json!([]), json!({}), json!(task)] {
        row(format!("the cursor is {cursor}"), "tasks/list", json!({ "cursor": cursor }), wrong());
    }
    row("the cursor is null".into(), "tasks/list", json!({ "cursor": null }), result("7"));
    row("tasks of nothing".into(), "tasks/list", json!({ "taskId": task }), result("7"));
    for method in ["tasks/update", "tasks/create", "tasks/delete", "tasks", "tasks/", "TASKS/GET"] {
        row(format!("{method} is of no session"), method, json!({ "taskId": task }), error(200, -32601, "7"));
    }
    for task in [json!({}), json!({ "ttl": 60_000 }), json!(7), json!([]), json!(false)] {
        row(format!("a tool that forbids {task}"), "tools/call", greet(task), error(200, -32601, "7"));
    }
    row("no task after all".into(), "tools/call", greet(Value::Null), result("7"));
    let job = json!({ "name": "failing_job", "arguments": {} });
    row("a tool that wants a task and gets none".into(), "tools/call", job, error(200, -32601, "7"));
    let nobody = json!({ "name": "nobody", "arguments": {}, "task": {} });
    row("a task of no tool".into(), "tools/call", nobody, wrong());
    for task in [json!(7), json!("x"), json!([]), json!(true)] {
        row(format!("a task that is {task}"), "tools/call", work(0, task), wrong());
    }
    for ttl in [json!(-1), json!(-1e300), json!(1.5), json!("60000"), json!([]), json!({}), json!(true)] {
        row(format!("a ttl of {ttl}"), "tools/call", work(0, json!({ "ttl": ttl })), wrong());
    }
    for ttl in [json!(0), json!(1), json!(u64::MAX), json!(1e300), json!(null)] {
        let call = work(0, json!({ "ttl": ttl, "more": [] }));
        row(format!("a ttl of {ttl}"), "tools/call", call, result("7"));
    }
    let mut unfit = work(0, json!({}));
    unfit["arguments"]["seconds"] = json!("many");
    row("a task whose arguments do not fit".into(), "tools/call", unfit, result("7"));
    for (name, method, want) in [
        ("works", "tasks/get", result("7")),
        ("is cancelled", "tasks/cancel", result("7")),
        ("is cancelled again", "tasks/cancel", wrong()),
        ("has no result", "tasks/result", wrong()),
        ("is still there", "tasks/get", result("7")),
    ] {
        row(format!("a task {name}"), method, json!({ "taskId": task }), want);
    }
    for method in ["notifications/tasks/status", "notifications/tasks"] {
        let note = json!({ "jsonrpc": "2.0", "method": method, "params": { "taskId": task } });
        rows.push(Row::post(method, session, note.to_string(), silent(202)));
    }
    rows
}

/// What somebody else asks who knows the task.
fn of_another(session: Named, task: &str) -> Vec<Row> {
    let ask = |method: &str| {
        let body = request(method, json!({ "taskId": task })).to_string();
        Row::post(format!("{method} of another's"), session, body, error(200, -32602, "7"))
    };
    ["tasks/get", "tasks/result", "tasks/cancel"].map(ask).into()
}

/// What is asked in a session of an older revision.
fn of_old(session: Named, task: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    for method in ["tasks/get", "tasks/result", "tasks/cancel", "tasks/list"] {
        let body = request(method, json!({ "taskId": task })).to_string();
        rows.push(Row::post(format!("{method} of old"), session, body, error(200, -32601, "7")));
    }
    for call in [greet(json!({})), greet(json!(7)), work(0, json!({ "ttl": -1 }))] {
        let name = format!("of old it means nothing: {}", call["task"]);
        rows.push(Row::post(name, session, request("tools/call", call).to_string(), result("7")));
    }
    rows
}

fn as_said<'a>(session: &'a [(&'static str, String); 2]) -> [(&'static str, &'a str); 2] {
    session.each_ref().map(|(name, value)| (*name, value.as_str()))
}

#[test]
fn what_is_asked_of_tasks_in_sessions_has_its_one_answer() {
    let (server, _folder) = configured(YAML);
    let [own, other, old] =
        ["2025-11-25", "2025-11-25", "2025-06-18"].map(|revision| session_of(&server, revision));
    let begin = request("tools/call", work(600, json!({}))).to_string();
    let begun = Row::post("begins", &as_said(&own), begin, result("7")).ask(&server).message().unwrap();
    let task = begun.result.unwrap()["task"]["taskId"].as_str().unwrap().to_owned();
    hold(&server, &of_another(&as_said(&other), &task));
    hold(&server, &of_old(&as_said(&old), &task));
    hold(&server, &rows(&as_said(&own), &task));
}

/// The answer to a line, and what is said beside it left out.
fn asked(piped: &mut Piped, line: &[u8]) -> Value {
    piped.send(line);
    loop {
        let told = piped.next();
        if told.get("method").is_none() {
            return told;
        }
    }
}

#[test]
fn over_a_pipe_it_is_the_same() {
    let session = [("Mcp-Session-Id", "x"), ("MCP-Protocol-Version", "2025-11-25")];
    for (revision, old) in [("2025-11-25", false), ("2025-06-18", true)] {
        let mut piped = Piped::configured(YAML);
        let client = json!({ "name": "x", "version": "1" });
        let hello = json!({ "protocolVersion": revision, "capabilities": {}, "clientInfo": client });
        asked(&mut piped, request("initialize", hello).to_string().as_bytes());
        let rows = if old {
            of_old(&session, "x")
        } else {
            let begun = asked(&mut piped, request("tools/call", work(600, json!({}))).to_string().as_bytes());
            rows(&session, begun["result"]["task"]["taskId"].as_str().unwrap())
        };
        let mut faults = Vec::new();
        for row in &rows {
            let (name, line, want) = row.over_pipe(&session).unwrap();
            if want.is_silent() {
                piped.send(line);
                continue;
            }
            let told = asked(&mut piped, line);
            let fault = want.fault_of(Some(serde_json::from_value(told.clone()).unwrap()));
            faults.extend(fault.map(|fault| format!("{name}: {fault}\n  {told}")));
        }
        assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), rows.len(), faults.join("\n"));
    }
}
