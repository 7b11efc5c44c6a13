//! One contact, a person as Twenty calls it: made, read, changed.

use super::contact::{Contact, contact};
use crate::{
    seam::{Call, Effect, Given, Tool, ToolError},
    tools::twenty::{
        changes::{plan::Planning, writer::Made, written::Written},
        pack::Twenty,
        records::part::Role,
        values::{Arguments, Values},
        workspace::schema::Object,
    },
};
use serde::Deserialize;

/// What is kept of a contact beside the name.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Details {
    #[serde(default)]
    #[schemars(email)]
    email: Given<String>,
    #[serde(default)]
    phone: Given<String>,
    #[serde(default)]
    company_id: Given<String>,
    #[serde(default)]
    job_title: Given<String>,
    #[serde(default)]
    #[schemars(url)]
    linkedin_url: Given<String>,
    #[serde(default)]
    city: Given<String>,
}

impl Details {
    fn values(
        &self,
        person: &Object,
        first: impl Into<Given<String>>,
        last: impl Into<Given<String>>,
    ) -> Result<Arguments, ToolError> {
        Values::of(person)
            .set_as("name.firstName", "firstName", first)
            .set_as("name.lastName", "lastName", last)
            .set_as("emails", "email", self.email.clone())
            .set_as("phones", "phone", self.phone.clone())
            .set("companyId", self.company_id.clone())
            .set("jobTitle", self.job_title.clone())
            .part(Role::Linkedin, "linkedinUrl", self.linkedin_url.clone())
            .part(Role::City, "city", self.city.clone())
            .done()
    }
}

/// The one contact that a change was about.
fn written(written: Written<Made<'_>>) -> Result<Written<Contact>, ToolError> {
    written.map(|made| made.one(|records, raw| contact(records, records.object("person")?, raw)))
}

/// Create a contact (person).
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateContact {
    first_name: String,
    last_name: String,
    #[serde(flatten)]
    details: Details,
    #[serde(flatten)]
    planning: Planning,
}
crate::register!(CreateContact);

impl Tool for CreateContact {
    const NAME: &'static str = "create_contact";
    const EFFECT: Effect = Effect::Create;
    type Pack = Twenty;
    type Output = Written<Contact>;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Written<Contact>, ToolError> {
        let writer = twenty.writer(&cx, Self::NAME, &self.planning).await?;
        let made = writer.write(cx, |draft| {
            let person = draft.object("person")?;
            let (first, last) = (Some(self.first_name.clone()), Some(self.last_name.clone()));
            draft.create(person, &self.details.values(person, first, last)?).map(drop)
        });
        written(made.await?)
    }

    fn text(contact: &Written<Contact>) -> Option<String> {
        Some(contact.told("Created"))
    }
}

/// Get a contact by id, name or email.
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
        let records = twenty.records(&cx).await?;
        let person = records.object("person")?;
        let found = records.one(&cx, person, "id", &self.id, "").await?;
        contact(&records, person, &found)
    }

    fn text(contact: &Contact) -> Option<String> {
        Some(contact.to_string())
    }
}

/// Change fields of a contact; null clears.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdateContact {
    id: String,
    #[serde(default)]
    first_name: Given<String>,
    #[serde(default)]
    last_name: Given<String>,
    #[serde(flatten)]
    details: Details,
    #[serde(flatten)]
    planning: Planning,
}
crate::register!(UpdateContact);

impl Tool for UpdateContact {
    const NAME: &'static str = "update_contact";
    const EFFECT: Effect = Effect::Update;
    type Pack = Twenty;
    type Output = Written<Contact>;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Written<Contact>, ToolError> {
        let writer = twenty.writer(&cx, Self::NAME, &self.planning).await?;
        let made = writer.write(cx, |draft| {
            let person = draft.object("person")?;
            let values = self.details.values(person, self.first_name.clone(), self.last_name.clone())?;
            draft.update(person, "id", &self.id, &values)
        });
        written(made.await?)
    }

    fn text(contact: &Written<Contact>) -> Option<String> {
        Some(contact.told("Updated"))
    }
}
