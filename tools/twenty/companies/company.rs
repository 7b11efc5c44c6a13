//! A company of the workspace, under the names of the company tools.

use crate::{
    seam::ToolError,
    tools::twenty::{
        listing::Page,
        money::Money,
        records::{
            engine::Records,
            part::Role,
            record::{Shape, written},
            text::{ROWS, line, table},
        },
        workspace::schema::Object,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};
use std::fmt;

/// A company of the workspace.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Company {
    /// The record's id.
    pub id: String,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its web site.
    #[serde(skip_serializing_if = "Option::is_none")]
    domain_name: Option<String>,
    /// The postal address, in parts.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    employees: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    linkedin_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    x_url: Option<String>,
    /// What it earns in a year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annual_recurring_revenue: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ideal_customer_profile: Option<bool>,
    /// The record's page in Twenty.
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<String>,
    /// What to know of how it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Whatever else the workspace keeps of companies.
    #[serde(skip_serializing_if = "Map::is_empty")]
    other: Map<String, Value>,
}

/// Several companies, and how many there are in all.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Companies {
    /// Which piece of the list it is.
    #[serde(flatten)]
    pub page: Page,
    /// These.
    pub companies: Vec<Company>,
}

const SHAPE: Shape = Shape {
    names: &[],
    parts: &[
        (Role::Domain, "domainName"),
        (Role::Address, "address"),
        (Role::Employees, "employees"),
        (Role::Linkedin, "linkedinUrl"),
        (Role::X, "xUrl"),
        (Role::AnnualRevenue, "annualRecurringRevenue"),
        (Role::IdealCustomerProfile, "idealCustomerProfile"),
    ],
};

/// The company that a record is.
///
/// # Errors
/// The workspace answered with something else.
pub fn company(records: &Records<'_>, object: &Object, raw: &Value) -> Result<Company, ToolError> {
    records.shaped(object, raw, &SHAPE)
}

impl fmt::Display for Company {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_deref().unwrap_or("Nameless company");
        written(f, name, &self.id, self, &self.other)
    }
}

impl fmt::Display for Companies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cell = |text: &Option<String>| text.clone().unwrap_or_default();
        let rows = self.companies.iter().take(ROWS).map(|company| {
            let city = company.address.as_ref().and_then(|address| address.get("addressCity"));
            vec![
                cell(&company.name),
                cell(&company.domain_name),
                city.map(line).unwrap_or_default(),
                company.employees.as_ref().map(ToString::to_string).unwrap_or_default(),
                company.annual_recurring_revenue.as_ref().map(ToString::to_string).unwrap_or_default(),
                company.id.clone(),
                company.url.clone(),
            ]
        });
        let rows: Vec<Vec<String>> = rows.collect();
        let columns = ["name", "domain", "city", "employees", "revenue", "id", "page"];
        self.page.around(f, self.companies.len(), ("company", "companies"), || table(&columns, &rows))
    }
}
