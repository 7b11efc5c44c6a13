//! `resources/templates/list`.

use super::{Reply, Request, Stateless};
use crate::{mcp::door::Fault, registry::ServedResource};

pub(super) async fn answer(all: &Stateless, mut request: Request<'_>) -> Result<Reply, Fault> {
    let cursor = request.params.text("cursor")?;
    let templates: Vec<&ServedResource> =
        all.registry.resources().iter().filter(|resource| resource.is_template()).collect();
    let (version, member) = (all.registry.changes().version(), "resourceTemplates");
    let page = all.lists.page(
        version,
        member,
        cursor,
        &templates,
        |resource| resource.entry().uri,
        |resource| resource.definition(),
    )?;
    Ok(Reply::result(request.id, &*page))
}
