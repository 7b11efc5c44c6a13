//! Proposals for the arguments of prompts and the variables of resources.

use super::{
    Incoming, Registry, RegistryError, Unanswered, arguments,
    dispatch::Task,
    home::{self, Home, Homes},
    prompts::ServedPrompt,
    resources::ServedResource,
    texts::Texts,
};
use crate::seam::{
    Arguments, Completed, CompletionEntry, Origin, PackEntry, PromptEntry, ResourceEntry, ToolError,
};
use serde::Serialize;
use serde_json::Value;
use std::collections::HashMap;

/// The most proposals that are told (MCP 2025-11-25, `CompleteResult`).
const MOST: usize = 100;
/// The longest text that is completed, in bytes.
const LONGEST: usize = 1024;

/// Whose argument is completed, as a client names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// The prompt of this name.
    Prompt(String),
    /// The resources with this address, variables and all.
    Resource(String),
}

/// What an argument may become (MCP 2025-11-25, `CompleteResult`).
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Proposals {
    values: Vec<String>,
    total: usize,
    has_more: bool,
}

impl From<Vec<String>> for Proposals {
    fn from(mut values: Vec<String>) -> Self {
        let total = values.len();
        values.truncate(MOST);
        Self { values, total, has_more: total > MOST }
    }
}

/// A completion and what it works with.
pub(super) struct Completer {
    of: Completed,
    entry: &'static CompletionEntry,
    home: Home,
}

/// The completions of the packs that are served.
///
/// # Errors
/// Two complete one argument, one completes what nobody registered, or its pack is not registered.
pub(super) fn served(
    entries: &[&'static CompletionEntry],
    packs: &[&PackEntry],
    homes: &Homes<'_>,
) -> Result<Vec<Completer>, RegistryError> {
    let (mut places, mut all) = (HashMap::<Completed, Origin>::new(), Vec::new());
    for entry in entries {
        home::registered("this completion", entry.origin, (entry.pack)(), packs)?;
        for of in entry.of {
            let (what, exists) = match of {
                Completed::Prompt { name, argument } => (
                    format!("`{argument}` of the prompt `{name}`"),
                    PromptEntry::all().iter().any(|prompt| {
                        let texts = || Texts::of(prompt.arguments, "", prompt.origin);
                        prompt.name == *name && texts().is_ok_and(|texts| has(&texts, argument))
                    }),
                ),
                Completed::Resource { uri, argument } => (
                    format!("`{argument}` of `{uri}`"),
                    ResourceEntry::all()
                        .iter()
                        .any(|resource| resource.uri == *uri && uri.contains(&format!("{{{argument}}}"))),
                ),
            };
            if !exists {
                return Err(RegistryError::new(format_args!(
                    "{}: there is no {what} that could be completed",
                    entry.origin.place()
                )));
            }
            let Some(home) = homes.of((entry.pack)()) else { continue };
            if let Some(other) = places.insert(*of, entry.origin) {
                return Err(RegistryError::new(format_args!(
                    "two completions are for {what}: one in {}, one in {}; take one of them away",
                    other.place(),
                    entry.origin.place()
                )));
            }
            all.push(Completer { of: *of, entry, home });
        }
    }
    Ok(all)
}

fn has(texts: &Texts, argument: &str) -> bool {
    texts.names().any(|name| name == argument)
}

impl Registry {
    /// Whether any argument is completed.
    #[must_use]
    pub fn completes(&self) -> bool {
        let prompts = self.prompts().iter().map(ServedPrompt::texts);
        let mut all = prompts.chain(self.resources().iter().map(ServedResource::texts));
        !self.completions.is_empty() || all.any(Texts::has_choices)
    }

    /// What an argument may become of which `typed` is the beginning; the call's arguments are the others.
    ///
    /// # Errors
    /// There is no such prompt, resource or argument, the completion fails, or the server is stopping.
    pub async fn complete(
        &self,
        of: &Reference,
        argument: &str,
        typed: String,
        mut incoming: Incoming,
    ) -> Result<Proposals, Unanswered> {
        let texts = match self.subject(of, argument) {
            Ok(texts) => texts,
            Err(error) => return self.unknown(&incoming, error),
        };
        if typed.len() > LONGEST {
            return Ok(Proposals::default());
        }
        let Some(Completer { entry, home, .. }) = self.completer(of, argument) else {
            let begin = typed.to_lowercase();
            let mut choices = texts.choices(argument);
            choices.retain(|choice| choice.to_lowercase().starts_with(&begin));
            return Ok(choices.into());
        };
        let given = std::mem::take(&mut incoming.arguments).into_iter();
        let given = given.filter_map(|(name, value)| match value {
            Value::String(value) => Some((name, value)),
            _ => None,
        });
        let given: Arguments = given.collect();
        let task = Task { name: "completion/complete", home, timeout: self.timeout };
        let pack = home.pack.clone();
        let values =
            self.perform(task, incoming, move |call| (entry.complete)(typed, given, pack, call)).await?;
        Ok(values.into())
    }

    /// The arguments of which one is to be completed.
    fn subject(&self, of: &Reference, argument: &str) -> Result<&Texts, ToolError> {
        let texts = match of {
            Reference::Prompt(name) => self.prompt_named(name)?.texts(),
            Reference::Resource(uri) => self.resource_at(uri)?.texts(),
        };
        if has(texts, argument) {
            return Ok(texts);
        }
        let names: Vec<&str> = texts.names().collect();
        let near = arguments::nearest(argument, &names).map(|near| format!("; did you mean `{near}`?"));
        let shown = arguments::shown(argument);
        Err(ToolError::input(format_args!("`{shown}` is no argument here{}", near.unwrap_or_default())))
    }

    /// The resources with exactly this address, variables and all.
    fn resource_at(&self, uri: &str) -> Result<&ServedResource, ToolError> {
        let same = |resource: &&ServedResource| resource.entry().uri == uri;
        self.resources().iter().find(same).ok_or_else(|| {
            let known: Vec<&str> = self.resources().iter().map(|resource| resource.entry().uri).collect();
            let near = arguments::nearest(uri, &known).map(|near| format!(" (did you mean {near}?)"));
            let shown = arguments::shown(uri);
            ToolError::not_found(format_args!("Resource not found: {shown}{}", near.unwrap_or_default()))
        })
    }

    fn completer(&self, of: &Reference, argument: &str) -> Option<&Completer> {
        self.completions.iter().find(|completer| match (completer.of, of) {
            (Completed::Prompt { name, argument: own }, Reference::Prompt(asked)) => {
                name == asked && own == argument
            }
            (Completed::Resource { uri, argument: own }, Reference::Resource(asked)) => {
                uri == asked && own == argument
            }
            _ => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_proposals_are_told_and_how_many_there_are() {
        let few = Proposals::from(vec!["a".to_owned(), "b".to_owned()]);
        assert_eq!((few.values.len(), few.total, few.has_more), (2, 2, false));
        let many = Proposals::from((0..250).map(|n| n.to_string()).collect::<Vec<_>>());
        assert_eq!((many.values.len(), many.total, many.has_more), (100, 250, true));
    }
}
