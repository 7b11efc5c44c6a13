//! The methods of this revision.

use super::{
    Reply, Request, Stateless, completion_complete, discover, listen, prompts_get, prompts_list,
    resources_list, resources_read, tasks, templates_list, tools_call, tools_list,
};
use crate::{mcp::door::Fault, registry::Registry, seam::BoxFuture};

/// A method: how it is called, and what answers it.
pub(super) struct Method {
    pub(super) name: &'static str,
    /// The parameter that `Mcp-Name` repeats, for methods that have one.
    pub(super) named: Option<&'static str>,
    /// Whether anything is there to ask the method of.
    pub(super) there: fn(&Registry) -> bool,
    pub(super) answer: Answer,
}

type Answer = for<'a> fn(&'a Stateless, Request<'a>) -> BoxFuture<'a, Result<Reply, Fault>>;

/// The line of a method in the table: its name, the parameter that is repeated, its module, and whether there is anything to ask it of.
macro_rules! method {
    ($name:literal, $named:expr, $module:ident, $there:expr) => {
        Method {
            name: $name,
            named: $named,
            there: $there,
            answer: |all, asked| Box::pin($module::answer(all, asked)),
        }
    };
}

const METHODS: [Method; 13] = [
    method!("tools/call", Some("name"), tools_call, |_| true),
    method!("tools/list", None, tools_list, |_| true),
    method!("resources/list", None, resources_list, resources),
    method!("resources/templates/list", None, templates_list, resources),
    method!("resources/read", Some("uri"), resources_read, resources),
    method!("prompts/list", None, prompts_list, prompts),
    method!("prompts/get", Some("name"), prompts_get, prompts),
    method!("completion/complete", None, completion_complete, Registry::completes),
    Method {
        name: "tasks/get",
        named: Some("taskId"),
        there: |_| true,
        answer: |all, asked| Box::pin(tasks::get(all, asked)),
    },
    Method {
        name: "tasks/update",
        named: Some("taskId"),
        there: |_| true,
        answer: |all, asked| Box::pin(tasks::update(all, asked)),
    },
    Method {
        name: "tasks/cancel",
        named: Some("taskId"),
        there: |_| true,
        answer: |all, asked| Box::pin(tasks::cancel(all, asked)),
    },
    method!("server/discover", None, discover, |_| true),
    method!("subscriptions/listen", None, listen, |_| true),
];

fn resources(registry: &Registry) -> bool {
    !registry.resources().is_empty()
}

fn prompts(registry: &Registry) -> bool {
    !registry.prompts().is_empty()
}

/// The method of this name, where there is anything to ask it of.
pub(super) fn method(name: &str, registry: &Registry) -> Option<&'static Method> {
    METHODS.iter().find(|method| method.name == name && (method.there)(registry))
}
