//! The records that point at one record, with that one: the contacts of a company, the deals of a person.

use super::{
    document::Document,
    engine::Records,
    find::{Find, Found, count, nodes},
    id::RecordId,
    names::Wanted,
    reference::Reference,
    search::newest_first,
};
use crate::{
    seam::{Common, ToolError},
    tools::twenty::workspace::schema::Object,
};
use serde_json::{Value, json};
use std::cmp::Reverse;

/// Which records, and what they point at.
pub struct Pointing<'a> {
    /// The object of the one that they point at.
    pub owner: &'a Object,
    /// The argument that stands for it.
    pub argument: &'a str,
    /// As the caller said it: id, link, unique value or name.
    pub given: &'a str,
    /// Their own object.
    pub object: &'a Object,
    /// Their field that points, as in `company`.
    pub through: &'a str,
    /// What is selected of each; must hold `createdAt`.
    pub selection: &'a str,
    /// How many at the most.
    pub limit: usize,
    /// How many to pass over.
    pub offset: usize,
}

/// A record, and those that point at it, newest first.
pub struct Related {
    /// The record that they point at: all that people see of it, or its id and name.
    pub owner: Value,
    /// They.
    pub found: Found,
}

impl Records<'_> {
    /// The records that point at one record, newest first. One request for the first 200 by id; by anything else one
    /// for up to 60, and one for each 200 where there are more.
    ///
    /// # Errors
    /// The one is not there or could be several, the workspace has no such relation, or it does not answer.
    pub async fn related(&self, cx: &Common, asked: &Pointing<'_>) -> Result<Related, ToolError> {
        let Pointing { owner, object, through, selection, .. } = *asked;
        let joins = object.field(through).and_then(|field| field.relation.as_ref()?.join_column.as_deref());
        let column = joins.ok_or_else(|| object.no_field(through))?;
        let find = |id: RecordId| Find {
            filter: json!({ column: { "eq": id.to_string() } }),
            order: newest_first(),
            limit: asked.limit,
            offset: asked.offset,
            selection: Some(selection.to_owned()),
            ..Find::default()
        };
        let wanted = [Wanted::of(asked.argument, owner, asked.given)?];
        let mut document = Document::default();
        if let [Wanted { reference: Reference::Id(id), .. }] = &wanted {
            let lookups = self.look(&mut document, &wanted, &[])?;
            let (found, data) = self.find_beside(cx, object, &find(*id), document).await?;
            return Ok(Related { owner: first(self.looked(&wanted, &lookups, &data)?)?, found });
        }
        let list = owner.lists(object, through).map(|field| field.name.as_str());
        let nested = list.map(|list| format!("{list} {{ totalCount edges {{ node {{ {selection} }} }} }}"));
        let lookups = self.look(&mut document, &wanted, &[nested.as_deref().unwrap_or_default()])?;
        let data = self.read(cx, document).await?;
        let owner = first(self.looked(&wanted, &lookups, &data)?)?;
        if let Some(mut found) = list.and_then(|list| complete(owner.get(list)?)) {
            found.records = found.records.into_iter().skip(asked.offset).take(asked.limit).collect();
            return Ok(Related { owner, found });
        }
        let found = self.find(cx, object, &find(RecordId::of(&owner)?)).await?;
        Ok(Related { owner, found })
    }
}

/// The records that came with their owner, newest first, where those are all that there are.
fn complete(connection: &Value) -> Option<Found> {
    let mut records = nodes(connection.get("edges"));
    let total = count(connection, "totalCount").filter(|total| *total <= records.len())?;
    let created =
        |record: &Value| record.get("createdAt").and_then(Value::as_str).unwrap_or_default().to_owned();
    records.sort_by_cached_key(|record| Reverse(created(record)));
    Some(Found { records, total, next: None })
}

/// The only record that was looked up.
pub fn first(found: Vec<Value>) -> Result<Value, ToolError> {
    found.into_iter().next().ok_or_else(|| ToolError::internal("nothing was looked up"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_beside_their_owner_are_used_where_none_is_missing() {
        let node = |at: &str| json!({ "node": { "id": at, "createdAt": at } });
        let all = json!({ "totalCount": 2, "edges": [node("2025-01-01"), node("2025-02-01")] });
        let found = complete(&all).unwrap();
        assert_eq!((found.total, found.records[0]["id"].as_str()), (2, Some("2025-02-01")));
        assert!(complete(&json!({ "totalCount": 3, "edges": [node("2025-01-01")] })).is_none());
        assert!(complete(&json!({ "edges": [] })).is_none(), "a server that does not count");
    }
}
