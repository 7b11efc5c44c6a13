//! A tool: its arguments are the type, its behaviour is one function.

use super::{
    Access, BoxFuture, Call, Content, Effect, Icon, Origin, Output, Pack, Task, ToolError, ToolOutput, erased,
};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::{
    any::{Any, TypeId},
    sync::Arc,
};

/// A tool that models call. The implementing type is its arguments: its doc comment is the tool's description, its
/// fields' docs describe the arguments.
pub trait Tool: DeserializeOwned + JsonSchema + Send + 'static {
    /// The name that clients call it by.
    const NAME: &'static str;
    /// The name that people see; made of `NAME` unless said.
    const TITLE: Option<&'static str> = None;
    /// Pictures beside the name.
    const ICONS: &'static [Icon] = &[];
    /// The strongest thing it may do.
    const EFFECT: Effect = Effect::Read;
    /// What a signed-in caller needs a scope for.
    const ACCESS: Access = Access::of(Self::EFFECT);
    /// Whether it is served unless the configuration says otherwise.
    const ENABLED: bool = true;
    /// When its calls become tasks, for clients that know them.
    const TASK: Task = Task::Never;
    /// What it works with; `()` for a tool that stands alone.
    type Pack: Pack;
    /// What it answers: a type of its own, of which the output schema and `structuredContent` are made, or
    /// [`Contents`](super::Contents), which has neither.
    type Output: Output;

    /// Does what the arguments ask for.
    ///
    /// A tool that writes calls [`Call::commit`] first and hands the `Act` to its pack.
    fn call(
        self,
        pack: &Self::Pack,
        cx: Call,
    ) -> impl Future<Output = Result<Self::Output, ToolError>> + Send;

    /// The answer as text for a model, where it can be told better than by listing its values.
    fn text(_: &Self::Output) -> Option<String> {
        None
    }

    /// What is shown after the text: links to resources, pictures.
    fn beside(_: &Self::Output) -> Vec<Content> {
        Vec::new()
    }

    /// `_meta` of the tool, for programs that know it.
    fn meta() -> Map<String, Value> {
        Map::new()
    }
}

/// Runs a tool with its arguments and its pack.
pub type RunTool = fn(
    Map<String, Value>,
    Arc<dyn Any + Send + Sync>,
    Call,
) -> BoxFuture<'static, Result<ToolOutput, ToolError>>;

/// A registered tool.
pub struct ToolEntry {
    /// The name that clients call it by.
    pub name: &'static str,
    /// The name that people see.
    pub title: Option<&'static str>,
    /// Pictures beside the name.
    pub icons: &'static [Icon],
    /// `_meta` of the tool.
    pub meta: fn() -> Map<String, Value>,
    /// The strongest thing it may do.
    pub effect: Effect,
    /// What a signed-in caller needs a scope for.
    pub access: Access,
    /// Whether it is served unless the configuration says otherwise.
    pub enabled: bool,
    /// When its calls become tasks.
    pub task: Task,
    /// Where it was registered.
    pub origin: Origin,
    /// The type of its pack.
    pub pack: fn() -> TypeId,
    /// The JSON Schema of its arguments.
    pub input: fn(&mut SchemaGenerator) -> Schema,
    /// The JSON Schema of its answer; none where that is no JSON.
    pub output: Option<fn(&mut SchemaGenerator) -> Schema>,
    /// Runs it with arguments that fit the schema, and its own pack.
    pub run: RunTool,
}

inventory::collect!(ToolEntry);

impl ToolEntry {
    /// The entry of a tool; `register!` calls it.
    #[must_use]
    pub const fn of<T: Tool>(module: &'static str, line: u32) -> Self {
        Self {
            name: T::NAME,
            title: T::TITLE,
            icons: T::ICONS,
            meta: T::meta,
            effect: T::EFFECT,
            access: T::ACCESS,
            enabled: T::ENABLED,
            task: T::TASK,
            origin: Origin::new(module, line),
            pack: TypeId::of::<T::Pack>,
            input: |generator| generator.root_schema_for::<T>(),
            output: T::Output::SCHEMA,
            run: |arguments, pack, cx| Box::pin(run::<T>(arguments, pack, cx)),
        }
    }

    /// Every tool that is linked in, in the order of their files and lines.
    #[must_use]
    pub fn all() -> Vec<&'static Self> {
        let mut all: Vec<_> = inventory::iter::<Self>().collect();
        all.sort_by_key(|a| a.origin);
        all
    }
}

async fn run<T: Tool>(
    arguments: Map<String, Value>,
    pack: Arc<dyn Any + Send + Sync>,
    cx: Call,
) -> Result<ToolOutput, ToolError> {
    let tool: T = erased::given(arguments)?;
    let output = tool.call(erased::pack(&*pack)?, cx).await?;
    let (text, beside) = (T::text(&output), T::beside(&output));
    output.told(text, beside)
}
