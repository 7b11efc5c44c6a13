//! The tools that are served: found in the inventory, matched with their packs and the operator's wishes, and called.
//!
//! | file | its one concern |
//! |---|---|
//! | `inventory` | who is registered, and that the configuration can tell them apart |
//! | `made` | one tool as its file registered it, or as a source listed it |
//! | `served` | one tool as the operator wants it served |
//! | `live` | tools that come and go: who sees which, and when they are asked for anew |
//! | `schema` | the JSON Schemas that clients see |
//! | `mirrored` | the arguments that clients repeat in headers |
//! | `arguments` | whether a call's arguments fit, in words that tell the fix |
//! | `approval` | what the user is asked before a call may have an effect |
//! | `attempt` | a tool run, and again when its user has said what an argument means |
//! | `dispatch` | one call from arguments to answer: time, cancellation, faults, log |
//! | `render` | an answer as text for a model |
//! | `resources`, `address` | what is read by its address, and how addresses are taken apart |
//! | `prompts`, `texts` | what begins a conversation, and arguments that are texts |
//! | `completions` | proposals for the arguments of these two |
//! | `home` | what a plug-in works with |

mod address;
mod approval;
mod arguments;
mod asked;
mod attempt;
mod completions;
mod dispatch;
mod home;
mod inventory;
mod live;
mod made;
mod mirrored;
mod prompts;
mod render;
mod resources;
mod schema;
mod served;
mod texts;

pub use asked::Asked;
pub use completions::{Proposals, Reference};
pub use dispatch::{Answer, Incoming, Refused, Unanswered};
pub use inventory::{RegistryError, check};
pub use live::View;
pub use mirrored::Mirrored;
pub use prompts::{Prompted, ServedPrompt};
pub use resources::{Read, ServedResource};
pub use served::ServedTool;

