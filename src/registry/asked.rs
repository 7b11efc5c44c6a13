//! What a caller lacks for what it asks, for those who stand before the registry.

use super::Registry;
use crate::seam::{CallerKeys, MissingScope, Principal};

/// What a request is for, as clients name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked<'a> {
    /// A tool, by its name.
    Tool(&'a str),
    /// A prompt, by its name.
    Prompt(&'a str),
    /// A resource, by its address.
    Resource(&'a str),
}

impl Registry {
    /// What a caller with these keys lacks for it, and its name as the log has it; nothing where there is no such thing.
    pub async fn lacking(
        &self,
        asked: Asked<'_>,
        principal: &Principal,
        keys: &CallerKeys,
    ) -> Option<(String, MissingScope)> {
        match asked {
            Asked::Tool(name) => {
                let tool = self.tool_for(name, principal, keys).await?;
                Some((tool.name().to_owned(), tool.lacking(principal)?))
            }
            Asked::Prompt(name) => {
                let prompt = self.prompt_named(name).ok()?;
                Some((prompt.name().to_owned(), prompt.home().lacking(principal)?))
            }
            Asked::Resource(uri) => {
                let (resource, _) = self.resource(uri)?;
                Some((resource.entry().uri.to_owned(), resource.home().lacking(principal)?))
            }
        }
    }
}
