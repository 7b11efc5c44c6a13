//! A resource: what clients read by its address.

use super::{
    Annotations, BoxFuture, Call, Icon, Origin, Pack, ResourceBody, ResourceLink, ToolError, erased,
};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::{
    any::{Any, TypeId},
    sync::Arc,
};

/// Something that clients read. The implementing type is the variables of its address: its doc comment describes the
/// resource, its fields' docs the variables. It is a unit struct where the address has none.
pub trait Resource: DeserializeOwned + JsonSchema + Send + 'static {
    /// Its address. Variables in braces make it many resources, as in `notes://{folder}/{name}` (RFC 6570, level 1);
    /// each is a field of the type, and is never empty.
    const URI: &'static str;
    /// What programs and logs call it.
    const NAME: &'static str;
    /// The name that people see; made of `NAME` unless said.
    const TITLE: Option<&'static str> = None;
    /// The kind of its content.
    const MIME: &'static str = "text/plain";
    /// Pictures beside the name.
    const ICONS: &'static [Icon] = &[];
    /// For whom it is, and how much it matters.
    const ANNOTATIONS: Annotations = Annotations::NONE;
    /// What it works with; `()` for a resource that stands alone.
    type Pack: Pack;

    /// What it says now.
    ///
    /// # Errors
    /// A `ToolError::not_found` tells the client that there is no such resource.
    fn read(
        self,
        pack: &Self::Pack,
        cx: Call,
    ) -> impl Future<Output = Result<ResourceBody, ToolError>> + Send;

    /// Those of an address with variables that exist now, the most useful first; many need not be told.
    fn list(_: &Self::Pack, _: Call) -> impl Future<Output = Result<Vec<ResourceLink>, ToolError>> + Send {
        async { Ok(Vec::new()) }
    }

    /// `_meta` of the resource, for programs that know it.
    fn meta() -> Map<String, Value> {
        Map::new()
    }
}

/// Reads a resource: the variables of its address, its pack, the call.
pub type ReadResource = fn(
    Map<String, Value>,
    Arc<dyn Any + Send + Sync>,
    Call,
) -> BoxFuture<'static, Result<ResourceBody, ToolError>>;

/// Lists the resources of an address with variables.
pub type ListResources =
    fn(Arc<dyn Any + Send + Sync>, Call) -> BoxFuture<'static, Result<Vec<ResourceLink>, ToolError>>;

/// A registered resource.
pub struct ResourceEntry {
    /// Its address, with or without variables.
    pub uri: &'static str,
    /// What programs and logs call it.
    pub name: &'static str,
    /// The name that people see.
    pub title: Option<&'static str>,
    /// The kind of its content.
    pub mime: &'static str,
    /// Pictures beside the name.
    pub icons: &'static [Icon],
    /// For whom it is, and how much it matters.
    pub annotations: Annotations,
    /// `_meta` of the resource.
    pub meta: fn() -> Map<String, Value>,
    /// Where it was registered.
    pub origin: Origin,
    /// The type of its pack.
    pub pack: fn() -> TypeId,
    /// The JSON Schema of the variables.
    pub variables: fn(&mut SchemaGenerator) -> Schema,
    /// Reads it.
    pub read: ReadResource,
    /// Lists those that exist.
    pub list: ListResources,
}

inventory::collect!(ResourceEntry);

impl ResourceEntry {
    /// The entry of a resource; `register!` calls it.
    #[must_use]
    pub const fn of<R: Resource>(module: &'static str, line: u32) -> Self {
        Self {
            uri: R::URI,
            name: R::NAME,
            title: R::TITLE,
            mime: R::MIME,
            icons: R::ICONS,
            annotations: R::ANNOTATIONS,
            meta: R::meta,
            origin: Origin::new(module, line),
            pack: TypeId::of::<R::Pack>,
            variables: |generator| generator.root_schema_for::<R>(),
            read: |variables, pack, cx| {
                Box::pin(async move {
                    let resource: R = erased::given(variables)?;
                    resource.read(erased::pack(&*pack)?, cx).await
                })
            },
            list: |pack, cx| Box::pin(async move { R::list(erased::pack(&*pack)?, cx).await }),
        }
    }

    /// Every resource that is linked in, in the order of their files and lines.
    #[must_use]
    pub fn all() -> Vec<&'static Self> {
        let mut all: Vec<_> = inventory::iter::<Self>().collect();
        all.sort_by_key(|a| a.origin);
        all
    }
}
