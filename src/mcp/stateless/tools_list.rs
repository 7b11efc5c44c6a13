//! `tools/list`: those that the caller may call.

use super::{Reply, Request, Stateless, lists::View};
use crate::mcp::door::Fault;

pub(super) async fn answer(all: &Stateless, mut request: Request<'_>) -> Result<Reply, Fault> {
    let cursor = request.params.text("cursor")?;
    let (tools, version) = (all.registry.tools(), all.registry.changes().version());
    let seen = tools.iter().map(|tool| tool.lacking(&request.asker.principal).is_none()).collect();
    let view = View { member: "tools", seen, cursor };
    let page =
        all.lists.page(version, view, all.scope, tools, |tool| tool.name(), |tool| tool.definition())?;
    Ok(Reply::result(request.id, &*page))
}
