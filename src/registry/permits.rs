//! What a caller lacks for what it asks, for those who stand before the registry.

use super::Registry;
use crate::seam::{Asked, MissingScope, Permits, Principal};

impl Permits for Registry {
    fn lacking(&self, asked: Asked<'_>, principal: &Principal) -> Option<MissingScope> {
        match asked {
            Asked::Tool(name) => self.tool(name)?.lacking(principal),
            Asked::Prompt(name) => self.prompt_named(name).ok()?.home().lacking(principal),
            Asked::Resource(uri) => self.resource(uri)?.0.home().lacking(principal),
        }
    }
}
