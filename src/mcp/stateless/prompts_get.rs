//! `prompts/get`.

use super::{
    Reply, Request, Stateless,
    calling::{Calling, fault},
    reply::complete,
};
use crate::mcp::{answer::prompted, door::Fault};

pub(super) async fn answer(all: &Stateless, mut request: Request<'_>) -> Result<Reply, Fault> {
    let arguments = request.params.object("arguments")?.unwrap_or_default();
    let registry = all.registry.clone();
    let call = Calling::new(all, "prompts/get", request, arguments)?;
    let run = |incoming| async move {
        let got = registry.prompt(incoming).await;
        got.map(|got| complete(prompted(&got))).map_err(|error| fault(&error, None))
    };
    call.answer(|incoming| Box::pin(run(incoming))).await
}
