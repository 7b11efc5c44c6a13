//! `resources/templates/list`.

use super::{
    Reply, Request, Stateless,
    lists::{Scope, made},
};
use crate::{mcp::door::Fault, registry::ServedResource, seam::Principal};

pub(super) async fn answer(all: &Stateless, mut request: Request<'_>) -> Result<Reply, Fault> {
    let cursor = request.params.text("cursor")?;
    let caller = &request.asker.principal;
    let templates: Vec<&ServedResource> =
        all.registry.resources_for(caller).filter(|resource| resource.is_template()).collect();
    let page = if matches!(caller, Principal::User(_)) {
        let key = ("resourceTemplates", cursor.as_deref());
        made(key, &templates, |one| one.entry().uri, |one| one.definition(), Scope::Private)?
    } else {
        let (version, member) = (all.registry.changes().version(), "resourceTemplates");
        all.lists.page(version, member, cursor, &templates, |one| one.entry().uri, |one| one.definition())?
    };
    Ok(Reply::result(request.id, &*page))
}
