//! A completion: what a person may mean by the beginning of an argument.

use super::{BoxFuture, Call, Origin, Pack, ToolError, erased};
use std::{
    any::{Any, TypeId},
    collections::BTreeMap,
    sync::Arc,
};

/// Proposals for an argument of prompts, or a variable of resources. Arguments whose schema names all their values are
/// completed without one.
pub trait Completion: 'static {
    /// What it completes.
    const OF: &'static [Completed];
    /// What it works with; `()` for a completion that stands alone.
    type Pack: Pack;

    /// What `typed` may become, the likeliest first; the first hundred are told. `given` are the other arguments, as
    /// far as the person has come.
    fn complete(
        typed: &str,
        given: &Arguments,
        pack: &Self::Pack,
        cx: Call,
    ) -> impl Future<Output = Result<Vec<String>, ToolError>> + Send;
}

/// An argument that is completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Completed {
    /// An argument of a prompt.
    Prompt {
        /// The prompt's name.
        name: &'static str,
        /// The argument's.
        argument: &'static str,
    },
    /// A variable in the address of resources.
    Resource {
        /// The address, as the resource has it.
        uri: &'static str,
        /// The variable.
        argument: &'static str,
    },
}

impl Completed {
    /// This argument of the prompt of this name.
    #[must_use]
    pub const fn prompt(name: &'static str, argument: &'static str) -> Self {
        Self::Prompt { name, argument }
    }

    /// This variable of the resources with this address.
    #[must_use]
    pub const fn resource(uri: &'static str, argument: &'static str) -> Self {
        Self::Resource { uri, argument }
    }
}

/// Arguments by their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arguments(BTreeMap<String, String>);

impl Arguments {
    /// The value of an argument; none where it was not given yet.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

impl FromIterator<(String, String)> for Arguments {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(given: I) -> Self {
        Self(given.into_iter().collect())
    }
}

/// Completes: what was typed, the other arguments, the pack, the call.
pub type Complete = fn(
    String,
    Arguments,
    Arc<dyn Any + Send + Sync>,
    Call,
) -> BoxFuture<'static, Result<Vec<String>, ToolError>>;

/// A registered completion.
pub struct CompletionEntry {
    /// What it completes.
    pub of: &'static [Completed],
    /// Where it was registered.
    pub origin: Origin,
    /// The type of its pack.
    pub pack: fn() -> TypeId,
    /// Completes.
    pub complete: Complete,
}

inventory::collect!(CompletionEntry);

impl CompletionEntry {
    /// The entry of a completion; `register!` calls it.
    #[must_use]
    pub const fn of<C: Completion>(module: &'static str, line: u32) -> Self {
        Self {
            of: C::OF,
            origin: Origin::new(module, line),
            pack: TypeId::of::<C::Pack>,
            complete: |typed, given, pack, cx| {
                Box::pin(async move { C::complete(&typed, &given, erased::pack(&*pack)?, cx).await })
            },
        }
    }

    /// Every completion that is linked in, in the order of their files and lines.
    #[must_use]
    pub fn all() -> Vec<&'static Self> {
        let mut all: Vec<_> = inventory::iter::<Self>().collect();
        all.sort_by_key(|a| a.origin);
        all
    }
}
