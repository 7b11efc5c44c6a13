//! `resources/read`.

use super::{
    Reply, Request, Stateless,
    calling::{Calling, unanswered},
    lists::{Scope, kept},
};
use crate::mcp::door::Fault;
use serde_json::{Map, json};

pub(super) async fn answer(all: &Stateless, request: Request<'_>) -> Result<Reply, Fault> {
    let (registry, uri) = (all.registry.clone(), request.name.clone());
    let call = Calling::new(all, "resources/read", request, Map::new())?;
    let asks = call.asks();
    let run = |incoming| async move {
        let read = match registry.read(incoming).await {
            Ok(read) => read,
            Err(error) => return unanswered(&error, Some(&uri), asks.as_deref()),
        };
        let contents = Map::from_iter([("contents".to_owned(), json!([read]))]);
        // Whoever asks again wants to know what it says then.
        Ok(kept(contents, 0, Scope::Private))
    };
    call.answer(|incoming| Box::pin(run(incoming))).await
}
