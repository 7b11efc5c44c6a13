//! One company: made, read, changed.

use super::company::{Company, company};
use crate::{
    seam::{Call, Effect, Given, Tool, ToolError},
    tools::twenty::{
        changes::{plan::Planning, writer::Made, written::Written},
        money::note,
        pack::Twenty,
        records::{
            input::data::Purpose,
            part::{Role, part},
        },
        values::{Arguments, Values},
        workspace::schema::Object,
    },
};
use serde::Deserialize;
use serde_json::Number;

/// What is kept of a company beside the name.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Details {
    #[serde(default)]
    domain_name: Given<String>,
    #[serde(default)]
    address: Given<String>,
    #[serde(default)]
    employees: Given<Number>,
    #[serde(default)]
    #[schemars(url)]
    linkedin_url: Given<String>,
    #[serde(default)]
    #[schemars(url)]
    x_url: Given<String>,
    #[serde(default)]
    annual_recurring_revenue: Given<Number>,
    #[serde(default)]
    ideal_customer_profile: Given<bool>,
}

impl Details {
    fn values(
        &self,
        company: &Object,
        name: impl Into<Given<String>>,
        purpose: Purpose,
    ) -> Result<Arguments, ToolError> {
        let (revenue, earned) = (part(company, Role::AnnualRevenue), self.annual_recurring_revenue.clone());
        Values::of(company)
            .set("name", name)
            .part(Role::Domain, "domainName", self.domain_name.clone())
            .part(Role::Address, "address", self.address.clone())
            .part(Role::Employees, "employees", self.employees.clone())
            .part(Role::Linkedin, "linkedinUrl", self.linkedin_url.clone())
            .part(Role::X, "xUrl", self.x_url.clone())
            .money("annualRecurringRevenue", revenue.map(|part| part.field), earned, None, purpose)
            .part(Role::IdealCustomerProfile, "idealCustomerProfile", self.ideal_customer_profile)
            .done()
    }

    /// The company that was written, and in which currency.
    fn written(&self, written: Written<Made<'_>>) -> Result<Written<Company>, ToolError> {
        written.map(|made| {
            let mut made = made.one(|records, raw| company(records, records.object("company")?, raw))?;
            let earned = matches!(self.annual_recurring_revenue, Given::Value(_));
            made.note =
                note("annualRecurringRevenue", made.annual_recurring_revenue.as_ref()).filter(|_| earned);
            Ok(made)
        })
    }
}

/// Create a company.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateCompany {
    name: String,
    #[serde(flatten)]
    details: Details,
    #[serde(flatten)]
    planning: Planning,
}
crate::register!(CreateCompany);

impl Tool for CreateCompany {
    const NAME: &'static str = "create_company";
    const EFFECT: Effect = Effect::Create;
    type Pack = Twenty;
    type Output = Written<Company>;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Written<Company>, ToolError> {
        let writer = twenty.writer(&cx, Self::NAME, &self.planning).await?;
        let made = writer.write(cx, |draft| {
            let company = draft.object("company")?;
            let values = self.details.values(company, Some(self.name.clone()), Purpose::Create)?;
            draft.create(company, &values).map(drop)
        });
        self.details.written(made.await?)
    }

    fn text(company: &Written<Company>) -> Option<String> {
        Some(company.told("Created"))
    }
}

/// Get a company by id, name or domain.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetCompany {
    id: String,
}
crate::register!(GetCompany);

impl Tool for GetCompany {
    const NAME: &'static str = "get_company";
    type Pack = Twenty;
    type Output = Company;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Company, ToolError> {
        let records = twenty.records(&cx).await?;
        let object = records.object("company")?;
        let found = records.one(&cx, object, "id", &self.id, "").await?;
        company(&records, object, &found)
    }

    fn text(company: &Company) -> Option<String> {
        Some(company.to_string())
    }
}

/// Change fields of a company; null clears.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdateCompany {
    id: String,
    #[serde(default)]
    name: Given<String>,
    #[serde(flatten)]
    details: Details,
    #[serde(flatten)]
    planning: Planning,
}
crate::register!(UpdateCompany);

impl Tool for UpdateCompany {
    const NAME: &'static str = "update_company";
    const EFFECT: Effect = Effect::Update;
    type Pack = Twenty;
    type Output = Written<Company>;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Written<Company>, ToolError> {
        let writer = twenty.writer(&cx, Self::NAME, &self.planning).await?;
        let made = writer.write(cx, |draft| {
            let company = draft.object("company")?;
            let values = self.details.values(company, self.name.clone(), Purpose::Update)?;
            draft.update(company, "id", &self.id, &values)
        });
        self.details.written(made.await?)
    }

    fn text(company: &Written<Company>) -> Option<String> {
        Some(company.told("Updated"))
    }
}
