//! `tools/list`.

use super::{
    Reply, Request, Stateless,
    lists::{Scope, made},
};
use crate::{mcp::door::Fault, seam::Principal};

pub(super) async fn answer(all: &Stateless, mut request: Request<'_>) -> Result<Reply, Fault> {
    let cursor = request.params.text("cursor")?;
    if matches!(request.asker.principal, Principal::User(_)) {
        let may: Vec<_> = all.registry.tools_for(&request.asker.principal).collect();
        let key = ("tools", cursor.as_deref());
        let page = made(key, &may, |tool| tool.name(), |tool| tool.definition(), Scope::Private)?;
        return Ok(Reply::result(request.id, &*page));
    }
    let (tools, version) = (all.registry.tools(), all.registry.changes().version());
    let page =
        all.lists.page(version, "tools", cursor, tools, |tool| tool.name(), |tool| tool.definition())?;
    Ok(Reply::result(request.id, &*page))
}
