//! Calls that go on after their answer (SEP-2663, `io.modelcontextprotocol/tasks`; MCP 2025-11-25, Tasks): kept in memory,
//! bounded in number, time and size, each for its caller alone.
//!
//! | file | its one concern |
//! |---|---|
//! | `task` | one task: how it stands, its questions, its end |
//! | `question` | a question of a task on its way to somebody who answers it |
//! | `told` | what clients are told of a task, in either generation |
//! | `caller` | the way back to a caller whose call may become a task |

mod caller;
mod question;
mod task;
mod told;

pub(in crate::mcp) use caller::Leaving;
pub(in crate::mcp) use question::Taken;
pub(in crate::mcp) use task::{End, Task};
pub(in crate::mcp) use told::Outcome;

use super::{
    caller::{Asker, Owner},
    replica::Replica,
    seats::{Bounds, Seats},
};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use task::Changed;
use tokio::sync::broadcast::Receiver;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// How long a task and its result are kept, unless its caller wants it shorter.
pub(in crate::mcp) const LIVES: Duration = Duration::from_secs(600);
/// How many there may be.
const SEATS: Bounds = Bounds { most: 1000, of_one: 100 };
/// How many bytes their results may have together.
const MOST: usize = 128 << 20;

/// How many changes a listener may be behind; who missed some looks at every task anew.
const BEHIND: usize = 256;

/// The tasks of this process; clones are one.
#[derive(Clone)]
pub(in crate::mcp) struct Tasks(Arc<Kept>);

struct Kept {
    replica: Replica,
    room: Arc<Room>,
    by_id: Mutex<HashMap<String, Arc<Task>>>,
    changed: Changed,
}

/// What tasks take up.
struct Room {
    seats: Seats,
    bytes: AtomicUsize,
}

impl Default for Tasks {
    fn default() -> Self {
        Self::of(Replica::default())
    }
}

impl Tasks {
    /// The tasks of this replica, whose ids say so.
    pub(in crate::mcp) fn of(replica: Replica) -> Self {
        Self::within(replica, Arc::new(Room { seats: Seats::new(SEATS), bytes: AtomicUsize::new(0) }))
    }

    /// Others beside these, which share their bounds: neither finds what the other keeps.
    pub(in crate::mcp) fn apart(&self) -> Self {
        Self::within(self.0.replica.clone(), self.0.room.clone())
    }

    fn within(replica: Replica, room: Arc<Room>) -> Self {
        let (by_id, changed) = (Mutex::default(), Changed::new(BEHIND));
        Self(Arc::new(Kept { replica, room, by_id, changed }))
    }

    /// A new task of this caller's, which is its owner's and lives so long, and which `cancel` ends; none where there is no
    /// room for it.
    pub(in crate::mcp) fn begin(
        &self,
        asker: &Asker,
        owner: Owner,
        lives: Duration,
        cancel: CancellationToken,
    ) -> Option<Arc<Task>> {
        let seat = self.0.room.seats.take(asker)?;
        let id = self.0.replica.mark(Uuid::new_v4().simple().to_string());
        let task = Arc::new(Task::new(id, owner, lives, cancel, seat, self.0.changed.clone()));
        self.by_id().insert(task.id().to_owned(), task.clone());
        Some(task)
    }

    /// The task of this id, for its own caller: nobody else can tell it from one that never was.
    pub(in crate::mcp) fn get(&self, owner: &Owner, id: &str) -> Option<Arc<Task>> {
        self.by_id().get(id).filter(|task| task.is_of(owner)).cloned()
    }

    /// Every task of this caller's, the newest first.
    pub(in crate::mcp) fn all(&self, owner: &Owner) -> Vec<Arc<Task>> {
        let mut own: Vec<_> = self.by_id().values().filter(|task| task.is_of(owner)).cloned().collect();
        own.sort_by(|one, other| other.begun().cmp(&one.begun()));
        own
    }

    /// The ids of tasks that from now on stand otherwise than before.
    pub(in crate::mcp) fn changes(&self) -> Receiver<Arc<str>> {
        self.0.changed.subscribe()
    }

    /// Lets a call run on as a task, and keeps what it comes to until the task's time is over.
    pub(in crate::mcp) fn run(&self, task: Arc<Task>, call: impl Future<Output = End> + Send + 'static) {
        let tasks = self.clone();
        tokio::spawn(async move {
            let end = tokio::select! {
                biased;
                () = task.cancelled() => None,
                end = tokio::time::timeout_at(task.until(), call) => Some(end),
            };
            // Of a task that was cancelled nothing is kept.
            let end = end.map(|end| end.unwrap_or_else(|_| End::failed("the task took too long")));
            let size = tasks.keep(&task, end);
            tokio::time::sleep_until(task.until()).await;
            tasks.by_id().remove(task.id());
            tasks.0.room.bytes.fetch_sub(size, Ordering::Relaxed);
        });
    }

