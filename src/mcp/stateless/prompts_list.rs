//! `prompts/list`.

use super::{
    Reply, Request, Stateless,
    lists::{Scope, made},
};
use crate::{mcp::door::Fault, seam::Principal};

pub(super) async fn answer(all: &Stateless, mut request: Request<'_>) -> Result<Reply, Fault> {
    let cursor = request.params.text("cursor")?;
    if matches!(request.asker.principal, Principal::User(_)) {
        let may: Vec<_> = all.registry.prompts_for(&request.asker.principal).collect();
        let key = ("prompts", cursor.as_deref());
        let page = made(key, &may, |prompt| prompt.name(), |prompt| prompt.definition(), Scope::Private)?;
        return Ok(Reply::result(request.id, &*page));
    }
    let (prompts, version) = (all.registry.prompts(), all.registry.changes().version());
    let page = all.lists.page(
        version,
        "prompts",
        cursor,
        prompts,
        |prompt| prompt.name(),
        |prompt| prompt.definition(),
    )?;
    Ok(Reply::result(request.id, &*page))
}
