//! `resources/list`: what exists now, for this caller.

use super::{
    Reply, Request, Stateless,
    calling::{Calling, fault},
    lists::{Scope, cached},
};
use crate::mcp::{
    door::Fault,
    pages::{PAGE, page},
};
use serde_json::{Map, Value, json};

pub(super) async fn answer(all: &Stateless, mut request: Request<'_>) -> Result<Reply, Fault> {
    let (id, cursor) = (request.id, request.params.text("cursor")?);
    request.name = "resources/list".into();
    let incoming = Calling::new(all, "resources/list", request, Map::new())?.incoming();
    let listed = all.registry.list(incoming).await.map_err(|error| fault(&error, None))?;
    let (page, next) = page(&listed, |resource| text(resource, "uri"), cursor.as_deref(), PAGE)
        .map_err(|none| Fault::params(none.to_string()))?;
    let mut result = Map::new();
    result.insert("resources".into(), json!(page));
    result.extend(next.map(|next| ("nextCursor".to_owned(), json!(next))));
    Ok(Reply::result(id, &cached(result, Scope::Private)))
}

fn text<'a>(item: &'a Value, member: &str) -> &'a str {
    item.get(member).and_then(Value::as_str).unwrap_or_default()
}
