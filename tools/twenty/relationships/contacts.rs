//! The contacts of a company, and moving one to another company.

use crate::{
    seam::{Call, Effect, Tool, ToolError},
    tools::twenty::{
        changes::{plan::Planning, written::Written},
        contacts::contact::{Contact, Contacts, contact},
        pack::Twenty,
        records::{linked::Linked, related::Pointing, selection::chosen},
        values::Values,
    },
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How many records one answer holds.
pub const MOST: usize = 500;

/// List all contacts of a company, newest first.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetCompanyContacts {
    /// Id, domain or name.
    company_id: String,
    #[serde(default)]
    #[schemars(range(max = 1_000_000))]
    offset: usize,
}
crate::register!(GetCompanyContacts);

/// A company's contacts.
#[derive(Serialize, schemars::JsonSchema)]
pub struct CompanyContacts {
    company: Linked,
    #[serde(flatten)]
    contacts: Contacts,
}

impl Tool for GetCompanyContacts {
    const NAME: &'static str = "get_company_contacts";
    type Pack = Twenty;
    type Output = CompanyContacts;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<CompanyContacts, ToolError> {
        let records = twenty.records(&cx).await?;
        let (company, person) = (records.object("company")?, records.object("person")?);
        let shown = ["name", "emails", "phones", "jobTitle", "createdAt"];
        let pointing = Pointing {
            owner: company,
            argument: "companyId",
            given: &self.company_id,
            object: person,
            through: "company",
            selection: &chosen(records.workspace(), person, &shown),
            limit: MOST,
            offset: self.offset,
        };
        let related = records.related(&cx, &pointing).await?;
        let contacts = related.found.records.iter().map(|raw| contact(&records, person, raw));
        let contacts = contacts.collect::<Result<Vec<_>, _>>()?;
        Ok(CompanyContacts {
            company: Linked::to(company, &related.owner)?,
            contacts: Contacts::page(related.found.total, self.offset, contacts),
        })
    }

    fn text(found: &CompanyContacts) -> Option<String> {
        Some(found.to_string())
    }
}

impl fmt::Display for CompanyContacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Contacts of {}", self.company)?;
        if self.contacts.page.total == 0 {
            return f.write_str("This company has no contacts.");
        }
        self.contacts.fmt(f)
    }
}

/// Move a contact to another company.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TransferContactToCompany {
    contact_id: String,
    to_company_id: String,
    /// Refused unless the contact is there now.
    from_company_id: Option<String>,
    #[serde(flatten)]
    planning: Planning,
}
crate::register!(TransferContactToCompany);

impl Tool for TransferContactToCompany {
    const NAME: &'static str = "transfer_contact_to_company";
    const EFFECT: Effect = Effect::Update;
    type Pack = Twenty;
    type Output = Written<Contact>;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Written<Contact>, ToolError> {
        let writer = twenty.writer(&cx, Self::NAME, &self.planning).await?;
        let made = writer.write(cx, |draft| {
            let person = draft.object("person")?;
            // Said here first, so that faults are told under this argument's name.
            let company = draft.object("company")?;
            draft.names().id("toCompanyId", company, &self.to_company_id)?;
            let values = Values::of(person).set("companyId", Some(self.to_company_id.clone())).done()?;
            draft.update(person, "contactId", &self.contact_id, &values)?;
            self.from_company_id
                .iter()
                .try_for_each(|from| draft.expect(person, "company", "fromCompanyId", from))
        });
        let made = made.await?;
        made.map(|made| made.one(|records, raw| contact(records, records.object("person")?, raw)))
    }

    fn text(moved: &Written<Contact>) -> Option<String> {
        Some(moved.told("Transferred"))
    }
}
