//! `server/discover`: what this server is and can do.

use super::{
    Reply, Request, Stateless,
    lists::{Scope, cached},
};
use crate::{
    mcp::{
        door::Fault,
        identity::{INSTRUCTIONS, capabilities},
        revisions,
    },
    seam::TASKS,
};
use serde_json::json;

pub(super) async fn answer(all: &Stateless, request: Request<'_>) -> Result<Reply, Fault> {
    let told = all.told.get_or_init(|| {
        let mut able = capabilities(&all.registry);
        if let Some(able) = able.as_object_mut() {
            able.insert("extensions".into(), json!({ TASKS: {} }));
        }
        let told = json!({
            "supportedVersions": revisions::all().collect::<Vec<_>>(),
            "capabilities": able,
            "instructions": INSTRUCTIONS,
        });
        cached(told.as_object().cloned().unwrap_or_default(), Scope::Public)
    });
    Ok(Reply::result(request.id, told))
}
