//! The workspaces of both sandbox profiles, for tests: fetched from the embedded servers as a real one would be.
#![cfg(test)]

use super::{
    fetch::{composites, core_document, roots},
    metadata::{self, Seen},
    schema::Workspace,
};
use crate::tools::twenty::sandbox::{
    settings::{Profile, SandboxSettings},
    workspace::{CORE_PATH, METADATA_PATH, Request, Sandbox},
};
use serde_json::{Value, json};
use std::sync::LazyLock;

/// A server of each profile, with a few people.
pub static SANDBOXES: LazyLock<[Sandbox; 2]> = LazyLock::new(|| {
    [Profile::Current, Profile::Legacy].map(|profile| {
        Sandbox::new(&SandboxSettings { profile, people: 20, ..SandboxSettings::default() }).unwrap()
    })
});
/// The workspace of Twenty 2.43.
pub static CURRENT: LazyLock<Workspace> = LazyLock::new(|| workspace(&SANDBOXES[0]));
/// The workspace of about Twenty 1.0.
pub static LEGACY: LazyLock<Workspace> = LazyLock::new(|| workspace(&SANDBOXES[1]));

fn workspace(sandbox: &Sandbox) -> Workspace {
    let seen: &Seen = &metadata::CURRENT;
    let objects = ask(sandbox, METADATA_PATH, &metadata::document(seen), json!({}));
    let core = ask(sandbox, CORE_PATH, &core_document(), json!({}));
    Workspace {
        objects: metadata::objects(serde_json::from_value(objects["data"].clone()).unwrap()),
        composites: composites(&core["data"]),
        roots: roots(&core["data"]),
    }
}

/// The whole answer of an embedded server to one document.
pub fn ask(sandbox: &Sandbox, path: &str, document: &str, variables: Value) -> Value {
    let request = Request {
        method: http::Method::POST,
        path: path.to_owned(),
        authorization: Some("Bearer key".to_owned().into()),
        body: json!({ "query": document, "variables": variables }).to_string().into(),
    };
    let answer = futures_util::FutureExt::now_or_never(sandbox.answer(request)).unwrap();
    serde_json::from_slice(&answer.body).unwrap()
}
