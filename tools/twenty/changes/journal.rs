//! The journal of changes: what callers changed and what it was before, so that it can be taken back, and so that after
//! a crash it can be told what was applied.

use super::{
    bounds::Bounds,
    entry::{Batch, BatchState, Change, ChangeId, ChangeState},
    error::JournalError,
    file,
    owner::Owner,
    rows::Written,
    store::Store,
};
use jiff::Timestamp;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::{sync::Mutex, task::spawn_blocking};
use uuid::Uuid;

/// The journal of a pack. It is opened at its first use; one caller at a time works on it, so that those who wait for
/// the disk take up no threads.
pub struct Journal {
    folder: Option<Arc<Path>>,
    bounds: Bounds,
    store: Arc<Mutex<Option<Store>>>,
}

impl Journal {
    /// A journal in this folder, in a file that only this user may read; in memory where there is none. Nothing is
    /// opened yet.
    #[must_use]
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self { folder: folder.map(Arc::from), bounds: Bounds::default(), store: Arc::default() }
    }

    /// Notes what is about to be changed. It is safe on disk when this returns.
    ///
    /// # Errors
    /// The change is larger than one owner may keep, or the store fails: nothing may be changed then.
    pub async fn begin(
        &self,
        owner: Owner,
        tool: impl Into<String>,
        batches: Vec<Batch>,
    ) -> Result<ChangeId, JournalError> {
        let tool = tool.into();
        self.write(move |store, now| {
            let (id, change) = (ChangeId::now(), Written::new(now, tool, &batches)?);
            store.begin(&owner, id, &change, now)?;
            Ok(id)
        })
        .await
    }

    /// Notes how a batch ended, counted from 0, and the `updatedAt` that its records have since, where it is known. It
    /// is safe on disk when this returns.
    ///
    /// # Errors
    /// There is no such batch, or the store fails.
    pub async fn settle(
        &self,
        owner: Owner,
        change: ChangeId,
        batch: usize,
        state: BatchState,
        after: Vec<(Uuid, String)>,
    ) -> Result<(), JournalError> {
        self.write(move |store, _| store.settle(&owner, change, batch, state, after)).await
    }

    /// Notes how a change ended.
    ///
    /// # Errors
    /// There is no such change, or the store fails.
    pub async fn finish(
        &self,
        owner: Owner,
        change: ChangeId,
        state: ChangeState,
    ) -> Result<(), JournalError> {
        self.write(move |store, _| store.finish(&owner, change, state)).await
    }

    /// The newest changes of an owner, the newest first.
    ///
    /// # Errors
    /// The store fails.
    pub async fn last(&self, owner: Owner, count: usize) -> Result<Vec<Change>, JournalError> {
        self.read(move |store, now| store.last(&owner, count, now)).await
    }

    /// One change, if it is this owner's.
    ///
    /// # Errors
    /// The store fails.
    pub async fn change(&self, owner: Owner, id: ChangeId) -> Result<Option<Change>, JournalError> {
        self.read(move |store, now| store.change(&owner, id, now)).await
    }

    /// Whether this plan is carried out for the first time: true once, and false from then on. It is remembered for an
    /// hour after `until`, the end of the plan, which is for its owner to keep to.
    ///
    /// # Errors
    /// The store fails, or so many plans are remembered that nothing more can be: the plan must not be carried out.
    pub async fn spend(&self, plan: [u8; 16], until: Timestamp) -> Result<bool, JournalError> {
        self.write(move |store, now| store.spend(plan, until, now)).await
    }

    /// Reads; where nothing was ever written, nothing is made.
    async fn read<T: Default + Send + 'static>(
        &self,
        work: impl FnOnce(&Store, Timestamp) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, JournalError> {
        let folder = self.folder.clone();
        if self.store.lock().await.is_none() {
            let there = spawn_blocking(move || folder.is_some_and(|folder| folder.join(file::NAME).exists()));
            if !there.await.map_err(|_| JournalError::BrokenOff)? {
                return Ok(T::default());
            }
        }
        self.write(work).await
    }

    /// Works on the store where it may block, opened if need be. The work goes on to its end even if its caller goes.
    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store, Timestamp) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, JournalError> {
        let mut place = Arc::clone(&self.store).lock_owned().await;
        let (folder, bounds) = (self.folder.clone(), self.bounds);
        let work = spawn_blocking(move || {
            let now = Timestamp::now();
            let store = match place.take() {
                Some(store) => store,
                None => Store::open(folder.as_deref(), bounds, now)?,
            };
            let done = work(&store, now);
            // After a fault of the disk the store refuses everything until it is opened anew.
            if !done.as_ref().is_err_and(JournalError::is_of_the_store) {
                *place = Some(store);
            }
            done
        });
        work.await.map_err(|_| JournalError::BrokenOff)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        seam::{Credential, ErrorKind, Principal, Secret, ToolError, Upstream, Whose},
        tools::twenty::changes::{
            bounds,
            entry::{Effect, Item},
        },
    };
    use jiff::ToSpan as _;
    use serde_json::{Map, Value, json};
    use std::process::Stdio;
    use tokio::io::{AsyncBufReadExt as _, BufReader};

    fn owner(key: &str) -> Owner {
        let key = Some(Secret::new(key));
        Owner::of(
            &Principal::Local,
            Credential { upstream: Upstream::Sandbox, key, whose: Whose::Operator }.id(),
        )
    }

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    fn item(id: u128, effect: Effect) -> Item {
        Item { object: "person".into(), id: Uuid::from_u128(id), effect, after: None }
    }

    fn updated(id: u128) -> Item {
        let before = map(
            json!({ "jobTitle": null, "name": { "firstName": "Ann" }, "amount": 9_007_199_254_740_993_i64 }),
        );
        item(id, Effect::Updated { before, sent: map(json!({ "jobTitle": "CEO" })) })
    }

    fn on_disk() -> (tempfile::TempDir, PathBuf) {
        let data_dir = tempfile::tempdir().unwrap();
        let folder = data_dir.path().join("data/twenty");
        (data_dir, folder)
    }

    #[tokio::test]
    async fn a_change_is_told_as_it_was_noted() {
        let batches = vec![
            Batch::pending(vec![item(1, Effect::Created), updated(2)]),
            Batch::pending(vec![item(3, Effect::Deleted), item(4, Effect::Restored)]),
            Batch::pending(vec![
                item(5, Effect::Destroyed { before: map(json!({ "z": 1, "a": [1.5, "ü"] })) }),
                item(6, Effect::Merged { into: Uuid::from_u128(7), before: Map::new() }),
            ]),
        ];
        let (_data_dir, folder) = on_disk();
        for folder in [None, Some(folder)] {
            let (journal, ann) = (Journal::new(folder.clone()), owner("ann"));
            assert_eq!(journal.last(ann, 10).await.unwrap(), []);
            assert!(folder.as_ref().is_none_or(|folder| !folder.exists()), "reading makes nothing");
            let id = journal.begin(ann, "update_records", batches.clone()).await.unwrap();
            let begun = journal.change(ann, id).await.unwrap().unwrap();
            assert_eq!((begun.state, &begun.batches), (ChangeState::Running, &batches));
            assert_eq!((begun.id, begun.tool.as_str()), (id, "update_records"));
            assert_eq!(id.to_string().parse::<ChangeId>().unwrap(), id);

            let after = vec![(Uuid::from_u128(2), "2026-01-01T00:00:00.000Z".to_owned())];
            journal.settle(ann, id, 0, BatchState::Applied, after).await.unwrap();
            journal.settle(ann, id, 1, BatchState::Refused, Vec::new()).await.unwrap();
            journal.finish(ann, id, ChangeState::Failed).await.unwrap();
            let [ended] = &journal.last(ann, 10).await.unwrap()[..] else { panic!("one change") };
            let mut expected = batches.clone();
            expected[0].state = BatchState::Applied;
            expected[0].items[1].after = Some("2026-01-01T00:00:00.000Z".into());
            expected[1].state = BatchState::Refused;
            assert_eq!((ended.state, &ended.batches, ended.at), (ChangeState::Failed, &expected, begun.at));
            let nowhere = journal.settle(ann, id, 3, BatchState::Applied, Vec::new()).await;
            assert!(matches!(nowhere, Err(JournalError::Unknown)));
        }
    }

    #[tokio::test]
    async fn no_owner_sees_or_touches_anothers_changes() {
        let (journal, ann, ben) = (Journal::new(None), owner("ann"), owner("ben"));
        let id = journal.begin(ann, "t", vec![Batch::pending(vec![updated(1)])]).await.unwrap();
        assert_eq!(
            (journal.last(ben, 10).await.unwrap(), journal.change(ben, id).await.unwrap()),
            (vec![], None)
        );
        let settled = journal.settle(ben, id, 0, BatchState::Applied, Vec::new()).await;
        let finished = journal.finish(ben, id, ChangeState::Undone).await;
        assert!(matches!((settled, finished), (Err(JournalError::Unknown), Err(JournalError::Unknown))));
        let kept = journal.change(ann, id).await.unwrap().unwrap();
        assert_eq!((kept.state, kept.batches[0].state), (ChangeState::Running, BatchState::Pending));
    }

    #[tokio::test]
    async fn the_newest_come_first_and_no_more_than_asked_for() {
        let (journal, ann) = (Journal::new(None), owner("ann"));
        let mut ids = Vec::new();
        for _ in 0..bounds::CHANGES + 2 {
            ids.insert(0, journal.begin(ann, "t", Vec::new()).await.unwrap());
        }
        let told = |changes: Vec<Change>| changes.into_iter().map(|change| change.id).collect::<Vec<_>>();
        assert_eq!(told(journal.last(ann, 3).await.unwrap()), ids[..3]);
        assert_eq!(told(journal.last(ann, 1000).await.unwrap()), ids[..bounds::CHANGES]);
    }

    #[tokio::test]
    async fn a_change_without_an_end_is_there_when_the_journal_is_opened_again() {
        let ((_data_dir, folder), ann) = (on_disk(), owner("ann"));
        let journal = Journal::new(Some(folder.clone()));
        let batches = vec![Batch::pending(vec![updated(1)]), Batch::pending(vec![updated(2)])];
        let id = journal.begin(ann, "t", batches).await.unwrap();
        journal.settle(ann, id, 0, BatchState::Applied, Vec::new()).await.unwrap();
        drop(journal);
        let change = Journal::new(Some(folder)).change(ann, id).await.unwrap().unwrap();
        assert_eq!(change.state, ChangeState::Running);
        assert_eq!(
            change.batches.iter().map(|batch| batch.state).collect::<Vec<_>>(),
            [BatchState::Applied, BatchState::Pending]
        );
    }

    /// The folder of the other process in the test below; where it is not set, there is nothing to do.
    const FOLDER: &str = "TWENTY_MCP_TEST_JOURNAL";

    #[tokio::test]
    async fn the_other_process() {
        let Some(folder) = std::env::var_os(FOLDER) else { return };
        let (journal, ann) = (Journal::new(Some(folder.into())), owner("ann"));
        let batches = vec![Batch::pending(vec![updated(1)]), Batch::pending(vec![updated(2)])];
        let id = journal.begin(ann, "t", batches).await.unwrap();
        journal.settle(ann, id, 0, BatchState::Applied, Vec::new()).await.unwrap();
        println!("\nbegun {id}");
        std::future::pending().await
    }

    #[tokio::test]
    async fn another_process_is_told_of_and_when_it_is_killed_nothing_is_lost() {
        let ((_data_dir, folder), ann) = (on_disk(), owner("ann"));
        let mut other = tokio::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--nocapture", "tools::twenty::changes::journal::tests::the_other_process"])
            .env(FOLDER, &folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(other.stdout.take().unwrap()).lines();
        let id: ChangeId = loop {
            let line = lines.next_line().await.unwrap().expect("the other process begins a change");
            if let Some(id) = line.strip_prefix("begun ") {
                break id.parse().unwrap();
            }
        };

        let told = logged(|| {
            Store::open(Some(&folder), Bounds::default(), Timestamp::now()).unwrap();
        });
        assert_eq!(told.matches("WARN").count(), 1, "{told}");
        assert!(told.contains("another process") && told.contains(folder.to_str().unwrap()), "{told}");
        let journal = Journal::new(Some(folder.clone()));
        let own = journal.begin(ann, "t", Vec::new()).await.unwrap();
        assert_eq!(journal.last(ann, 10).await.unwrap().len(), 1);

        other.kill().await.unwrap();
        let journal = Journal::new(Some(folder));
        let change = journal.change(ann, id).await.unwrap().unwrap();
        assert_eq!(change.state, ChangeState::Running);
        let states: Vec<_> = change.batches.iter().map(|batch| batch.state).collect();
        assert_eq!(states, [BatchState::Applied, BatchState::Pending]);
        assert_eq!(change.batches[1].items, [updated(2)]);
        assert_eq!(journal.change(ann, own).await.unwrap(), None, "that was in memory");
    }

    /// What is logged meanwhile, on this thread.
    fn logged(work: impl FnOnce()) -> String {
        let log = tempfile::NamedTempFile::new().unwrap();
        let writer = std::sync::Mutex::new(log.reopen().unwrap());
        let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(writer).finish();
        tracing::subscriber::with_default(subscriber, work);
        std::fs::read_to_string(log.path()).unwrap()
    }

    #[tokio::test]
    async fn a_journal_that_cannot_be_opened_says_what_to_do() {
        let data_dir = tempfile::tempdir().unwrap();
        let (blocked, broken) = (data_dir.path().join("file"), data_dir.path().join("broken"));
        std::fs::write(&blocked, "").unwrap();
        std::fs::create_dir(&broken).unwrap();
        std::fs::write(broken.join(file::NAME), "no journal".repeat(1000)).unwrap();
        for folder in [blocked.join("twenty"), broken] {
            let journal = Journal::new(Some(folder));
            let error: ToolError = journal.begin(owner("ann"), "t", Vec::new()).await.unwrap_err().into();
            assert_eq!(error.kind(), ErrorKind::Internal);
            assert!(error.next().unwrap().contains("server.data_dir"));
        }
    }

    #[tokio::test]
    async fn a_change_that_is_too_large_is_refused() {
        let before = map(json!({ "note": "x".repeat(17 << 20) }));
        let batch = Batch::pending(vec![item(1, Effect::Destroyed { before })]);
        let error = Journal::new(None).begin(owner("ann"), "t", vec![batch]).await.unwrap_err();
        assert_eq!(ToolError::from(error).kind(), ErrorKind::Limited);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_plan_is_carried_out_once_by_however_many_at_a_time() {
        let (_data_dir, folder) = on_disk();
        let journal = Arc::new(Journal::new(Some(folder.clone())));
        let until = Timestamp::now() + 10.minutes();
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..50 {
            let journal = Arc::clone(&journal);
            tasks.spawn(async move { journal.spend([7; 16], until).await.unwrap() });
        }
        assert_eq!(tasks.join_all().await.into_iter().filter(|first| *first).count(), 1);
        drop(journal);
        let journal = Journal::new(Some(folder));
        assert!(!journal.spend([7; 16], until).await.unwrap(), "after a restart too");
        assert!(journal.spend([8; 16], until).await.unwrap());
    }
}
