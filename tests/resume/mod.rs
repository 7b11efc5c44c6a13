//! Streams of a session that break off and go on: from where the client heard last, once, in order, for it alone.

mod client;
mod tools;

use crate::support::inside::Served;
use client::{Client, Connection};
use poem::{Endpoint, Request, Response};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};
use twenty_mcp::{
    mcp::{Door, SessionLimits},
    registry::Registry,
    seam::{Issuer, Principal, Scope, Scopes, Subject, User},
};

/// A server of the tool of this folder; whoever says their name in `x-user` is that user.
async fn served(limits: SessionLimits) -> Served {
    let registry = Registry::of(&[&tools::TALK], Vec::new(), &BTreeMap::new(), Duration::from_secs(120));
    Served::start(registry.unwrap(), limits, Named).await
}

struct Named(Door);

impl Endpoint for Named {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let name = request.header("x-user").unwrap_or("ann").to_owned();
        let (issuer, subject) = (Issuer::new("https://issuer.example"), Subject::new(name));
        let user = User { issuer, subject, client: None, scopes: Scopes::from([Scope::new("tools:admin")]) };
        request.extensions_mut().insert(Principal::User(user));
        self.0.call(request).await
    }
}

/// The numbers of the notes that a connection hears, and the text of the answer if it comes.
async fn rest(connection: &mut Connection) -> (Vec<u64>, Option<String>) {
    let (mut notes, mut answer) = (Vec::new(), None);
    while let Some(event) = connection.next().await {
        match event.message {
            Some(note) if note["method"] == "notifications/progress" => {
                notes.push(note["params"]["progress"].as_f64().unwrap() as u64);
            }
            Some(message) => answer = Some(text(&message)),
            None => {}
        }
    }
    (notes, answer)
}

