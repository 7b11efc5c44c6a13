//! A Twenty that accepts some keys and not others, and keeps who asked with which.

use http::StatusCode;
use poem::{Response, endpoint::make};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

/// What it does with a request says the key: `Bearer WORD…`.
pub struct Twenty {
    /// `http://127.0.0.1:PORT`
    pub url: String,
    /// The `Authorization` of every request.
    keys: Arc<Mutex<Vec<String>>>,
    _stop: DropGuard,
}

impl Twenty {
    pub async fn start() -> Self {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let keys = Arc::<Mutex<Vec<String>>>::default();
        let (asked, here) = (keys.clone(), url.clone());
        let endpoint = make(move |mut request: poem::Request| {
            let (asked, here) = (asked.clone(), here.clone());
            async move {
                let key = request.header("authorization").unwrap_or_default().to_owned();
                let body: Value = request.take_body().into_json().await.unwrap_or_default();
                let names = body["query"].as_str().unwrap_or_default().contains("currentWorkspace");
                asked.lock().unwrap().push(key.clone());
                Ok::<_, poem::Error>(answer(key.trim_start_matches("Bearer "), names, &here))
            }
        });
        let stop = CancellationToken::new();
        tokio::spawn(twenty_mcp::server::serve(listener, endpoint, stop.clone(), Duration::ZERO));
        Self { url, keys, _stop: stop.drop_guard() }
    }

    /// `127.0.0.1:PORT`
    pub fn host(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// The keys with which it was asked since this was asked last.
    pub fn asked(&self) -> Vec<String> {
        let mut keys = std::mem::take(&mut *self.keys.lock().unwrap());
        keys.dedup();
        keys
    }
}

fn answer(key: &str, names: bool, here: &str) -> Response {
    let refused = json!({ "errors": [{
        "message": format!("no such key: {key}"), "extensions": { "code": "UNAUTHENTICATED" },
    }] });
    let json = |status: u16, body: Value| {
        Response::builder()
            .status(StatusCode::from_u16(status).unwrap())
            .content_type("application/json")
            .body(body.to_string())
    };
    match key.split('-').next().unwrap() {
        "good" if names => {
            json(200, json!({ "data": { "currentWorkspace": { "displayName": "Acme\n Inc" } } }))
        }
        // As a version that tells its name to people alone.
        "shy" if names => json(200, refused),
        "good" | "shy" => json(200, json!({ "data": { "objects": { "edges": [] } } })),
        "down" => json(503, json!({})),
        "limited" => {
            let mut response = json(429, json!({}));
            response.headers_mut().insert("retry-after", http::HeaderValue::from_static("120"));
            response
        }
        "moved" => Response::builder().status(StatusCode::FOUND).header("location", here).finish(),
        "page" => Response::builder().content_type("text/html").body("<html>"),
        _ => json(401, refused),
    }
}
