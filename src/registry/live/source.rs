//! One source: whom it is asked for, and when.

use super::{
    super::{ALONE, ServedTool, dispatch::within, home::Homes},
    listed::{Listed, Serving},
    shelf::{Came, Shelf},
};
use crate::seam::{
    Access, Call, CallerKeys, Change, Changes, Common, CredentialId, LiveToolsEntry, Origin, Principal,
    Silent,
};
use std::{
    any::Any,
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// The most credentials for which a source's list is kept; the one that was used longest ago makes room.
const MOST: usize = 256;
/// How long a source may take to list its tools.
const TIME: Duration = Duration::from_secs(30);

/// Those who see one list: all with one credential, or everybody where there are none.
type Whom = Option<CredentialId>;

/// A source that is served.
pub(in crate::registry) struct Source {
    entry: &'static LiveToolsEntry,
    serving: Serving,
    every: Duration,
    shelves: Mutex<HashMap<Whom, Arc<Shelf>>>,
    /// The number of the last list.
    last: AtomicU64,
    changes: Changes,
    closing: CancellationToken,
}

impl Source {
    /// A source of a pack that is served; none where its pack is not, or it has no tools in this configuration.
    pub(in crate::registry) fn new(
        entry: &'static LiveToolsEntry,
        homes: &Homes<'_>,
        timeout: Duration,
    ) -> Option<Self> {
        let id = (entry.pack)();
        let (home, pack) = (homes.of(id)?, homes.pack(id));
        let every = (entry.every)(&*home.pack)?;
        let serving = Serving {
            home,
            of: pack.map_or_else(|| ALONE.to_owned(), |pack| pack.entry.origin.key()),
            options: pack.map(|pack| pack.live.clone()).unwrap_or_default(),
            approve: pack.and_then(|pack| pack.approve),
            timeout,
            taken: HashMap::new(),
        };
        let (shelves, last) = (Mutex::default(), AtomicU64::new(0));
        let (changes, closing) = (Changes::default(), CancellationToken::new());
        Some(Self { entry, serving, every, shelves, last, changes, closing })
    }

    /// The same beside these registered tools. What changes is told to `changes`, until `closing`.
    pub(in crate::registry) fn beside(
        mut self,
        registered: &[Arc<ServedTool>],
        changes: Changes,
        closing: CancellationToken,
    ) -> Self {
        self.serving.taken = registered.iter().map(|tool| (tool.name().to_owned(), tool.origin())).collect();
        Self { changes, closing, ..self }
    }

    /// What its tools ask of callers at the most, and whose scopes say that.
    pub(in crate::registry) fn access(&self) -> impl Iterator<Item = (String, Access)> {
        let of = &self.serving.of;
        let within = [Access::Read, Access::Write, Access::Admin].into_iter();
        within.filter(|access| *access <= self.entry.access).map(move |access| (of.clone(), access))
    }

    pub(super) const fn origin(&self) -> Origin {
        self.entry.origin
    }

    /// Whether this is its pack.
    pub(super) fn is_of(&self, pack: &Arc<dyn Any + Send + Sync>) -> bool {
        (**pack).type_id() == (self.entry.pack)()
    }

    /// Those who see the same list as this caller; none where it sees none, as it has no credential.
    pub(super) async fn shared_by(&self, principal: &Principal, keys: &CallerKeys) -> Option<Whom> {
        let credentials = &self.serving.home.credentials;
        if !credentials.are_there() {
            return Some(None);
        }
        credentials.of(principal, keys).await.ok().map(|credential| Some(credential.id()))
    }

    /// The list that this caller sees.
    pub(super) async fn list(self: &Arc<Self>, principal: &Principal, keys: &CallerKeys) -> Arc<Listed> {
        let Some(whom) = self.shared_by(principal, keys).await else { return Arc::default() };
        let shelf = self.shelf(whom);
        self.ask(whom, &shelf, principal, keys);
        shelf.list().await
    }

    /// Asks for the list that callers with the operator's credential see, whenever it is due.
    pub(super) async fn follow(self: Arc<Self>) {
        let (operator, keys) = (Principal::Local, CallerKeys::default());
        let following = async {
            while let Some(whom) = self.shared_by(&operator, &keys).await {
                let shelf = self.shelf(whom);
                self.ask(whom, &shelf, &operator, &keys);
                shelf.settle().await;
                tokio::time::sleep_until(shelf.due()).await;
            }
        };
        self.closing.run_until_cancelled(following).await;
    }

    /// Asks anew for the list that this caller sees, where anybody has seen it.
    pub(super) async fn renew(self: &Arc<Self>, principal: &Principal, keys: &CallerKeys) {
        let Some(whom) = self.shared_by(principal, keys).await else { return };
        let known = self.shelves.lock().unwrap_or_else(PoisonError::into_inner).get(&whom).cloned();
        let Some(shelf) = known else { return };
        shelf.outdate();
        self.ask(whom, &shelf, principal, keys);
    }

    fn shelf(&self, whom: Whom) -> Arc<Shelf> {
        let mut shelves = self.shelves.lock().unwrap_or_else(PoisonError::into_inner);
        if shelves.len() >= MOST
            && !shelves.contains_key(&whom)
            && let Some(oldest) = shelves.iter().min_by_key(|(_, shelf)| shelf.used()).map(|(whom, _)| *whom)
        {
            shelves.remove(&oldest);
        }
        shelves.entry(whom).or_insert_with(|| Arc::new(Shelf::new())).clone()
    }

    /// Asks for a list that is due, with the credential of this caller, whether or not it waits.
    fn ask(self: &Arc<Self>, whom: Whom, shelf: &Arc<Shelf>, principal: &Principal, keys: &CallerKeys) {
        if self.closing.is_cancelled() || !shelf.begins() {
            return;
        }
        let (source, shelf) = (self.clone(), shelf.clone());
        let (principal, keys) = (principal.clone(), keys.clone());
        tokio::spawn(async move {
            while source.asked(whom, &shelf, &principal, &keys).await && shelf.begins() {}
        });
    }

    /// Asks once; whether there is an answer.
    async fn asked(&self, whom: Whom, shelf: &Shelf, principal: &Principal, keys: &CallerKeys) -> bool {
        let home = &self.serving.home;
        let common = Common::new(principal.clone(), TIME, Arc::new(Silent), home.credentials.clone());
        let mut common = common.with_keys(keys.clone());
        common.cancelled = self.closing.child_token();
        let common = Arc::new(common);
        let listing = (self.entry.list)(home.pack.clone(), Call::new(common.clone()));
        let (_, listed) = within(listing, &common, TIME).await;
        let place = self.origin().file();
        let tools = match listed {
            Ok(tools) => tools,
            Err(error) if shelf.fail(self.every) == 1 && !self.closing.is_cancelled() => {
                tracing::warn!(%error, source = place, "tools could not be listed; the last ones are served");
                return false;
            }
            Err(error) => {
                tracing::debug!(%error, source = place, "tools could not be listed again");
                return false;
            }
        };
        let stamp = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        let list = Listed::new(stamp, self.entry, &self.serving, tools);
        let (faults, number) = (list.faults().to_vec(), list.tools().len());
        let came = shelf.take(list, self.every);
        if !matches!(came, Came::Same) {
            tracing::info!(source = place, tools = number, "tools are listed");
            // The workspaces of callers are not the operator's to mend.
            let operators = self.shared_by(&Principal::Local, &CallerKeys::default()).await == Some(whom);
            for fault in faults.iter().filter(|_| operators) {
                tracing::warn!(source = place, "not as it should be: {fault}");
            }
        }
        if matches!(came, Came::Other) {
            self.changes.tell(whom.map_or(Change::Tools, Change::ToolsOf));
        }
        true
    }
}
