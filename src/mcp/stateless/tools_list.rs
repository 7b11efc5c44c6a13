//! `tools/list`.

use super::{Reply, Request, Stateless};
use crate::mcp::door::Fault;

pub(super) async fn answer(all: &Stateless, mut request: Request<'_>) -> Result<Reply, Fault> {
    let cursor = request.params.text("cursor")?;
    let (tools, version) = (all.registry.tools(), all.registry.changes().version());
    let page =
        all.lists.page(version, "tools", cursor, tools, |tool| tool.name(), |tool| tool.definition())?;
    Ok(Reply::result(request.id, &*page))
}
