//! An embedded workspace that is asked without a network.

use http::{Method, StatusCode};
use serde_json::{Value, json};
use twenty_mcp::tools::twenty::sandbox::{
    settings::{Profile, SandboxSettings},
    workspace::{Answer, Request, Sandbox},
};

/// A workspace under test.
pub struct Workspace(pub Sandbox);

impl Workspace {
    /// A small workspace of a profile.
    pub fn small(profile: Profile) -> Workspace {
        Workspace::with(SandboxSettings { profile, people: 120, ..SandboxSettings::default() })
    }

    /// A workspace with these settings.
    pub fn with(settings: SandboxSettings) -> Workspace {
        Workspace(Sandbox::new(&settings).unwrap())
    }

    /// A request as it stands, with or without a key.
    pub async fn send(&self, method: Method, path: &str, key: Option<&str>, body: &str) -> Answer {
        let authorization = key.map(|key| format!("Bearer {key}").into());
        let body = body.to_owned().into();
        self.0.answer(Request { method, path: path.to_owned(), authorization, body }).await
    }

    /// The JSON answer to a GraphQL request, errors and all.
    pub async fn ask(&self, path: &str, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let answer = self.send(Method::POST, path, Some("key"), &body).await;
        assert_eq!(answer.status, StatusCode::OK);
        serde_json::from_slice(&answer.body).unwrap()
    }

    /// The data of a request to the core API that must succeed.
    pub async fn data(&self, query: &str, variables: Value) -> Value {
        let mut answer = self.ask("/graphql", query, variables).await;
        assert!(answer.get("errors").is_none(), "{query}\n{answer:#}");
        answer["data"].take()
    }

    /// The first error of a request to the core API that must fail.
    pub async fn error(&self, query: &str, variables: Value) -> Value {
        let mut answer = self.ask("/graphql", query, variables).await;
        assert!(answer["errors"][0].is_object(), "{query}\n{answer:#}");
        answer["errors"][0].take()
    }
}