    /// Ends a task with what it came to, and tells how many bytes of it are kept.
    fn keep(&self, task: &Task, end: Option<End>) -> usize {
        let Some(end) = end else { return 0 };
        let size = end.size();
        let before = self.0.room.bytes.fetch_add(size, Ordering::Relaxed);
        if before + size <= MOST {
            task.end(end);
            return size;
        }
        self.0.room.bytes.fetch_sub(size, Ordering::Relaxed);
        task.end(End::failed("the result finds no room here; ask for less in one call"));
        0
    }

    fn by_id(&self) -> MutexGuard<'_, HashMap<String, Arc<Task>>> {
        self.0.by_id.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seam::{CallerKeys, Issuer, Principal, Scopes, Secret, Subject, User};
    use http::Extensions;
    use serde_json::json;

    fn asker(name: &str) -> Asker {
        let (issuer, subject) = (Issuer::new("i"), Subject::new(name));
        let mut extensions = Extensions::new();
        extensions.insert(Principal::User(User { issuer, subject, client: None, scopes: Scopes::new() }));
        Asker::of(&extensions)
    }

    fn begun(tasks: &Tasks, asker: &Asker) -> Option<Arc<Task>> {
        tasks.begin(asker, asker.owner(), LIVES, CancellationToken::new())
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_is_its_callers_alone_and_is_kept_until_its_time_is_over() {
        let (tasks, ann, bob) = (Tasks::default(), asker("ann"), asker("bob"));
        let task = begun(&tasks, &ann).unwrap();
        let id = task.id().to_owned();
        tasks.run(task, async {
            tokio::time::sleep(Duration::from_secs(60)).await;
            End::Completed(json!({ "content": [] }))
        });
        let keys = CallerKeys::new(vec![("X-Key", Secret::new("k"))]);
        let other = Asker { keys, ..ann.clone() };
        assert!(tasks.get(&bob.owner(), &id).is_none() && tasks.get(&other.owner(), &id).is_none());
        assert!(tasks.get(&ann.owner(), "other").is_none());
        let status = || tasks.get(&ann.owner(), &id).map(|task| task.told()["status"].clone());
        assert_eq!(status(), Some(json!("working")));
        tokio::time::sleep(Duration::from_secs(61)).await;
        assert_eq!(status(), Some(json!("completed")));
        assert!(tasks.0.room.bytes.load(Ordering::Relaxed) > 0);
        tokio::time::sleep(LIVES).await;
        assert_eq!(status(), None);
        assert_eq!(tasks.0.room.bytes.load(Ordering::Relaxed), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn one_caller_has_so_many_tasks_and_a_task_has_so_much_time() {
        let (tasks, ann, bob) = (Tasks::default(), asker("ann"), asker("bob"));
        for _ in 0..SEATS.of_one {
            let task = begun(&tasks, &ann).unwrap();
            tasks.run(task, std::future::pending());
        }
        assert!(begun(&tasks, &ann).is_none());
        let task = begun(&tasks, &bob).unwrap();
        tasks.run(task.clone(), std::future::pending());
        tokio::time::sleep(LIVES + Duration::from_secs(1)).await;
        assert_eq!(task.told()["status"], "failed");
        assert!(begun(&tasks, &ann).is_some(), "seats are free again");
    }

    #[tokio::test(start_paused = true)]
    async fn results_are_bounded_together() {
        let (tasks, ann) = (Tasks::default(), asker("ann"));
        let task = || begun(&tasks, &ann).unwrap();
        let (one, two) = (task(), task());
        for task in [&one, &two] {
            tasks.run(task.clone(), async { End::Completed(json!("a".repeat(MOST / 2 + 1))) });
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!((&one.told()["status"], &two.told()["status"]), (&json!("completed"), &json!("failed")));
        assert!(two.told()["error"]["message"].as_str().unwrap().contains("no room"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancelled_task_stays_cancelled() {
        let (tasks, ann) = (Tasks::default(), asker("ann"));
        let task = begun(&tasks, &ann).unwrap();
        tasks.run(task.clone(), async { End::Completed(json!({})) });
        task.cancel();
        tokio::time::sleep(Duration::from_secs(1)).await;
        let told = task.told();
        assert_eq!(told["status"], "cancelled");
        assert!(told.get("result").is_none());
        task.cancel();
    }
}
