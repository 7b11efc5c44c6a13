//! What a subscription wants to hear (MCP 2026-07-28, Notification Filter).

use crate::{
    mcp::door::{Fault, Members},
    seam::Change,
};
use serde_json::{Map, Value, json};

/// The most resources that one subscription may name.
const MOST: usize = 256;

/// The changes of lists that can be subscribed to: the filter's member, the notification, and the change itself.
static LISTS: [(&str, &str, Change); 1] =
    [("toolsListChanged", "notifications/tools/list_changed", Change::Tools)];

/// What is honoured of a filter.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    lists: Vec<&'static (&'static str, &'static str, Change)>,
}

impl Filter {
    /// Takes what this server can tell; what it cannot is left out.
    ///
    /// # Errors
    /// A member is not what it must be.
    pub(super) fn read(mut said: Members) -> Result<Self, Fault> {
        let mut filter = Self::default();
        for member in ["toolsListChanged", "promptsListChanged", "resourcesListChanged"] {
            match said.take(member) {
                None | Some(Value::Bool(false)) => {}
                Some(Value::Bool(true)) => filter.lists.extend(LISTS.iter().filter(|list| list.0 == member)),
                Some(_) => {
                    return Err(Fault::params(format!("`notifications.{member}` must be true or false")));
                }
            }
        }
        match said.take("resourceSubscriptions") {
            None => {}
            Some(Value::Array(uris)) if uris.len() <= MOST && uris.iter().all(Value::is_string) => {}
            Some(_) => {
                let message =
                    format!("`notifications.resourceSubscriptions` must be a list of at most {MOST} URIs");
                return Err(Fault::params(message));
            }
        }
        Ok(filter)
    }

    /// The part of the filter that is honoured, as the acknowledgment tells it.
    pub(super) fn honoured(&self) -> Value {
        Value::Object(self.lists.iter().map(|list| (list.0.to_owned(), json!(true))).collect())
    }

    /// The notification of a change, where it is wanted.
    pub(super) fn told(&self, change: &Change) -> Option<(&'static str, Map<String, Value>)> {
        self.lists.iter().find(|list| list.2 == *change).map(|list| (list.1, Map::new()))
    }

    /// The notifications of everything that is wanted, for whoever has missed some.
    pub(super) fn all(&self) -> Vec<(&'static str, Map<String, Value>)> {
        self.lists.iter().map(|list| (list.1, Map::new())).collect()
    }
}
