//! The opportunities of a person, and linking one to a company or a person.

use super::contacts::MOST;
use crate::{
    seam::{Call, Effect, Tool, ToolError},
    tools::twenty::{
        changes::{plan::Planning, written::Written},
        listing::Page,
        opportunities::opportunity::{Opportunities, Opportunity, opportunity},
        pack::Twenty,
        records::{linked::Linked, related::Pointing, selection::chosen},
        values::Values,
    },
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// List all opportunities whose point of contact is a person, newest first.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetPersonOpportunities {
    /// Id, email or name.
    person_id: String,
    #[serde(default)]
    #[schemars(range(max = 1_000_000))]
    offset: usize,
}
crate::register!(GetPersonOpportunities);

/// A person's opportunities.
#[derive(Serialize, schemars::JsonSchema)]
pub struct PersonOpportunities {
    person: Linked,
    #[serde(flatten)]
    opportunities: Opportunities,
}

impl Tool for GetPersonOpportunities {
    const NAME: &'static str = "get_person_opportunities";
    type Pack = Twenty;
    type Output = PersonOpportunities;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<PersonOpportunities, ToolError> {
        let records = twenty.records(&cx).await?;
        let (person, deal) = (records.object("person")?, records.object("opportunity")?);
        let shown = ["name", "amount", "stage", "closeDate", "company", "pointOfContact", "createdAt"];
        let pointing = Pointing {
            owner: person,
            argument: "personId",
            given: &self.person_id,
            object: deal,
            through: "pointOfContact",
            selection: &chosen(records.workspace(), deal, &shown),
            limit: MOST,
            offset: self.offset,
        };
        let related = records.related(&cx, &pointing).await?;
        let deals = related.found.records.iter().map(|raw| opportunity(&records, deal, raw));
        let opportunities = deals.collect::<Result<Vec<_>, _>>()?;
        Ok(PersonOpportunities {
            person: Linked::to(person, &related.owner)?,
            opportunities: Opportunities {
                page: Page::of(related.found.total, self.offset, opportunities.len()),
                opportunities,
            },
        })
    }

    fn text(found: &PersonOpportunities) -> Option<String> {
        Some(found.to_string())
    }
}

impl fmt::Display for PersonOpportunities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Opportunities of {}", self.person)?;
        if self.opportunities.page.total == 0 {
            return f.write_str("This person is the point of contact of no opportunity.");
        }
        self.opportunities.fmt(f)
    }
}

/// Link an opportunity to a company, a point of contact, or both.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LinkOpportunityToCompany {
    opportunity_id: String,
    company_id: Option<String>,
    point_of_contact_id: Option<String>,
    #[serde(flatten)]
    planning: Planning,
}
crate::register!(LinkOpportunityToCompany);

impl Tool for LinkOpportunityToCompany {
    const NAME: &'static str = "link_opportunity_to_company";
    const EFFECT: Effect = Effect::Update;
    type Pack = Twenty;
    type Output = Written<Opportunity>;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Written<Opportunity>, ToolError> {
        if self.company_id.is_none() && self.point_of_contact_id.is_none() {
            return Err(ToolError::input(
                "at least one of `companyId` and `pointOfContactId` must be given",
            )
            .hint("give the id or the name of the company or person; update_opportunity clears a link with null"));
        }
        let writer = twenty.writer(&cx, Self::NAME, &self.planning).await?;
        let made = writer.write(cx, |draft| {
            let deal = draft.object("opportunity")?;
            let values = Values::of(deal)
                .set("companyId", self.company_id.clone())
                .set("pointOfContactId", self.point_of_contact_id.clone());
            draft.update(deal, "opportunityId", &self.opportunity_id, &values.done()?)
        });
        let made = made.await?;
        made.map(|made| made.one(|records, raw| opportunity(records, records.object("opportunity")?, raw)))
    }

    fn text(linked: &Written<Opportunity>) -> Option<String> {
        Some(linked.told("Linked"))
    }
}
