//! Opportunities by what is said of them.

use super::{
    conditions::{Conditions, Said},
    opportunity::{Opportunities, Opportunity, opportunity},
};
use crate::{
    seam::{Call, Common, Tool, ToolError},
    tools::twenty::{
        listing::{Page, Paging},
        pack::Twenty,
        records::{
            document::Document,
            engine::Records,
            find::{count, nodes},
            id::RecordId,
            names::Wanted,
            reference::Reference,
            selection::selection,
        },
        workspace::schema::Object,
    },
};
use serde::Deserialize;
use serde_json::{Number, Value};
use std::cmp::Reverse;

/// Find opportunities by all of what is given. Newest first.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SearchOpportunities {
    /// Words of the name.
    query: Option<String>,
    stage: Option<String>,
    min_amount: Option<Number>,
    max_amount: Option<Number>,
    /// First close date.
    start_date: Option<String>,
    /// Last close date.
    end_date: Option<String>,
    company_id: Option<String>,
    #[serde(flatten)]
    paging: Paging,
}
crate::register!(SearchOpportunities);

impl Tool for SearchOpportunities {
    const NAME: &'static str = "search_opportunities";
    type Pack = Twenty;
    type Output = Opportunities;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Opportunities, ToolError> {
        let records = twenty.records(&cx).await?;
        let deal = records.object("opportunity")?;
        let conditions = Conditions::read(
            deal,
            &Said {
                query: self.query.as_deref(),
                stage: self.stage.as_deref(),
                min_amount: self.min_amount.as_ref(),
                max_amount: self.max_amount.as_ref(),
                start_date: self.start_date.as_deref(),
                end_date: self.end_date.as_deref(),
            },
        )?;
        let (page, opportunities) = match &self.company_id {
            Some(company) => self.of_company(&records, &cx, deal, &conditions, company).await?,
            None => records.piece(&cx, deal, conditions.filter(None), self.paging, opportunity).await?,
        };
        Ok(Opportunities { page, opportunities })
    }

    fn text(deals: &Opportunities) -> Option<String> {
        Some(deals.to_string())
    }
}

impl SearchOpportunities {
    /// Those of one company, in one request: by its id; or with it, where its deals fit into the answer.
    async fn of_company(
        &self,
        records: &Records<'_>,
        cx: &Common,
        deal: &Object,
        conditions: &Conditions,
        given: &str,
    ) -> Result<(Page, Vec<Opportunity>), ToolError> {
        if deal.joined_by("companyId").is_none() {
            return Err(deal.no_field("companyId"));
        }
        let company = records.object("company")?;
        let wanted = [Wanted::of("companyId", company, given)?];
        if let [Wanted { reference: Reference::Id(id), .. }] = &wanted {
            let mut beside = Document::default();
            let lookups = records.look(&mut beside, &wanted, &[])?;
            let filter = conditions.filter(Some(&id.to_string()));
            let (page, rows, data) =
                records.piece_beside(cx, deal, filter, self.paging, beside, opportunity).await?;
            records.looked(&wanted, &lookups, &data)?;
            return Ok((page, rows));
        }
        let held = company.lists(deal, "company").map(|field| field.name.as_str());
        let extra = held.map(|name| {
            let selected = selection(records.workspace(), deal);
            format!("{name} {{ totalCount edges {{ node {{ {selected} }} }} }}")
        });
        let found = records.look_up(cx, &wanted, &[extra.as_deref().unwrap_or_default()]).await?;
        let found = found.first().unwrap_or(&Value::Null);
        let deals = held.and_then(|name| found.get(name));
        let mut rows = nodes(deals.and_then(|deals| deals.get("edges")));
        if deals.and_then(|deals| count(deals, "totalCount")) != Some(rows.len()) {
            let id = RecordId::of(found)?.to_string();
            return records.piece(cx, deal, conditions.filter(Some(&id)), self.paging, opportunity).await;
        }
        rows.retain(|row| conditions.pass(row));
        let text = |row: &Value, name: &str| row.get(name).and_then(Value::as_str).map(str::to_owned);
        rows.sort_by_cached_key(|row| (Reverse(text(row, "createdAt")), text(row, "id")));
        let (page, rows) = self.paging.cut(rows);
        let rows = rows.iter().map(|raw| opportunity(records, deal, raw)).collect::<Result<_, _>>()?;
        Ok((page, rows))
    }
}
