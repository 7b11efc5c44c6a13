//! Tools that come and go while the server runs, as what a pack works on changes.

use super::{Access, BoxFuture, Call, Effect, Origin, Pack, Task, ToolError, ToolOutput, erased};
use serde_json::{Map, Value};
use std::{
    any::{Any, TypeId},
    sync::Arc,
    time::Duration,
};

/// A source of tools that nobody knew when the server was built: a type of its own that holds nothing.
///
/// The list is asked for when the server starts, again and again after that, and whenever a call of the pack says that it
/// is outdated ([`Common::outdate`](super::Common::outdate)): once for all callers with one credential, and callers see
/// the tools of their own credential alone. While it cannot be had the last one is served. Clients are told when it
/// becomes another one.
pub trait LiveTools: Send + Sync + 'static {
    /// What it works with; `()` for a source that stands alone.
    type Pack: Pack;
    /// The most that any of its tools asks of a caller; one that asks for more is not served.
    const ACCESS: Access = Access::Read;

    /// How often the list is asked for; never where it has no tools in this configuration.
    fn every(_: &Self::Pack) -> Option<Duration> {
        Some(Duration::from_mins(10))
    }

    /// The tools that there are for callers with this call's credential.
    fn list(pack: &Self::Pack, cx: Call) -> impl Future<Output = Result<Vec<LiveTool>, ToolError>> + Send;

    /// Does what a tool of this name is called for. The arguments fit the schema that it was listed with.
    fn call(
        name: String,
        arguments: Map<String, Value>,
        pack: &Self::Pack,
        cx: Call,
    ) -> impl Future<Output = Result<ToolOutput, ToolError>> + Send;
}

/// One tool of such a source.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveTool {
    /// The name that clients call it by.
    pub name: String,
    /// What models read of it.
    pub description: String,
    /// The name that people see; made of `name` unless said.
    pub title: Option<String>,
    /// The strongest thing it may do.
    pub effect: Effect,
    /// When its calls become tasks, for clients that know them.
    pub task: Task,
    /// The JSON Schema of its arguments: of an object, which takes no other names unless it says so.
    pub input: Value,
    /// The JSON Schema of its answer; none where that is no JSON.
    pub output: Option<Value>,
}

impl LiveTool {
    /// A tool that looks, whose arguments fit this JSON Schema.
    #[must_use]
    pub fn new(name: impl Into<String>, description: impl Into<String>, input: Value) -> Self {
        Self {
            name: name.into(),
            description: description.into(),
            title: None,
            effect: Effect::Read,
            task: Task::Never,
            input,
            output: None,
        }
    }

    /// The same with answers that fit this JSON Schema.
    #[must_use]
    pub fn answering(self, output: Value) -> Self {
        Self { output: Some(output), ..self }
    }

    /// The same with so strong an effect.
    #[must_use]
    pub fn doing(self, effect: Effect) -> Self {
        Self { effect, ..self }
    }

    /// The same under a name for people.
    #[must_use]
    pub fn titled(self, title: impl Into<String>) -> Self {
        Self { title: Some(title.into()), ..self }
    }
}

/// Lists the tools of a source: its pack, the call.
pub type ListLiveTools =
    fn(Arc<dyn Any + Send + Sync>, Call) -> BoxFuture<'static, Result<Vec<LiveTool>, ToolError>>;

/// Runs a tool of a source: its name, its arguments, its pack, the call.
pub type RunLiveTool = fn(
    String,
    Map<String, Value>,
    Arc<dyn Any + Send + Sync>,
    Call,
) -> BoxFuture<'static, Result<ToolOutput, ToolError>>;

/// A registered source of tools.
pub struct LiveToolsEntry {
    /// Where it was registered.
    pub origin: Origin,
    /// The type of its pack.
    pub pack: fn() -> TypeId,
    /// The most that any of its tools asks of a caller.
    pub access: Access,
    /// How often the list is asked for; never where it has no tools in this configuration.
    pub every: fn(&(dyn Any + Send + Sync)) -> Option<Duration>,
    /// Lists its tools.
    pub list: ListLiveTools,
    /// Runs one of them.
    pub run: RunLiveTool,
}

inventory::collect!(LiveToolsEntry);

impl LiveToolsEntry {
    /// The entry of a source; `register!` calls it.
    #[must_use]
    pub const fn of<L: LiveTools>(module: &'static str, line: u32) -> Self {
        Self {
            origin: Origin::new(module, line),
            pack: TypeId::of::<L::Pack>,
            access: L::ACCESS,
            every: |pack| erased::pack(pack).ok().and_then(L::every),
            list: |pack, cx| Box::pin(async move { L::list(erased::pack(&*pack)?, cx).await }),
            run: |name, arguments, pack, cx| {
                Box::pin(async move { L::call(name, arguments, erased::pack(&*pack)?, cx).await })
            },
        }
    }

    /// Every source that is linked in, in the order of their files and lines.
    #[must_use]
    pub fn all() -> Vec<&'static Self> {
        let mut all: Vec<_> = inventory::iter::<Self>().collect();
        all.sort_by_key(|a| a.origin);
        all
    }
}
