//! The methods of this revision.

use super::{Reply, Request, Stateless, discover, listen, tools_call, tools_list};
use crate::{mcp::door::Fault, seam::BoxFuture};

/// A method: how it is called, and what answers it.
pub(super) struct Method {
    pub(super) name: &'static str,
    /// The parameter that `Mcp-Name` repeats, for methods that have one.
    pub(super) named: Option<&'static str>,
    pub(super) answer: Answer,
}

type Answer = for<'a> fn(&'a Stateless, Request<'a>) -> BoxFuture<'a, Result<Reply, Fault>>;

const METHODS: [Method; 4] = [
    Method {
        name: "tools/call",
        named: Some("name"),
        answer: |all, asked| Box::pin(tools_call::answer(all, asked)),
    },
    Method { name: "tools/list", named: None, answer: |all, asked| Box::pin(tools_list::answer(all, asked)) },
    Method {
        name: "server/discover",
        named: None,
        answer: |all, asked| Box::pin(discover::answer(all, asked)),
    },
    Method {
        name: "subscriptions/listen",
        named: None,
        answer: |all, asked| Box::pin(listen::answer(all, asked)),
    },
];

/// The method of this name.
pub(super) fn method(name: &str) -> Option<&'static Method> {
    METHODS.iter().find(|method| method.name == name)
}
