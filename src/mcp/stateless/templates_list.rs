//! `resources/templates/list`: those that the caller may read.

use super::{Reply, Request, Stateless, lists::View};
use crate::mcp::door::Fault;

pub(super) async fn answer(all: &Stateless, mut request: Request<'_>) -> Result<Reply, Fault> {
    let cursor = request.params.text("cursor")?;
    let (resources, version) = (all.registry.resources(), all.registry.changes().version());
    let caller = &request.asker.principal;
    let seen = resources.iter().map(|one| one.is_template() && one.may_be_asked_by(caller)).collect();
    let view = View { member: "resourceTemplates", seen, listed: Vec::new(), cursor };
    let page =
        all.lists.page(version, view, all.scope, resources, |one| one.entry().uri, |one| one.definition())?;
    Ok(Reply::written(request.id, &page))
}
