//! Contacts: people, as Twenty calls them.

use super::{
    contact::{Contact, Contacts, Given, contact, data},
    pack::Twenty,
    records::{
        engine::Find,
        id::RecordId,
        search::{every_word, newest_first},
    },
};
use crate::seam::{Call, Effect, Tool, ToolError};
use serde::Deserialize;

/// Create a contact (person).
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateContact {
    first_name: String,
    last_name: String,
    #[schemars(email)]
    email: Option<String>,
    /// With the country's code, as in +33612345678.
    phone: Option<String>,
    /// The id of their company.
    company_id: Option<String>,
    job_title: Option<String>,
    #[schemars(url)]
    linkedin_url: Option<String>,
    city: Option<String>,
}
crate::register!(CreateContact);

impl Tool for CreateContact {
    const NAME: &'static str = "create_contact";
    const EFFECT: Effect = Effect::Create;
    type Pack = Twenty;
    type Output = Contact;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Contact, ToolError> {
        let records = twenty.records(&cx).await?;
        let person = records.workspace().object("person")?;
        let given = Given {
            first_name: Some(Some(self.first_name)),
            last_name: Some(Some(self.last_name)),
            email: self.email.map(Some),
            phone: self.phone.map(Some),
            company_id: self.company_id.map(Some),
            job_title: self.job_title.map(Some),
            linkedin_url: self.linkedin_url.map(Some),
            city: self.city.map(Some),
        };
        let data = data(person, given)?;
        let act = cx.commit().await?;
        let created = records.create(&act, person, data).await?;
        Ok(contact(&records, person, &created))
    }

    fn text(contact: &Contact) -> Option<String> {
        Some(format!("Created.\n{contact}"))
    }
}

/// Get a contact by id.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetContact {
    id: String,
}
crate::register!(GetContact);

impl Tool for GetContact {
    const NAME: &'static str = "get_contact";
    type Pack = Twenty;
    type Output = Contact;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Contact, ToolError> {
        let id = RecordId::parse("id", &self.id)?;
        let records = twenty.records(&cx).await?;
        let person = records.workspace().object("person")?;
        let found = records.get(&cx, person, id).await?;
        Ok(contact(&records, person, &found))
    }

    fn text(contact: &Contact) -> Option<String> {
        Some(contact.to_string())
    }
}

/// Change fields of a contact. What is left out stays as it is; null clears.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateContact {
    id: String,
    #[serde(default, deserialize_with = "super::given::deserialize")]
    #[schemars(with = "Option<String>")]
    first_name: Option<Option<String>>,
    #[serde(default, deserialize_with = "super::given::deserialize")]
    #[schemars(with = "Option<String>")]
    last_name: Option<Option<String>>,
    #[serde(default, deserialize_with = "super::given::deserialize")]
    #[schemars(with = "Option<String>", email)]
    email: Option<Option<String>>,
    /// With the country's code, as in +33612345678.
    #[serde(default, deserialize_with = "super::given::deserialize")]
    #[schemars(with = "Option<String>")]
    phone: Option<Option<String>>,
    /// The id of their company.
    #[serde(default, deserialize_with = "super::given::deserialize")]
    #[schemars(with = "Option<String>")]
    company_id: Option<Option<String>>,
    #[serde(default, deserialize_with = "super::given::deserialize")]
    #[schemars(with = "Option<String>")]
    job_title: Option<Option<String>>,
    #[serde(default, deserialize_with = "super::given::deserialize")]
    #[schemars(with = "Option<String>", url)]
    linkedin_url: Option<Option<String>>,
    #[serde(default, deserialize_with = "super::given::deserialize")]
    #[schemars(with = "Option<String>")]
    city: Option<Option<String>>,
}
crate::register!(UpdateContact);

impl Tool for UpdateContact {
    const NAME: &'static str = "update_contact";
    const EFFECT: Effect = Effect::Update;
    type Pack = Twenty;
    type Output = Contact;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Contact, ToolError> {
        let id = RecordId::parse("id", &self.id)?;
        let records = twenty.records(&cx).await?;
        let person = records.workspace().object("person")?;
        let given = Given {
            first_name: self.first_name,
            last_name: self.last_name,
            email: self.email,
            phone: self.phone,
            company_id: self.company_id,
            job_title: self.job_title,
            linkedin_url: self.linkedin_url,
            city: self.city,
        };
        let data = data(person, given)?;
        if data.is_empty() {
            return Err(ToolError::input("nothing to change was given").hint("give a field besides `id`"));
        }
        let act = cx.commit().await?;
        let updated = records.update(&act, person, id, data).await?;
        Ok(contact(&records, person, &updated))
    }

    fn text(contact: &Contact) -> Option<String> {
        Some(format!("Updated.\n{contact}"))
    }
}

/// Find contacts by name or email; every word must match. Newest first.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SearchContacts {
    query: String,
    #[serde(default = "twenty")]
    #[schemars(range(min = 1, max = 5000))]
    limit: usize,
    #[serde(default)]
    #[schemars(range(max = 1_000_000))]
    offset: usize,
}
crate::register!(SearchContacts);

const fn twenty() -> usize {
    20
}

impl Tool for SearchContacts {
    const NAME: &'static str = "search_contacts";
    type Pack = Twenty;
    type Output = Contacts;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Contacts, ToolError> {
        let records = twenty.records(&cx).await?;
        let person = records.workspace().object("person")?;
        let places = [&["name", "firstName"][..], &["name", "lastName"], &["emails", "primaryEmail"]];
        let find = Find {
            filter: every_word(&self.query, &places),
            order: newest_first(),
            limit: self.limit,
            offset: self.offset,
        };
        let found = records.find(&cx, person, &find).await?;
        let contacts: Vec<Contact> =
            found.records.iter().map(|record| contact(&records, person, record)).collect();
        let shown = self.offset.saturating_add(contacts.len());
        let next_offset = (shown < found.total && !contacts.is_empty()).then_some(shown);
        Ok(Contacts { total: found.total, offset: self.offset, next_offset, contacts })
    }

    fn text(contacts: &Contacts) -> Option<String> {
        Some(contacts.to_string())
    }
}
