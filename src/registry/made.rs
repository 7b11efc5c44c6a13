//! A tool before the operator's wishes: as its file registered it, or as a source listed it.

use super::{
    RegistryError,
    schema::{self, Described},
};
use crate::seam::{
    BoxFuture, Call, Effect, Icon, LiveTool, LiveToolsEntry, Origin, RunLiveTool, RunTool, Task, ToolEntry,
    ToolError, ToolOutput,
};
use serde_json::{Map, Value};
use std::{
    any::{Any, TypeId},
    sync::Arc,
};

/// The longest name of a listed tool, and the longest title; in characters.
const NAME: usize = 64;
/// The longest description of a listed tool, in characters.
const DESCRIPTION: usize = 1024;
/// The longest schema of a listed tool, in bytes.
const SCHEMA: usize = 32 << 10;

/// A tool as it was made.
pub(super) struct Made {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) icons: &'static [Icon],
    pub(super) meta: Map<String, Value>,
    pub(super) effect: Effect,
    pub(super) task: Task,
    pub(super) origin: Origin,
    /// Whether it works without a pack.
    pub(super) alone: bool,
    pub(super) input: Described,
    /// The schema of its answer, and whether answers are wrapped for it; none where it answers no JSON.
    pub(super) output: Option<(Map<String, Value>, bool)>,
    pub(super) run: Run,
}

/// How a tool is run.
#[derive(Clone, Copy)]
pub(super) enum Run {
    Registered(RunTool),
    Listed(RunLiveTool),
}

impl Run {
    pub(super) fn with(
        self,
        name: &str,
        arguments: Map<String, Value>,
        pack: Arc<dyn Any + Send + Sync>,
        call: Call,
    ) -> BoxFuture<'static, Result<ToolOutput, ToolError>> {
        match self {
            Self::Registered(run) => run(arguments, pack, call),
            Self::Listed(run) => run(name.to_owned(), arguments, pack, call),
        }
    }
}

impl From<&ToolEntry> for Made {
    fn from(entry: &ToolEntry) -> Self {
        Self {
            name: entry.name.to_owned(),
            title: entry.title.map_or_else(|| title(entry.name), str::to_owned),
            icons: entry.icons,
            meta: (entry.meta)(),
            effect: entry.effect,
            task: entry.task,
            origin: entry.origin,
            alone: (entry.pack)() == TypeId::of::<()>(),
            input: schema::input(entry.input),
            output: entry.output.map(schema::output),
            run: Run::Registered(entry.run),
        }
    }
}

impl Made {
    /// A tool that a source listed.
    ///
    /// # Errors
    /// Its name is none, or something of it is too long.
    pub(super) fn listed(source: &LiveToolsEntry, tool: LiveTool) -> Result<Self, RegistryError> {
        let LiveTool { name, description, title: called, effect, task, input, output } = tool;
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        if name.is_empty() || name.len() > NAME || !name.chars().all(fits) {
            return Err(RegistryError::new("its name is not 1 to 64 letters, digits, `_`, `-` and `.`"));
        }
        for (what, schema) in [("arguments", Some(&input)), ("answer", output.as_ref())] {
            let length = schema.map_or(0, |schema| schema.to_string().len());
            if length > SCHEMA {
                let message = format_args!("the schema of its {what} has {length} bytes; at most {SCHEMA}");
                return Err(RegistryError::new(message));
            }
        }
        if input.get("type").is_none_or(|of| of != "object") {
            return Err(RegistryError::new("the schema of its arguments is not that of an object"));
        }
        let called = called.unwrap_or_else(|| title(&name));
        Ok(Self {
            title: called.chars().take(NAME).collect(),
            icons: &[],
            meta: Map::new(),
            effect,
            task,
            origin: source.origin,
            alone: (source.pack)() == TypeId::of::<()>(),
            input: schema::listed(input, description.chars().take(DESCRIPTION).collect()),
            output: output.map(schema::answered),
            run: Run::Listed(source.run),
            name,
        })
    }

    /// Whether a source listed it.
    pub(super) const fn is_live(&self) -> bool {
        matches!(self.run, Run::Listed(_))
    }
}

/// A name as people read it: `Create contact` for `create_contact`.
pub(super) fn title(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
