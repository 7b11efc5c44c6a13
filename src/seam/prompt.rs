//! A prompt: messages that a person picks from a list to begin with.

use super::{BoxFuture, Call, Icon, Messages, Origin, Pack, ToolError, erased};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::{
    any::{Any, TypeId},
    sync::Arc,
};

/// A prompt. The implementing type is its arguments, which are texts: its doc comment is the prompt's description, its
/// fields' docs describe the arguments, and an `Option` may be left out. It is a unit struct where there are none.
pub trait Prompt: DeserializeOwned + JsonSchema + Send + 'static {
    /// The name that clients ask for it by.
    const NAME: &'static str;
    /// The name that people see; made of `NAME` unless said.
    const TITLE: Option<&'static str> = None;
    /// Pictures beside the name.
    const ICONS: &'static [Icon] = &[];
    /// What it works with; `()` for a prompt that stands alone.
    type Pack: Pack;

    /// The messages for these arguments.
    fn get(self, pack: &Self::Pack, cx: Call) -> impl Future<Output = Result<Messages, ToolError>> + Send;

    /// `_meta` of the prompt, for programs that know it.
    fn meta() -> Map<String, Value> {
        Map::new()
    }
}

/// Makes a prompt's messages: its arguments, its pack, the call.
pub type GetPrompt = fn(
    Map<String, Value>,
    Arc<dyn Any + Send + Sync>,
    Call,
) -> BoxFuture<'static, Result<Messages, ToolError>>;

/// A registered prompt.
pub struct PromptEntry {
    /// The name that clients ask for it by.
    pub name: &'static str,
    /// The name that people see.
    pub title: Option<&'static str>,
    /// Pictures beside the name.
    pub icons: &'static [Icon],
    /// `_meta` of the prompt.
    pub meta: fn() -> Map<String, Value>,
    /// Where it was registered.
    pub origin: Origin,
    /// The type of its pack.
    pub pack: fn() -> TypeId,
    /// The JSON Schema of its arguments.
    pub arguments: fn(&mut SchemaGenerator) -> Schema,
    /// Makes its messages.
    pub get: GetPrompt,
}

inventory::collect!(PromptEntry);

impl PromptEntry {
    /// The entry of a prompt; `register!` calls it.
    #[must_use]
    pub const fn of<P: Prompt>(module: &'static str, line: u32) -> Self {
        Self {
            name: P::NAME,
            title: P::TITLE,
            icons: P::ICONS,
            meta: P::meta,
            origin: Origin::new(module, line),
            pack: TypeId::of::<P::Pack>,
            arguments: |generator| generator.root_schema_for::<P>(),
            get: |arguments, pack, cx| {
                Box::pin(async move {
                    let prompt: P = erased::given(arguments)?;
                    prompt.get(erased::pack(&*pack)?, cx).await
                })
            },
        }
    }

    /// Every prompt that is linked in, in the order of their files and lines.
    #[must_use]
    pub fn all() -> Vec<&'static Self> {
        let mut all: Vec<_> = inventory::iter::<Self>().collect();
        all.sort_by_key(|a| a.origin);
        all
    }
}
