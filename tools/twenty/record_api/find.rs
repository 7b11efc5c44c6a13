//! Records of any object by filter, and how many there are.

use super::{
    ask::{Filter, filtered},
    fields::Fields,
    listing::Listing,
};
use crate::{
    seam::{Call, Tool, ToolError},
    tools::twenty::{
        pack::Twenty,
        records::{
            document::Document,
            find::{Find, count},
            input::order::order,
            search::newest_first,
        },
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Find records of any object, newest first. Filter: {"stage":"NEW","amount":{"gte":1500},"company":"acme.com","or":[…]};
/// operators eq, neq, in, gt, gte, lt, lte, contains, startsWith, is.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FindRecords {
    object: String,
    filter: Filter,
    /// As in "-createdAt".
    #[serde(default)]
    order_by: Value,
    /// As in company.name.
    fields: Option<Vec<String>>,
    #[serde(default = "twenty")]
    #[schemars(range(min = 1, max = 5000))]
    limit: usize,
    cursor: Option<String>,
}
crate::register!(FindRecords);

const fn twenty() -> usize {
    20
}

impl Tool for FindRecords {
    const NAME: &'static str = "find_records";
    type Pack = Twenty;
    type Output = Listing;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Listing, ToolError> {
        let records = twenty.records(&cx).await?;
        let object = records.object(&self.object)?;
        let fields = self.fields.as_deref().map(|names| Fields::read(records.workspace(), object, names));
        let fields = fields.transpose()?;
        let order = order(records.workspace(), object, &self.order_by)?;
        let find = Find {
            filter: filtered(&records, &cx, object, &self.filter).await?,
            order: if order.as_array().is_none_or(Vec::is_empty) { newest_first() } else { order },
            limit: self.limit,
            after: self.cursor,
            selection: fields.as_ref().map(|fields| fields.selection().to_owned()),
            ..Find::default()
        };
        let found = records.find(&cx, object, &find).await?;
        let told = found.records.into_iter().map(|raw| match &fields {
            Some(fields) => fields.record(&records, object, &raw),
            None => records.record(object, &raw),
        });
        let told = told.collect::<Result<Vec<_>, _>>()?;
        let mut listing = Listing::of(object, told, fields.map(|fields| fields.names()));
        (listing.total, listing.next_cursor) = (found.total, found.next);
        Ok(listing)
    }

    fn text(listing: &Listing) -> Option<String> {
        Some(listing.to_string())
    }
}

/// Count records of any object.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CountRecords {
    object: String,
    filter: Filter,
}
crate::register!(CountRecords);

/// How many records there are.
#[derive(Serialize, schemars::JsonSchema)]
pub struct Counted {
    /// The object, in singular.
    object: String,
    /// How many.
    total: usize,
}

impl Tool for CountRecords {
    const NAME: &'static str = "count_records";
    type Pack = Twenty;
    type Output = Counted;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Counted, ToolError> {
        let records = twenty.records(&cx).await?;
        let object = records.object(&self.object)?;
        let filter = filtered(&records, &cx, object, &self.filter).await?;
        let mut document = Document::default();
        let filter = match filter.as_object().is_none_or(Map::is_empty) {
            true => String::new(),
            false => {
                let filter = document.variable(&format!("{}FilterInput", object.kind()), filter);
                format!("(filter: {filter})")
            }
        };
        let alias = document.root(&format!("{}{filter} {{ totalCount }}", object.plural));
        let data = records.read(&cx, document).await?;
        let total = data.get(&alias).and_then(|answer| count(answer, "totalCount"));
        let total = total.ok_or_else(|| ToolError::upstream("Twenty answered without a count"))?;
        Ok(Counted { object: object.singular.clone(), total })
    }
}
