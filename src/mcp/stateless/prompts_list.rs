//! `prompts/list`: those that the caller may get.

use super::{Reply, Request, Stateless, lists::View};
use crate::mcp::door::Fault;

pub(super) async fn answer(all: &Stateless, mut request: Request<'_>) -> Result<Reply, Fault> {
    let cursor = request.params.text("cursor")?;
    let (prompts, version) = (all.registry.prompts(), all.registry.changes().version());
    let seen = prompts.iter().map(|prompt| prompt.may_be_asked_by(&request.asker.principal)).collect();
    let view = View { member: "prompts", seen, listed: Vec::new(), cursor };
    let page = all.lists.page(
        version,
        view,
        all.scope,
        prompts,
        |prompt| prompt.name(),
        |prompt| prompt.definition(),
    )?;
    Ok(Reply::written(request.id, &page))
}
