//! `completion/complete`.

use super::{
    Reply, Request, Stateless,
    calling::{Calling, fault},
    reply::complete,
};
use crate::mcp::{completing::Completing, door::Fault};
use serde_json::{Map, json};

pub(super) async fn answer(all: &Stateless, mut request: Request<'_>) -> Result<Reply, Fault> {
    let Completing { of, argument, typed, given } = Completing::read(&mut request.params)?;
    let id = request.id;
    request.name = "completion/complete".into();
    let incoming = Calling::new(all, "completion/complete", request, given)?.incoming();
    let proposals = all.registry.complete(&of, &argument, typed, incoming).await;
    let proposals = proposals.map_err(|error| fault(&error, None))?;
    let result = Map::from_iter([("completion".to_owned(), json!(proposals))]);
    Ok(Reply::result(id, &complete(result)))
}
