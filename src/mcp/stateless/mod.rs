//! MCP 2026-07-28: every request stands alone and says itself what it needs.
//!
//! A method is a file and a line of the table in `methods`. The order of the checks is part of the contract: headers,
//! `_meta`, revision, method, name, and then what the method itself looks at.
//!
//! | order | what is looked at | what is answered otherwise |
//! |---|---|---|
//! | 1 | `MCP-Protocol-Version` and `Mcp-Method` are there and agree with the body | 400, -32020 |
//! | 2 | `_meta` says revision and capabilities | 400, -32602 |
//! | 3 | the revision is ours | 400, -32022 with those that are |
//! | 4 | the method is ours | 404, -32601 |
//! | 5 | `Mcp-Name` agrees with the body | 400, -32020 |
//! | 6 | the method's own parameters | 400, -32602 |
//! | 7 | `Mcp-Param-…` agree with the arguments | 400, -32020 |

mod calling;
mod completion_complete;
mod discover;
mod filter;
mod followed;
mod listen;
mod lists;
mod meta;
mod methods;
mod mirrors;
mod notes;
mod prompts_get;
mod prompts_list;
mod reply;
mod request;
mod resources_list;
mod resources_read;
mod tasks;
mod templates_list;
mod tools_call;
mod tools_list;

pub(super) use lists::Scope;
pub(super) use reply::{Event, Reply};

use super::{
    Asking,
    caller::Asker,
    door::{Fault, Said},
    replica::Replica,
    seats::{Bounds, Seats},
    tasks::Tasks,
};
use crate::registry::Registry;
use http::HeaderMap;
use lists::Lists;
use request::Request;
use serde_json::{Value, value::RawValue};
use std::sync::{Arc, OnceLock};
use tokio_util::sync::CancellationToken;

/// How many subscriptions may be open at once.
const LISTENS: Bounds = Bounds { most: 2000, of_one: 250 };

/// Answers requests of the stateless revision, whatever way they come.
pub(super) struct Stateless {
    registry: Arc<Registry>,
    asking: Asking,
    tasks: Tasks,
    lists: Lists,
    /// Who may be shown a list that depends on who may call what.
    scope: Scope,
    listens: Seats,
    told: OnceLock<Value>,
    stop: CancellationToken,
}

impl Stateless {
    /// Serves the registry's tools; `stop` ends subscriptions.
    pub(super) fn new(registry: Arc<Registry>, asking: Asking, stop: CancellationToken) -> Self {
        let (lists, listens, tasks) = (Lists::default(), Seats::new(LISTENS), Tasks::default());
        let told = OnceLock::new();
        Self { registry, asking, tasks, lists, scope: Scope::Public, listens, told, stop }
    }

    /// The same with lists for those whom `scope` names.
    pub(super) fn listing(self, scope: Scope) -> Self {
        Self { scope, ..self }
    }

    /// The same at this replica.
    pub(super) fn at(self, replica: Replica) -> Self {
        Self { tasks: Tasks::of(replica), ..self }
    }

    /// Its tasks.
    pub(super) const fn tasks(&self) -> &Tasks {
        &self.tasks
    }

    /// Answers one request. Headers are held against the body where the way in has any.
    ///
    /// # Errors
    /// The request is not answered with a result.
    pub(super) async fn serve(
        &self,
        id: &RawValue,
        said: Said<'_>,
        headers: Option<&HeaderMap>,
        asker: Asker,
    ) -> Result<Reply, Fault> {
        let (method, request) = Request::read(id, said, headers, asker, &self.registry)?;
        (method.answer)(self, request).await
    }
}
