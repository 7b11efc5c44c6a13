//! A contact: between the tools' arguments and the workspace's own person.

use super::{
    phone,
    records::{engine::Records, id::RecordId, plain::plain},
    workspace::schema::{Field, Object},
};
use crate::seam::ToolError;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::fmt;

/// A person of the workspace.
#[derive(Debug, Default, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Contact {
    /// The record's id.
    pub id: String,
    /// First and last name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    job_title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    company: Option<Company>,
    #[serde(skip_serializing_if = "Option::is_none")]
    linkedin_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<String>,
    /// The record's page in Twenty.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<String>,
    /// Whatever else the workspace keeps of people.
    #[serde(skip_serializing_if = "Map::is_empty")]
    other: Map<String, Value>,
}

/// The company that a contact works for.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Company {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

/// Several contacts, and how many there are in all.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Contacts {
    /// How many match in all.
    pub total: usize,
    /// How many of them were passed over.
    pub offset: usize,
    /// The offset that shows the next ones, where there are more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_offset: Option<usize>,
    /// These.
    pub contacts: Vec<Contact>,
}

/// What was given of a contact; `Some(None)` clears.
#[derive(Debug, Default)]
#[allow(clippy::option_option)]
pub struct Given {
    pub(super) first_name: Option<Option<String>>,
    pub(super) last_name: Option<Option<String>>,
    pub(super) email: Option<Option<String>>,
    pub(super) phone: Option<Option<String>>,
    pub(super) company_id: Option<Option<String>>,
    pub(super) job_title: Option<Option<String>>,
    pub(super) linkedin_url: Option<Option<String>>,
    pub(super) city: Option<Option<String>>,
}

/// What was given, as this workspace's person takes it.
///
/// # Errors
/// The workspace has no field for something that was given: says which there are.
pub fn data(person: &Object, given: Given) -> Result<Map<String, Value>, ToolError> {
    let mut data = Map::new();
    let mut put = |field: &str, value: Value| match (person.field(field), data.get_mut(field), value) {
        (None, ..) => Err(person.no_field(field)),
        (Some(_), Some(Value::Object(there)), Value::Object(more)) => {
            there.extend(more);
            Ok(())
        }
        (Some(_), _, value) => {
            data.insert(field.to_owned(), value);
            Ok(())
        }
    };
    for (part, text) in [("firstName", given.first_name), ("lastName", given.last_name)] {
        if let Some(text) = text {
            put("name", json!({ part: text.unwrap_or_default() }))?;
        }
    }
    if let Some(email) = given.email {
        put("emails", json!({ "primaryEmail": email }))?;
    }
    if let Some(phone) = given.phone {
        put("phones", phone.map_or_else(phone::cleared, |phone| phone::parts(&phone)))?;
    }
    if let Some(title) = given.job_title {
        put("jobTitle", json!(title))?;
    }
    if let Some(url) = given.linkedin_url {
        put("linkedinLink", json!({ "primaryLinkUrl": url }))?;
    }
    if let Some(city) = given.city {
        let field = city_field(person).ok_or_else(|| person.no_field("city"))?;
        put(&field.name, if field.kind == "ADDRESS" { json!({ "addressCity": city }) } else { json!(city) })?;
    }
    if let Some(company) = given.company_id {
        let column = person.joined_by("companyId").map(|_| "companyId");
        let column = column.ok_or_else(|| person.no_field("companyId"))?;
        let id = company.map(|id| RecordId::parse("companyId", &id)).transpose()?;
        data.insert(column.to_owned(), json!(id.map(|id| id.to_string())));
    }
    Ok(data)
}

/// The field that plays the part of a city: `city` itself, a text labelled so, or an address.
fn city_field(person: &Object) -> Option<&Field> {
    let text = |field: &&Field| field.active && field.kind == "TEXT";
    let labelled =
        || person.fields.iter().filter(text).find(|field| field.label.eq_ignore_ascii_case("city"));
    let address = || person.fields.iter().find(|field| field.active && field.kind == "ADDRESS");
    person.field("city").filter(text).or_else(labelled).or_else(address)
}

/// The contact that a person's record is.
#[must_use]
pub fn contact(records: &Records<'_>, person: &Object, record: &Value) -> Contact {
    let city = city_field(person).and_then(|field| {
        let value = record.get(&field.name)?;
        let value = if field.kind == "ADDRESS" { value.get("addressCity")? } else { value };
        value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
    });
    let part = |path: &str| {
        record.pointer(path).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let mut rest = plain(person, record);
    let mut take = |name: &str| rest.remove(name);
    let text = |value: Option<Value>| match value {
        Some(Value::String(text)) => Some(text),
        Some(Value::Array(items)) => items.first().and_then(Value::as_str).map(str::to_owned),
        _ => None,
    };
    let id = text(take("id")).unwrap_or_default();
    let company = take("company").and_then(|company| {
        let id = company.get("id")?.as_str()?.to_owned();
        Some(Company { id, name: company.get("name").and_then(Value::as_str).map(str::to_owned) })
    });
    let contact = Contact {
        name: text(take("name")),
        first_name: part("/name/firstName"),
        last_name: part("/name/lastName"),
        email: text(take("emails")),
        phone: text(take("phones")),
        job_title: text(take("jobTitle")),
        company,
        linkedin_url: text(take("linkedinLink")),
        url: records.link(person, &id),
        created_at: text(take("createdAt")),
        updated_at: text(take("updatedAt")),
        city,
        id,
        other: Map::new(),
    };
    for system in ["createdBy", "updatedBy", "avatarUrl", "city"] {
        rest.remove(system);
    }
    Contact { other: rest, ..contact }
}

impl fmt::Display for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} (id {})", self.name.as_deref().unwrap_or("Nameless contact"), self.id)?;
        let company = self.company.as_ref().map(|company| match &company.name {
            Some(name) => format!("{name} (id {})", company.id),
            None => company.id.clone(),
        });
        let lines = [
            ("email", &self.email),
            ("phone", &self.phone),
            ("job title", &self.job_title),
            ("company", &company),
            ("LinkedIn", &self.linkedin_url),
            ("city", &self.city),
            ("created", &self.created_at),
            ("page", &self.url),
        ];
        for (name, value) in lines {
            if let Some(value) = value {
                writeln!(f, "{name}: {}", line(value))?;
            }
        }
        for (name, value) in &self.other {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            writeln!(f, "{name}: {}", line(&value))?;
        }
        Ok(())
    }
}

impl fmt::Display for Contacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.contacts.is_empty() {
            return write!(f, "No contact found ({} in all, {} passed over).", self.total, self.offset);
        }
        writeln!(f, "{} of {} contacts, newest first.", self.contacts.len(), self.total)?;
        writeln!(f, "| name | email | job title | company | id |\n| --- | --- | --- | --- | --- |")?;
        for contact in &self.contacts {
            let cell = |text: Option<&String>| {
                line(text.map(String::as_str).unwrap_or_default()).replace('|', "\\|")
            };
            let company = contact.company.as_ref().and_then(|company| company.name.as_ref());
            writeln!(
                f,
                "| {} | {} | {} | {} | {} |",
                cell(contact.name.as_ref()),
                cell(contact.email.as_ref()),
                cell(contact.job_title.as_ref()),
                cell(company),
                contact.id
            )?;
        }
        self.next_offset.map_or(Ok(()), |next| write!(f, "More: call again with offset {next}."))
    }
}

/// A text on one line: what people wrote cannot look like a line of ours.
fn line(text: &str) -> String {
    text.split(['\n', '\r']).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}