use crate::{
    seam::{
        Access, Approve, Changes, CompletionEntry, Credentials, Effect, LiveToolsEntry, Need, PackEntry,
        PromptEntry, ResourceEntry, ServedScopes, ToolEntry, ToolOptions,
    },
    telemetry::audit::Audit,
};
use completions::Completer;
use home::{Home, Homes};
use live::Source;
use std::{
    any::{Any, TypeId},
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// A pack that is built and served.
pub struct ServedPack {
    /// Its entry.
    pub entry: &'static PackEntry,
    /// Itself.
    pub pack: Arc<dyn Any + Send + Sync>,
    /// Whose credentials its calls use.
    pub credentials: Arc<dyn Credentials>,
    /// The weakest effect of its tools that the user is asked before; none where they are not asked.
    pub approve: Option<Effect>,
    /// What the operator says of its tools, by their registered names.
    pub tools: BTreeMap<String, ToolOptions>,
    /// What the operator says of its tools that come and go, by the names under which they are listed.
    pub live: BTreeMap<String, ToolOptions>,
}

/// Whose scopes tools without a pack ask for, as in `tools:read`.
const ALONE: &str = "tools";

/// Everything that this server serves.
pub struct Registry {
    tools: Vec<Arc<ServedTool>>,
    by_name: HashMap<String, Arc<ServedTool>>,
    sources: Vec<Arc<Source>>,
    resources: Vec<ServedResource>,
    prompts: Vec<ServedPrompt>,
    completions: Vec<Completer>,
    scopes: ServedScopes,
    timeout: Duration,
    closing: CancellationToken,
    running: TaskTracker,
    changes: Changes,
    audit: Audit,
}

impl Registry {
    /// Matches the registered tools with the packs that are served and with the operator's wishes. `alone` are the
    /// wishes for tools without a pack; `timeout` is how long a call may take unless its tool says otherwise.
    ///
    /// # Errors
    /// Two tools of one name, an option that does not fit its tool, a schema that is none.
    pub fn new(
        packs: Vec<ServedPack>,
        alone: &BTreeMap<String, ToolOptions>,
        timeout: Duration,
    ) -> Result<Self, RegistryError> {
        let (all, tools) = (PackEntry::all(), ToolEntry::all());
        check(&tools, &all)?;
        let homes = Homes::new(&packs);
        let resources = resources::served(&ResourceEntry::all(), &all, &homes)?;
        let prompts = prompts::served(&PromptEntry::all(), &all, &homes)?;
        let completions = completions::served(&CompletionEntry::all(), &all, &homes)?;
        let mut live = Vec::new();
        for entry in LiveToolsEntry::all() {
            home::registered("a source of tools", entry.origin, (entry.pack)(), &all)?;
            live.extend(Source::new(entry, &homes, timeout));
        }
        let read = |pack: TypeId| homes.pack(pack).map(|pack| (pack.entry.origin.key(), Access::Read));
        let beside = resources.iter().map(|resource| (resource.entry().pack)());
        let beside: Vec<_> =
            beside.chain(prompts.iter().map(|prompt| (prompt.entry().pack)())).filter_map(read).collect();
        let tools = Self::of(&tools, packs, alone, timeout)?;
        let scopes = tools.scopes.clone().and(beside).and(live.iter().flat_map(Source::access));
        let placed =
            |source: Source| source.beside(&tools.tools, tools.changes.clone(), tools.closing.clone());
        let sources = live.into_iter().map(placed).map(Arc::new).collect();
        Ok(Self { sources, resources, prompts, completions, scopes, ..tools })
    }

    /// These tools alone, instead of all that is registered.
    ///
    /// # Errors
    /// As for [`Registry::new`].
    pub fn of(
        entries: &[&'static ToolEntry],
        packs: Vec<ServedPack>,
        alone: &BTreeMap<String, ToolOptions>,
        timeout: Duration,
    ) -> Result<Self, RegistryError> {
        let homes = Homes::new(&packs);
        let mut tools: Vec<Arc<ServedTool>> = Vec::new();
        let mut by_name = HashMap::<String, Arc<ServedTool>>::new();
        let mut named = HashMap::<String, &'static ToolEntry>::new();
        let mut scopes = Vec::new();
        for entry in entries.iter().copied() {
            let id = (entry.pack)();
            let Some(Home { pack, credentials, .. }) = homes.of(id) else { continue };
            let served = homes.pack(id);
            let options = served.map_or(alone, |pack| &pack.tools).get(entry.name);
            let mut options = options.cloned().unwrap_or_default();
            let asks = served.and_then(|pack| pack.approve).is_some_and(|least| entry.effect >= least);
            options.approve = options.approve.or_else(|| asks.then_some(Approve::Ask));
            if options.enabled.unwrap_or(entry.enabled) {
                let of = served.map_or_else(|| ALONE.to_owned(), |pack| pack.entry.origin.key());
                let tool = ServedTool::new(entry, &options, pack, credentials, timeout)
                    .map_err(|error| error.below(path(entry, &packs)))?;
                let tool = tool.needing(Need::new(&of, entry.access)).of_pack(served.map(|_| of.clone()));
                let tool = Arc::new(tool);
                scopes.push((of, entry.access));
                if let Some(other) = named.insert(tool.name().to_owned(), entry) {
                    return Err(clash(tool.name(), other, entry, &packs));
                }
                by_name.insert(tool.name().to_owned(), tool.clone());
                tools.push(tool);
            }
        }
        let (closing, running) = (CancellationToken::new(), TaskTracker::new());
        let (scopes, changes, audit) = (scopes.into_iter().collect(), Changes::default(), Audit::default());
        let (resources, prompts, completions) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Self {
            tools,
            by_name,
            sources: Vec::new(),
            resources,
            prompts,
            completions,
            scopes,
            timeout,
            closing,
            running,
            changes,
            audit,
        })
    }

    /// The same tools, whose calls are told of here.
    #[must_use]
    pub fn audited(self, audit: Audit) -> Self {
        Self { audit, ..self }
    }

    /// The registered tools, in the order of their files and lines.
    #[must_use]
    pub fn tools(&self) -> &[Arc<ServedTool>] {
        &self.tools
    }

    /// The scopes that the tools ask for.
    #[must_use]
    pub const fn scopes(&self) -> &ServedScopes {
        &self.scopes
    }

    /// The registered tool that clients know by this name.
    #[must_use]
    pub fn tool(&self, name: &str) -> Option<&Arc<ServedTool>> {
        self.by_name.get(name)
    }

    /// Where it is told what clients must ask for anew.
    #[must_use]
    pub const fn changes(&self) -> &Changes {
        &self.changes
    }

    /// Refuses calls from now on and waits for those under way.
    pub async fn close(&self) {
        self.closing.cancel();
        self.running.close();
        self.running.wait().await;
    }
}

/// Two tools are served by one name: a fault of the configuration where it renamed one, and else of nobody whom we know.
fn clash(name: &str, one: &ToolEntry, other: &ToolEntry, packs: &[ServedPack]) -> RegistryError {
    let key = |tool| [path(tool, packs), vec!["name".into()]].concat();
    let mut error = RegistryError::same_name("tools", name, one.origin, other.origin);
    match [other, one].into_iter().find(|tool| tool.name != name) {
        Some(renamed) => return error.below(key(renamed)),
        // Keys that are one would rename both.
        None if key(one) == key(other) => {}
        None => error.message += &format!(", as `{}` does", key(other).join(".")),
    }
    error
}

/// Where the configuration speaks of a tool.
fn path(tool: &ToolEntry, packs: &[ServedPack]) -> Vec<String> {
    let pack = packs.iter().find(|pack| (pack.entry.id)() == (tool.pack)());
    let pack = pack.map(|pack| [pack.entry.origin.key(), "tools".into()]);
    std::iter::once("tools".to_owned()).chain(pack.into_iter().flatten()).chain([tool.name.into()]).collect()
}
