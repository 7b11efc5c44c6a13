//! One opportunity: made, read, changed.

use super::opportunity::{Opportunity, opportunity};
use crate::{
    seam::{Call, Effect, Given, Tool, ToolError},
    tools::twenty::{
        changes::{plan::Planning, writer::Made, written::Written},
        money::note,
        pack::Twenty,
        records::input::data::Purpose,
        values::{Arguments, Values},
        workspace::schema::Object,
    },
};
use serde::Deserialize;
use serde_json::Number;

/// What a deal is worth.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Amount {
    value: Number,
    currency: Option<String>,
}

/// What is kept of an opportunity beside the name.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Details {
    #[serde(default)]
    amount: Given<Amount>,
    #[serde(default)]
    stage: Given<String>,
    #[serde(default)]
    close_date: Given<String>,
    #[serde(default)]
    company_id: Given<String>,
    #[serde(default)]
    point_of_contact_id: Given<String>,
}

impl Details {
    fn currency(&self) -> Option<&str> {
        match &self.amount {
            Given::Value(amount) => amount.currency.as_deref(),
            Given::Absent | Given::Null => None,
        }
    }

    fn values(
        &self,
        deal: &Object,
        name: impl Into<Given<String>>,
        purpose: Purpose,
    ) -> Result<Arguments, ToolError> {
        let value = self.amount.clone().map(|amount| amount.value);
        Values::of(deal)
            .set("name", name)
            .money("amount", deal.field("amount"), value, self.currency(), purpose)
            .set("stage", self.stage.clone())
            .set("closeDate", self.close_date.clone())
            .set("companyId", self.company_id.clone())
            .set("pointOfContactId", self.point_of_contact_id.clone())
            .done()
    }

    /// The opportunity that was written, and in which currency.
    fn written(&self, written: Written<Made<'_>>) -> Result<Written<Opportunity>, ToolError> {
        written.map(|made| {
            let mut made =
                made.one(|records, raw| opportunity(records, records.object("opportunity")?, raw))?;
            let unsaid = matches!(self.amount, Given::Value(_)) && self.currency().is_none();
            made.note = note("amount", made.amount.as_ref()).filter(|_| unsaid);
            Ok(made)
        })
    }
}

/// Create an opportunity (deal).
#[derive(Deserialize, schemars::JsonSchema)]
pub struct CreateOpportunity {
    name: String,
    #[serde(flatten)]
    details: Details,
    #[serde(flatten)]
    planning: Planning,
}
crate::register!(CreateOpportunity);

impl Tool for CreateOpportunity {
    const NAME: &'static str = "create_opportunity";
    const EFFECT: Effect = Effect::Create;
    type Pack = Twenty;
    type Output = Written<Opportunity>;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Written<Opportunity>, ToolError> {
        let writer = twenty.writer(&cx, Self::NAME, &self.planning).await?;
        let made = writer.write(cx, |draft| {
            let deal = draft.object("opportunity")?;
            let values = self.details.values(deal, Some(self.name.clone()), Purpose::Create)?;
            draft.create(deal, &values).map(drop)
        });
        self.details.written(made.await?)
    }

    fn text(deal: &Written<Opportunity>) -> Option<String> {
        Some(deal.told("Created"))
    }
}

/// Get an opportunity by id or name.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetOpportunity {
    id: String,
}
crate::register!(GetOpportunity);

impl Tool for GetOpportunity {
    const NAME: &'static str = "get_opportunity";
    type Pack = Twenty;
    type Output = Opportunity;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Opportunity, ToolError> {
        let records = twenty.records(&cx).await?;
        let deal = records.object("opportunity")?;
        let found = records.one(&cx, deal, "id", &self.id, "").await?;
        opportunity(&records, deal, &found)
    }

    fn text(deal: &Opportunity) -> Option<String> {
        Some(deal.to_string())
    }
}

/// Change fields of an opportunity; null clears.
#[derive(Deserialize, schemars::JsonSchema)]
pub struct UpdateOpportunity {
    id: String,
    #[serde(default)]
    name: Given<String>,
    #[serde(flatten)]
    details: Details,
    #[serde(flatten)]
    planning: Planning,
}
crate::register!(UpdateOpportunity);

impl Tool for UpdateOpportunity {
    const NAME: &'static str = "update_opportunity";
    const EFFECT: Effect = Effect::Update;
    type Pack = Twenty;
    type Output = Written<Opportunity>;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Written<Opportunity>, ToolError> {
        let writer = twenty.writer(&cx, Self::NAME, &self.planning).await?;
        let made = writer.write(cx, |draft| {
            let deal = draft.object("opportunity")?;
            let values = self.details.values(deal, self.name.clone(), Purpose::Update)?;
            draft.update(deal, "id", &self.id, &values)
        });
        self.details.written(made.await?)
    }

    fn text(deal: &Written<Opportunity>) -> Option<String> {
        Some(deal.told("Updated"))
    }
}
