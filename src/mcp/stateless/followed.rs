//! Tasks that a subscription follows (SEP-2663, Task Status Notifications).

use super::tasks::unknown_to;
use crate::mcp::{
    caller::{Asker, Owner},
    door::{Fault, Members},
    tasks::Tasks,
};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, future::pending, sync::Arc};
use tokio::sync::broadcast::{Receiver, error::RecvError};

/// The most tasks that one subscription may name.
const MOST: usize = 256;

/// The tasks that a subscription follows: its caller's own.
pub(super) struct Followed {
    tasks: Tasks,
    owner: Owner,
    /// By id, with what was told of them last.
    known: BTreeMap<String, Option<u64>>,
    changes: Option<Receiver<Arc<str>>>,
    /// Whether any may stand otherwise than was told.
    stale: bool,
}

impl Followed {
    /// Takes the tasks that there are; others are left out.
    ///
    /// # Errors
    /// The member is no list of ids, or the client does not know tasks.
    pub(super) fn read(said: &mut Members, tasks: &Tasks, asker: &Asker, knows: bool) -> Result<Self, Fault> {
        let wrong = || {
            Fault::params(format!("`notifications.taskIds` must be a list of at most {MOST} ids of tasks"))
        };
        let ids = match said.take("taskIds") {
            None => Vec::new(),
            Some(_) if !knows => return Err(unknown_to()),
            Some(Value::Array(ids)) if ids.len() <= MOST => ids,
            Some(_) => return Err(wrong()),
        };
        // Before anything is looked up: no change in between is missed.
        let changes = (!ids.is_empty()).then(|| tasks.changes());
        let owner = asker.owner();
        let mut known = BTreeMap::new();
        for id in ids {
            let Value::String(id) = id else { return Err(wrong()) };
            if tasks.get(&owner, &id).is_some() {
                known.insert(id, None);
            }
        }
        let stale = !known.is_empty();
        Ok(Self { tasks: tasks.clone(), owner, known, changes: changes.filter(|_| stale), stale })
    }

    /// The member of the acknowledgment that tells which are followed.
    pub(super) fn honoured(&self) -> Option<(String, Value)> {
        let ids: Vec<&String> = self.known.keys().collect();
        (!ids.is_empty()).then(|| ("taskIds".to_owned(), json!(ids)))
    }

    /// How one of the tasks stands of which that was not told yet, if there is one. What is told goes out before the next
    /// is made: results are large.
    pub(super) fn news(&mut self) -> Option<Map<String, Value>> {
        if !self.stale {
            return None;
        }
        for (id, last) in &mut self.known {
            // A task whose time is over is not there any more.
            let anew = self.tasks.get(&self.owner, id).and_then(|task| task.told_anew(*last));
            if let Some((version, told)) = anew {
                *last = Some(version);
                return Some(told);
            }
        }
        self.stale = false;
        None
    }

    /// Ends when one of them may have changed.
    pub(super) async fn changed(&mut self) {
        let Some(changes) = &mut self.changes else { return pending().await };
        loop {
            match changes.recv().await {
                Ok(id) if !self.known.contains_key(&*id) => {}
                Ok(_) | Err(RecvError::Lagged(_)) => {
                    self.stale = true;
                    return;
                }
                Err(RecvError::Closed) => return pending().await,
            }
        }
    }
}
