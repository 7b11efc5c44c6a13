//! `tools/list`: those that the caller may call.

use super::{Reply, Request, Scope, Stateless, lists::View};
use crate::mcp::door::Fault;

pub(super) async fn answer(all: &Stateless, mut request: Request<'_>) -> Result<Reply, Fault> {
    let cursor = request.params.text("cursor")?;
    let (registry, asker) = (&all.registry, &request.asker);
    // Before anything is looked at: what changes meanwhile makes it another version.
    let version = registry.changes().version();
    let there = registry.view(&asker.principal, &asker.keys).await;
    let tools: Vec<_> = there.tools().collect();
    let seen = tools.iter().map(|tool| tool.lacking(&asker.principal).is_none()).collect();
    let view = View { member: "tools", seen, listed: there.stamps(), cursor };
    let scope = if registry.is_live() { Scope::Private } else { all.scope };
    let page = all.lists.page(version, view, scope, &tools, |tool| tool.name(), |tool| tool.definition())?;
    Ok(Reply::written(request.id, &page))
}
