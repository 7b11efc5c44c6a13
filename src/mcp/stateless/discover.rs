//! `server/discover`: what this server is and can do.

use super::{
    Reply, Request, Stateless,
    lists::{Scope, cached},
};
use crate::mcp::{
    door::Fault,
    identity::{INSTRUCTIONS, capabilities},
    revisions,
};
use serde_json::{Value, json};
use std::sync::LazyLock;

static TOLD: LazyLock<Value> = LazyLock::new(|| {
    let told = json!({
        "supportedVersions": revisions::all().collect::<Vec<_>>(),
        "capabilities": capabilities(),
        "instructions": INSTRUCTIONS,
    });
    cached(told.as_object().cloned().unwrap_or_default(), Scope::Public)
});

pub(super) async fn answer(_: &Stateless, request: Request<'_>) -> Result<Reply, Fault> {
    Ok(Reply::result(request.id, &*TOLD))
}
