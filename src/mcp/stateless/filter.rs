//! What a subscription wants to hear (MCP 2026-07-28, Notification Filter).

use crate::{
    mcp::{
        changes::{self, LISTS, Told},
        door::{Fault, Members},
    },
    registry::Registry,
    seam::{Change, CredentialId, Principal},
};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The most resources that one subscription may name.
const MOST: usize = 256;

/// What is honoured of a filter.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    caller: Option<Principal>,
    credentials: Vec<CredentialId>,
    lists: Vec<&'static str>,
    uris: BTreeSet<String>,
}

impl Filter {
    /// Takes what this server can tell; what it cannot is left out. `credentials` are those by which the caller sees tools.
    ///
    /// # Errors
    /// A member is not what it must be.
    pub(super) fn read(
        mut said: Members,
        registry: &Registry,
        caller: Principal,
        credentials: Vec<CredentialId>,
    ) -> Result<Self, Fault> {
        let mut filter = Self { credentials, ..Self::default() };
        for (member, change) in LISTS {
            match said.take(member) {
                None | Some(Value::Bool(false)) => {}
                Some(Value::Bool(true)) => {
                    filter.lists.extend(is_offered(&change, registry).then_some(member));
                }
                Some(_) => {
                    return Err(Fault::params(format!("`notifications.{member}` must be true or false")));
                }
            }
        }
        let wrong = || {
            Fault::params(format!(
                "`notifications.resourceSubscriptions` must be a list of at most {MOST} URIs"
            ))
        };
        match said.take("resourceSubscriptions") {
            None => {}
            Some(Value::Array(uris)) if uris.len() <= MOST => {
                for uri in uris {
                    let Value::String(uri) = uri else { return Err(wrong()) };
                    filter.uris.extend(registry.knows(&uri, &caller).then_some(uri));
                }
            }
            Some(_) => return Err(wrong()),
        }
        filter.caller = Some(caller);
        Ok(filter)
    }

    /// The part of the filter that is honoured, as the acknowledgment tells it.
    pub(super) fn honoured(&self) -> Map<String, Value> {
        let mut honoured: Map<String, Value> =
            self.lists.iter().map(|member| ((*member).to_owned(), json!(true))).collect();
        if !self.uris.is_empty() {
            honoured.insert("resourceSubscriptions".into(), json!(self.uris));
        }
        honoured
    }

    /// The notifications of a change, as far as they are wanted.
    pub(super) fn told(&self, change: &Change) -> Vec<Told> {
        let list = |list: &Change| self.changes().any(|wanted| wanted == list);
        changes::wanted(change, self.caller.as_ref(), &self.credentials, &self.uris, list)
    }

    /// The notifications of everything that is wanted, for whoever has missed some.
    pub(super) fn all(&self) -> Vec<Told> {
        changes::all(self.changes(), &self.uris)
    }

    fn changes(&self) -> impl Iterator<Item = &'static Change> {
        const CHANGES: &[(&str, Change)] = &LISTS;
        let wanted = |(member, _): &&(&str, Change)| self.lists.contains(member);
        CHANGES.iter().filter(wanted).map(|(_, change)| change)
    }
}

/// Whether there is such a list here.
fn is_offered(list: &Change, registry: &Registry) -> bool {
    match list {
        Change::Prompts => !registry.prompts().is_empty(),
        Change::Resources | Change::Resource(_) | Change::ResourcesOf(..) => !registry.resources().is_empty(),
        Change::Tools | Change::ToolsOf(_) => true,
    }
}
