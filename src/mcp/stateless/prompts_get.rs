//! `prompts/get`.

use super::{
    Reply, Request, Stateless,
    calling::{Calling, unanswered},
    reply::complete,
};
use crate::mcp::{answer::prompted, door::Fault};

pub(super) async fn answer(all: &Stateless, mut request: Request<'_>) -> Result<Reply, Fault> {
    let arguments = request.params.object("arguments")?.unwrap_or_default();
    let registry = all.registry.clone();
    let call = Calling::new(all, "prompts/get", request, arguments)?;
    let asks = call.asks();
    let run = |incoming| async move {
        match registry.prompt(incoming).await {
            Ok(got) => Ok(complete(prompted(&got))),
            Err(error) => unanswered(&error, None, asks.as_deref()),
        }
    };
    call.answer(|incoming| Box::pin(run(incoming))).await
}
