//! Contacts by what is said of them.

use super::contact::{Contacts, contact};
use crate::{
    seam::{Call, Tool, ToolError},
    tools::twenty::{listing::Paging, pack::Twenty, records::search::every_word},
};
use serde::Deserialize;

/// Find contacts by name or email; every word must match. Newest first.
#[derive(Deserialize, schemars::JsonSchema)]
pub struct SearchContacts {
    query: String,
    #[serde(flatten)]
    paging: Paging,
}
crate::register!(SearchContacts);

impl Tool for SearchContacts {
    const NAME: &'static str = "search_contacts";
    type Pack = Twenty;
    type Output = Contacts;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Contacts, ToolError> {
        let records = twenty.records(&cx).await?;
        let person = records.object("person")?;
        let places = [&["name", "firstName"][..], &["name", "lastName"], &["emails", "primaryEmail"]];
        let filter = every_word(&self.query, &places);
        let (page, contacts) = records.piece(&cx, person, filter, self.paging, contact).await?;
        Ok(Contacts { page, contacts })
    }

    fn text(contacts: &Contacts) -> Option<String> {
        Some(contacts.to_string())
    }
}
