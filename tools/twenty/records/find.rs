//! Records by filter, page after page.

use super::{document::Document, engine::Records, selection::selection};
use crate::{
    seam::{Common, ToolError},
    tools::twenty::workspace::schema::Object,
};
use serde_json::{Map, Value, json};

/// Twenty's largest page.
pub const PAGE: usize = 200;

/// Which records, in which order.
#[derive(Clone, Debug, Default)]
pub struct Find {
    /// Twenty's filter; empty for all.
    pub filter: Value,
    /// Twenty's order, first key first.
    pub order: Value,
    /// How many at the most.
    pub limit: usize,
    /// How many to pass over.
    pub offset: usize,
    /// The cursor to go on after, as an earlier answer gave it.
    pub after: Option<String>,
    /// What is selected of each record; the object's own selection unless given.
    pub selection: Option<String>,
    /// Only those that have nothing in this relation to many: no filter of the server finds them, so all are looked at.
    pub without: Option<String>,
}

/// Records as Twenty answers them, and how many there are in all.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The records.
    pub records: Vec<Value>,
    /// How many fit the filter.
    pub total: usize,
    /// The cursor to go on after, where there are more.
    pub next: Option<String>,
}

impl Records<'_> {
    /// Records by filter, page after page until `limit` are there.
    ///
    /// # Errors
    /// The workspace does not answer.
    pub async fn find(&self, cx: &Common, object: &Object, find: &Find) -> Result<Found, ToolError> {
        self.find_beside(cx, object, find, Document::default()).await.map(|(found, _)| found)
    }

    /// As `find`; the first request also carries the root fields that `beside` has, whose answers are given back.
    ///
    /// # Errors
    /// The workspace does not answer.
    pub async fn find_beside(
        &self,
        cx: &Common,
        object: &Object,
        find: &Find,
        beside: Document,
    ) -> Result<(Found, Map<String, Value>), ToolError> {
        let (mut found, others) = self.find_abreast(cx, &[(object, find)], beside).await?;
        Ok((found.pop().unwrap_or_default(), others))
    }

    pub(super) fn page(&self, document: &mut Document, object: &Object, find: &Find, page: &Page) -> String {
        let kind = object.kind();
        let mut arguments = vec![format!("first: {}", page.first)];
        if let Some(after) = &page.after {
            arguments.push(format!("after: {}", document.variable("String", json!(after))));
        }
        if page.skip > 0 {
            arguments.push(format!("offset: {}", page.skip));
        }
        if find.filter.as_object().is_some_and(|filter| !filter.is_empty()) {
            let filter = document.variable(&format!("{kind}FilterInput"), find.filter.clone());
            arguments.push(format!("filter: {filter}"));
        }
        if find.order.as_array().is_some_and(|order| !order.is_empty()) {
            let order = document.variable(&format!("[{kind}OrderByInput]"), find.order.clone());
            arguments.push(format!("orderBy: {order}"));
        }
        let selected = find.selection.clone().unwrap_or_else(|| selection(self.workspace(), object));
        let without = find.without.iter().map(|relation| format!(" {relation} {{ totalCount }}"));
        let selected = selected + &without.collect::<String>();
        document.root(&format!(
            "{}({}) {{ edges {{ node {{ {selected} }} }} pageInfo {{ hasNextPage endCursor }} totalCount }}",
            object.plural,
            arguments.join(", ")
        ))
    }
}

/// One page of a list.
pub(super) struct Page {
    pub(super) first: usize,
    pub(super) after: Option<String>,
    pub(super) skip: usize,
}

/// The records of a connection's edges.
#[must_use]
pub fn nodes(edges: Option<&Value>) -> Vec<Value> {
    let edges = edges.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    edges.iter().filter_map(|edge| edge.get("node").filter(|node| !node.is_null()).cloned()).collect()
}

/// A number that an answer counts.
#[must_use]
pub fn count(answer: &Value, name: &str) -> Option<usize> {
    answer.get(name).and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok())
}
