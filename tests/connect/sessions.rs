//! Clients with a session: an error that sends their user to the page, and a word when that is done.

use super::{Browser, KEY, Place};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::timeout;

/// A session of one client.
struct Session<'a> {
    place: &'a Place,
    token: String,
    id: Option<String>,
}

impl<'a> Session<'a> {
    async fn open(place: &'a Place, token: &str, can: &Value) -> Self {
        let mut session = Self { place, token: token.to_owned(), id: None };
        let params = json!({
            "protocolVersion": "2025-11-25", "capabilities": can,
            "clientInfo": { "name": "desk", "version": "1" },
        });
        let answer = session
            .post(&json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params }))
            .await;
        session.id = Some(answer.headers()["mcp-session-id"].to_str().unwrap().to_owned());
        session.post(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
        session
    }

    async fn post(&self, message: &Value) -> Response {
        let request = Client::new().post(self.place.server.mcp()).header("content-type", "application/json");
        self.named(request).body(message.to_string()).send().await.unwrap()
    }

    fn named(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        let request =
            request.bearer_auth(&self.token).header("accept", "application/json, text/event-stream");
        match &self.id {
            Some(id) => request.header("mcp-session-id", id).header("mcp-protocol-version", "2025-11-25"),
            None => request,
        }
    }

    async fn call(&self, id: u32) -> Value {
        let params = json!({ "name": "search_contacts", "arguments": { "query": "a" } });
        let message = json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params });
        let text = self.post(&message).await.text().await.unwrap();
        let data =
            text.lines().filter_map(|line| line.strip_prefix("data: ")).find(|data| data.contains("\"id\""));
        serde_json::from_str(data.unwrap_or_else(|| panic!("{text}"))).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_can_show_a_page_is_told_where_to_go_and_when_that_is_done() {
    let place = Place::start();
    let ann = place.token("ann");
    let session = Session::open(&place, &ann, &json!({ "elicitation": { "url": {} } })).await;
    let mut stream = session.named(Client::new().get(place.server.mcp())).send().await.unwrap();
    assert_eq!(stream.status(), 200);

    let answer = session.call(1).await;
    assert_eq!(answer["error"]["code"], -32042, "{answer}");
    let asked = answer["error"]["data"]["elicitations"].as_array().unwrap();
    assert_eq!((asked.len(), &asked[0]["mode"]), (1, &json!("url")));
    assert!(asked[0]["message"].as_str().unwrap().contains("key for Twenty"), "{answer}");
    let (id, link) = (asked[0]["elicitationId"].as_str().unwrap(), asked[0]["url"].as_str().unwrap());

    let browser = Browser::new();
    let form = browser.arrives(&place, link, "ann").await;
    let typed = [("csrf_token", form.hidden()), ("key", KEY), ("base_url", "")];
    browser.post(&place.at("/connect"), &typed, &[]).await.says(200, "Your key is stored");

    let told = timeout(Duration::from_secs(60), async {
        let mut heard = String::new();
        while !heard.contains("notifications/elicitation/complete") || !heard.ends_with("\n\n") {
            let chunk = stream.chunk().await.unwrap().expect("the stream goes on");
            heard.push_str(std::str::from_utf8(&chunk).unwrap());
        }
        heard
    });
    let told = told.await.expect("the session is told that the page is done");
    assert!(told.contains(&format!(r#""elicitationId":"{id}""#)), "{told}");
    assert_eq!(session.call(2).await["result"]["isError"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_can_show_nothing_gets_the_link_as_text() {
    let place = Place::start();
    let session = Session::open(&place, &place.token("ann"), &json!({ "elicitation": {} })).await;
    let answer = session.call(1).await;
    assert_eq!(answer["result"]["isError"], true, "{answer}");
    let text = answer["result"]["content"][0]["text"].as_str().unwrap();
    assert!(text.contains("No API key configured") && text.contains("/connect?e="), "{text}");
}
