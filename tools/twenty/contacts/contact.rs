//! A contact: a person of the workspace, under the names of the contact tools.

use crate::{
    seam::ToolError,
    tools::twenty::{
        listing::Page,
        records::{
            engine::Records,
            linked::Linked,
            part::Role,
            record::{Shape, written},
            text::{ROWS, table},
        },
        workspace::schema::Object,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;

/// A person of the workspace.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Contact {
    /// The record's id.
    pub id: String,
    /// First and last name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    job_title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    company: Option<Linked>,
    #[serde(skip_serializing_if = "Option::is_none")]
    linkedin_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<String>,
    /// The record's page in Twenty.
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<String>,
    /// Whatever else the workspace keeps of people.
    #[serde(skip_serializing_if = "Map::is_empty")]
    other: Map<String, Value>,
}

/// Several contacts, and how many there are in all.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Contacts {
    /// Which piece of the list it is.
    #[serde(flatten)]
    pub page: Page,
    /// These.
    pub contacts: Vec<Contact>,
}

impl Contacts {
    /// A page of contacts, and the place of the next one.
    #[must_use]
    pub fn page(total: usize, offset: usize, contacts: Vec<Contact>) -> Self {
        Self { page: Page::of(total, offset, contacts.len()), contacts }
    }
}

const SHAPE: Shape = Shape {
    names: &[("emails", "email"), ("phones", "phone"), ("jobTitle", "jobTitle"), ("company", "company")],
    parts: &[(Role::Linkedin, "linkedinUrl"), (Role::City, "city")],
};

/// The contact that a person's record is.
///
/// # Errors
/// The workspace answered with something else.
pub fn contact(records: &Records<'_>, person: &Object, raw: &Value) -> Result<Contact, ToolError> {
    records.shaped(person, raw, &SHAPE)
}

impl fmt::Display for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_deref().unwrap_or("Nameless contact");
        written(f, name, &self.id, self, &self.other)
    }
}

impl fmt::Display for Contacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cell = |text: &Option<String>| text.clone().unwrap_or_default();
        let rows = self.contacts.iter().take(ROWS).map(|contact| {
            let company = contact.company.as_ref().map(|company| cell(&company.name)).unwrap_or_default();
            vec![
                cell(&contact.name),
                cell(&contact.email),
                cell(&contact.phone),
                cell(&contact.job_title),
                company,
                contact.id.clone(),
                contact.url.clone(),
            ]
        });
        let rows: Vec<Vec<String>> = rows.collect();
        let columns = ["name", "email", "phone", "job title", "company", "id", "page"];
        let shown = ("contact", "contacts");
        self.page.around(f, self.contacts.len(), shown, || table(&columns, &rows))
    }
}
