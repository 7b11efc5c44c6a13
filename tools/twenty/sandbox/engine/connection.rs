//! A page of records, with what can be said about all of them.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::tools::twenty::sandbox::{
    model::table::ObjectId,
    store::{row::Row, rows::Slot},
};

use super::order::Order;

/// A page of records.
#[derive(Debug)]
pub struct Connection {
    /// Their object.
    pub object: ObjectId,
    /// The order that their cursors belong to.
    pub order: Arc<Order>,
    /// What the records of a group have in common; nothing for a list.
    pub values: Vec<Json>,
    /// All records, not only those of the page; their order means nothing.
    pub all: Vec<Slot>,
    /// The records of the page.
    pub page: Vec<Arc<Row>>,
    /// Whether there are records before the page.
    pub before: bool,
    /// Whether there are records after the page.
    pub after: bool,
}
