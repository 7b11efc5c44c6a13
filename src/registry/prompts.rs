//! The prompts that are served.

use super::{
    Incoming, Registry, RegistryError, Unanswered, arguments,
    dispatch::Task,
    home::{self, Home, Homes},
    made::title,
    render,
    served::named,
    texts::Texts,
};
use crate::seam::{Message, Messages, Origin, PackEntry, Principal, PromptEntry, ToolError};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// A prompt.
pub struct ServedPrompt {
    entry: &'static PromptEntry,
    texts: Texts,
    definition: Value,
    home: Home,
}

/// What a prompt says (MCP 2025-11-25, `GetPromptResult`).
#[derive(Debug, Serialize)]
pub struct Prompted {
    description: String,
    messages: Vec<Message>,
    #[serde(rename = "_meta", skip_serializing_if = "Map::is_empty")]
    meta: Map<String, Value>,
}

impl ServedPrompt {
    fn new(entry: &'static PromptEntry, home: Home) -> Result<Self, RegistryError> {
        let texts = Texts::of(entry.arguments, &format!("the prompt `{}`", entry.name), entry.origin)?;
        let mut definition = json!({
            "name": entry.name,
            "title": entry.title.map_or_else(|| title(entry.name), str::to_owned),
            "description": texts.description,
        });
        if let Some(definition) = definition.as_object_mut() {
            definition.extend(named("arguments", texts.shown()));
            definition.extend(named("icons", entry.icons));
            definition.extend(named("_meta", (entry.meta)()));
        }
        Ok(Self { entry, texts, definition, home })
    }

    /// The name that clients ask for it by.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.entry.name
    }

    /// The prompt as `prompts/list` shows it (MCP 2025-11-25, `Prompt`).
    #[must_use]
    pub const fn definition(&self) -> &Value {
        &self.definition
    }

    /// What was registered.
    #[must_use]
    pub const fn entry(&self) -> &'static PromptEntry {
        self.entry
    }

    /// Whether this caller may ask for it.
    #[must_use]
    pub fn may_be_asked_by(&self, principal: &Principal) -> bool {
        self.home.lacking(principal).is_none()
    }

    pub(super) const fn home(&self) -> &Home {
        &self.home
    }

    pub(super) const fn texts(&self) -> &Texts {
        &self.texts
    }
}

/// The prompts of the packs that are served.
///
/// # Errors
/// Two have one name, one is none that can be served, or its pack is not registered.
pub(super) fn served(
    entries: &[&'static PromptEntry],
    packs: &[&PackEntry],
    homes: &Homes<'_>,
) -> Result<Vec<ServedPrompt>, RegistryError> {
    let (mut names, mut all) = (HashMap::<&str, Origin>::new(), Vec::new());
    for entry in entries {
        home::registered(&format!("`{}`", entry.name), entry.origin, (entry.pack)(), packs)?;
        let Some(home) = homes.of((entry.pack)()) else { continue };
        if let Some(other) = names.insert(entry.name, entry.origin) {
            return Err(RegistryError::same_name("prompts", entry.name, other, entry.origin));
        }
        all.push(ServedPrompt::new(entry, home)?);
    }
    Ok(all)
}

impl Registry {
    /// Every prompt, in the order of their files and lines.
    #[must_use]
    pub fn prompts(&self) -> &[ServedPrompt] {
        &self.prompts
    }

    /// The prompts that a caller may get, in the same order.
    pub fn prompts_for<'a>(&'a self, principal: &'a Principal) -> impl Iterator<Item = &'a ServedPrompt> {
        self.prompts.iter().filter(|prompt| prompt.may_be_asked_by(principal))
    }

    /// The prompt of this name, or an error that tells the nearest.
    pub(super) fn prompt_named(&self, name: &str) -> Result<&ServedPrompt, ToolError> {
        self.prompts.iter().find(|prompt| prompt.name() == name).ok_or_else(|| {
            let names: Vec<&str> = self.prompts.iter().map(ServedPrompt::name).collect();
            let near = arguments::nearest(name, &names).map(|near| format!(" (did you mean {near}?)"));
            let message =
                format_args!("Unknown prompt: {}{}", arguments::shown(name), near.unwrap_or_default());
            ToolError::not_found(message)
        })
    }

    /// The messages of the prompt that the call names.
    ///
    /// # Errors
    /// There is no such prompt, the arguments do not fit, it fails, or the server is stopping.
    pub async fn prompt(&self, mut incoming: Incoming) -> Result<Prompted, Unanswered> {
        let prompt = match self.prompt_named(&incoming.name) {
            Ok(prompt) => prompt,
            Err(error) => return self.unknown(&incoming, error),
        };
        let task = Task { name: prompt.name(), home: &prompt.home, timeout: self.timeout };
        let given = std::mem::take(&mut incoming.arguments);
        let work = move |call| async move {
            let given = prompt.texts.complete(given).map_err(ToolError::input)?;
            let Messages { messages, description, meta } =
                (prompt.entry.get)(given, prompt.home.pack.clone(), call).await?;
            render::bounded(messages.iter().map(Message::size).sum())?;
            let description = description.unwrap_or_else(|| prompt.texts.description.clone());
            Ok(Prompted { description, messages, meta })
        };
        self.perform(task, incoming, work).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seam::{Call, Prompt};

    /// Begin.
    #[derive(serde::Deserialize, schemars::JsonSchema)]
    struct Begin {
        #[expect(dead_code, reason = "its schema alone is looked at")]
        name: Option<String>,
    }

    /// Count.
    #[derive(serde::Deserialize, schemars::JsonSchema)]
    struct Count {
        #[expect(dead_code, reason = "its schema alone is looked at")]
        number: u8,
    }

    macro_rules! prompt {
        ($prompt:ident $name:literal) => {
            impl Prompt for $prompt {
                const NAME: &'static str = $name;
                type Pack = ();

                async fn get(self, (): &(), _: Call) -> Result<Messages, ToolError> {
                    Ok(Messages::new())
                }
            }
        };
    }
    prompt!(Begin "begin");
    prompt!(Count "count");

    #[test]
    fn what_cannot_be_served_is_told_with_its_files() {
        static ONE: PromptEntry = PromptEntry::of::<Begin>("twenty_mcp::tools::one", 1);
        static TWO: PromptEntry = PromptEntry::of::<Begin>("twenty_mcp::tools::two", 2);
        static COUNT: PromptEntry = PromptEntry::of::<Count>("twenty_mcp::tools::count", 3);
        let of = |entries: &[&'static PromptEntry]| {
            served(entries, &[], &Homes::new(&[])).map(|all| all.len()).map_err(|error| error.message)
        };
        assert_eq!(of(&[&ONE]), Ok(1));
        let twins = of(&[&ONE, &TWO]).unwrap_err();
        assert!(twins.contains("tools/one.rs:1") && twins.contains("tools/two.rs:2"), "{twins}");
        let count = of(&[&COUNT]).unwrap_err();
        assert!(count.contains("tools/count.rs:3") && count.contains("`number` that is no text"), "{count}");
    }
}
