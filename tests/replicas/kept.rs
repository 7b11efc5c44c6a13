//! What one replica keeps is led back to it through nginx, and streams are passed on as they come.

use super::{House, NAMES, Session, alone, asked, called, result};
use reqwest::{Client, Response};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn sessions_stay_at_their_replica() {
    let Some(house) = House::start(0).await else { return };
    let mut sessions = Vec::new();
    for _ in 0..6 {
        sessions.push(Session::begin(&house.url).await);
    }
    for name in NAMES {
        assert!(sessions.iter().any(|session| session.replica() == name), "one at {name}");
    }
    for id in 1..10 {
        for session in &sessions {
            let hello =
                result(session.call(id, "hello", json!({ "name": "Ann" })).send().await.unwrap()).await;
            assert_eq!(hello["content"][0]["text"], "Hello, Ann!");
        }
    }
    // Without the mark of its replica, or with that of another one, it is no session of anybody's.
    let own = sessions[0].id.split_once('.').unwrap().1.to_owned();
    for (at, id) in house
        .replicas
        .iter()
        .flat_map(|replica| [own.clone(), format!("c.{own}"), "a.".into()].map(|id| (&replica.url, id)))
    {
        let stranger = Session { http: Client::new(), url: at.clone(), id };
        let answer = stranger.call(1, "hello", json!({ "name": "Ann" })).send().await.unwrap();
        assert_eq!(answer.status(), 404, "{}", stranger.id);
    }
    for session in sessions {
        let delete =
            session.http.delete(format!("{}/mcp", session.url)).header("mcp-session-id", &session.id);
        let ended = delete.header("mcp-protocol-version", "2025-11-25").send().await.unwrap();
        assert!(ended.status().is_success(), "{}", ended.status());
        let late = session.call(99, "hello", json!({ "name": "Ann" })).send().await.unwrap();
        assert_eq!(late.status(), 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_are_found_at_their_replica() {
    let Some(house) = House::start(900).await else { return };
    let records: Vec<Value> = (0..25).map(|at| json!({ "name": format!("Task {at}") })).collect();
    let mut homes = Vec::new();
    for _ in NAMES {
        let begun =
            called(&house.url, "create_records", json!({ "object": "company", "records": records })).await;
        assert_eq!(begun["resultType"], "task", "{begun}");
        let id = begun["taskId"].as_str().unwrap();
        homes.push(id.split_once('.').unwrap().0.to_owned());
        let mut told = Value::Null;
        super::until("the task ends", async || {
            told = asked(&house.url, "tasks/get", json!({ "taskId": id })).await;
            told["status"] != "working"
        })
        .await;
        assert_eq!(told["result"]["structuredContent"]["changed"], 25, "{told}");
    }
    homes.sort();
    assert_eq!(homes, NAMES, "one at each");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sessions_own_stream_tells_what_happens() {
    let Some(house) = House::start(0).await else { return };
    let session = Session::begin(&house.url).await;
    let ada = json!({ "firstName": "Ada", "lastName": "Heard" });
    let made = result(session.call(1, "create_contact", ada).send().await.unwrap()).await;
    let id = made["structuredContent"]["id"].as_str().unwrap();
    let params = json!({ "uri": format!("twenty://record/person/{id}") });
    let subscribe = json!({ "jsonrpc": "2.0", "id": 2, "method": "resources/subscribe", "params": params });
    result(session.send(&subscribe).send().await.unwrap()).await;
    let listen = session.http.get(format!("{}/mcp", session.url)).header("accept", "text/event-stream");
    let listen = listen.header("mcp-protocol-version", "2025-11-25").header("mcp-session-id", &session.id);
    let stream = listen.send().await.unwrap();
    let change = json!({ "id": id, "jobTitle": "Heard of" });
    result(session.call(3, "update_contact", change).send().await.unwrap()).await;
    heard(stream, "notifications/resources/updated").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_comes_on_its_way_and_who_leaves_ends_the_call() {
    let Some(house) = House::start(200).await else { return };
    let people: Vec<Value> = (0..5000).map(|at| json!({ "name": format!("Long Way{at}") })).collect();
    let long = json!({
        "name": "create_records", "arguments": { "object": "person", "records": people },
        // A client that knows tasks would be given one.
        "_meta": { "progressToken": "p", "io.modelcontextprotocol/clientCapabilities": {} },
    });
    let call = alone(&Client::new(), &house.url, "tools/call", long);
    drop(heard(call.send().await.unwrap(), "notifications/progress").await);
    super::until("the call is given up", async || {
        house.replicas.iter().any(|replica| replica.outcomes("create_records") == ["left"])
    })
    .await;
}

/// A stream, once it has told this.
async fn heard(mut stream: Response, what: &str) -> Response {
    let mut heard = String::new();
    while !heard.contains(what) {
        let chunk = stream.chunk().await.unwrap();
        let chunk = chunk.unwrap_or_else(|| panic!("{} without {what}: {heard}", stream.status()));
        heard.push_str(str::from_utf8(&chunk).unwrap());
    }
    stream
}