fn text(message: &Value) -> String {
    let text = &message["result"]["content"][0]["text"];
    text.as_str().or(message["error"]["message"].as_str()).unwrap_or_else(|| panic!("{message}")).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_loses_its_connection_hears_what_it_missed_once_and_in_order() {
    let server = served(SessionLimits::default()).await;
    let client = Client::of(&server.url, "2025-11-25").await;
    let mut connection = client.call(1, json!({ "before": 3, "gate": "lost", "after": 4 })).await;
    let first = connection.next().await.unwrap();
    assert!(first.message.is_none() && first.retry.is_some(), "it begins with a place to come back to");
    for n in 1..=2 {
        let event = connection.next().await.unwrap();
        assert_eq!(event.message.unwrap()["params"]["progress"], f64::from(n));
    }
    let last = connection.last.clone().unwrap();
    drop(connection);
    tools::open("lost");
    let mut again = client.resume(&last).await.unwrap();
    assert_eq!(rest(&mut again).await, (vec![3, 4, 5, 6, 7], Some("done".into())));
    let mut from_the_beginning = client.resume(first.id.as_ref().unwrap()).await.unwrap();
    assert_eq!(rest(&mut from_the_beginning).await.0, [1, 2, 3, 4, 5, 6, 7]);
    let mut at_the_end = client.resume(again.last.as_ref().unwrap()).await.unwrap();
    assert_eq!(rest(&mut at_the_end).await, (vec![], None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_lets_its_connection_go_and_its_client_comes_back_for_the_answer() {
    let server = served(SessionLimits::default()).await;
    let client = Client::of(&server.url, "2025-11-25").await;
    let talk = json!({ "before": 1, "partsFor": 250, "gate": "parted", "after": 1 });
    let mut connection = client.call(1, talk).await;
    assert_eq!(rest(&mut connection).await, (vec![1], None), "it ends before the answer");
    assert_eq!(connection.retry, Some(250));
    tools::open("parted");
    let mut again = client.resume(&connection.last.unwrap()).await.unwrap();
    assert_eq!(rest(&mut again).await, (vec![2], Some("done".into())));

    let older = Client::of(&server.url, "2025-06-18").await;
    let talk = json!({ "before": 1, "partsFor": 250, "gate": "stays", "after": 1 });
    let mut connection = older.call(1, talk).await;
    tools::open("stays");
    let told = rest(&mut connection).await;
    assert_eq!(told, (vec![1, 2], Some("done".into())), "an older client waits");
    assert_eq!(connection.retry, None, "and is sent no event without a message");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_goes_on_for_its_own_client_alone() {
    let server = served(SessionLimits::default()).await;
    let (client, mut other) =
        (Client::of(&server.url, "2025-11-25").await, Client::of(&server.url, "2025-11-25").await);
    let mut connection = client.call(1, json!({ "before": 1 })).await;
    assert_eq!(rest(&mut connection).await.1, Some("done".into()));
    let last = connection.last.unwrap();
    assert_eq!(other.resume(&last).await.unwrap_err(), (400, -32600), "another session's stream");
    other.session.clone_from(&client.session);
    assert!(other.resume(&last).await.is_ok());
    other.user = "bob";
    assert_eq!(other.resume(&last).await.unwrap_err(), (404, -32001), "another caller's session");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_not_there_is_told() {
    let server = served(SessionLimits::default()).await;
    let client = Client::of(&server.url, "2025-11-25").await;
    for unknown in ["", "0", "0.1", "7.0", "1.99", "x", "1.1.1", "18446744073709551616.0"] {
        assert_eq!(client.resume(unknown).await.unwrap_err(), (400, -32600), "{unknown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_heard_long_ago_makes_room_and_is_told_to_be_gone() {
    let server = served(SessionLimits { kept: 70_000, ..SessionLimits::default() }).await;
    let client = Client::of(&server.url, "2025-11-25").await;
    let mut places = Vec::new();
    for id in 1..=3 {
        let gate = format!("room {id}");
        let talk = json!({ "before": 0, "partsFor": 1, "gate": gate, "size": 15_000 });
        let mut connection = client.call(id, talk).await;
        assert_eq!(rest(&mut connection).await.1, None);
        let place = connection.last.unwrap();
        tools::open(&gate);
        let mut again = client.resume(&place).await.unwrap();
        assert_eq!(rest(&mut again).await.1.unwrap().len(), 15_000);
        places.push(place);
    }
    assert_eq!(client.resume(&places[0]).await.unwrap_err(), (400, -32600));
    let mut kept = client.resume(&places[2]).await.unwrap();
    assert_eq!(rest(&mut kept).await.1.unwrap().len(), 15_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_its_client_cancels_ends_its_stream() {
    let server = served(SessionLimits::default()).await;
    let client = Client::of(&server.url, "2025-11-25").await;
    let mut connection = client.call(1, json!({ "before": 1, "gate": "cancelled" })).await;
    assert_eq!(connection.next().await.unwrap().message, None);
    assert!(connection.next().await.unwrap().message.is_some());
    client.tell("notifications/cancelled", json!({ "requestId": 1 })).await;
    assert_eq!(rest(&mut connection).await, (vec![], None));
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_of_one_caller_are_bounded_and_one_that_ends_makes_room() {
    let limits = SessionLimits { of_one: 1, ..SessionLimits::default() };
    let server = served(limits).await;
    let client = Client::of(&server.url, "2025-11-25").await;
    assert_eq!(Client::begun(&server.url, "ann", "2025-11-25").await.unwrap_err(), (429, -32000));
    assert!(Client::begun(&server.url, "bob", "2025-11-25").await.is_ok());
    let mut own = client.own_stream().await;
    assert!(own.next().await.unwrap().message.is_none());
    client.end().await;
    assert!(own.next().await.is_none(), "its streams end");
    assert_eq!(client.resume("0.0").await.unwrap_err(), (404, -32001));
    assert!(Client::begun(&server.url, "ann", "2025-11-25").await.is_ok());
}
