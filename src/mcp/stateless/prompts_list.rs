//! `prompts/list`.

use super::{Reply, Request, Stateless};
use crate::mcp::door::Fault;

pub(super) async fn answer(all: &Stateless, mut request: Request<'_>) -> Result<Reply, Fault> {
    let cursor = request.params.text("cursor")?;
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
