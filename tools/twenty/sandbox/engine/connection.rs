//! A page of records, with what can be said about all of them.

use std::sync::Arc;

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
    pub order: Order,
    /// All records, not only those of the page; their order means nothing.
    pub all: Vec<Slot>,
    /// The records of the page.
    pub page: Vec<Arc<Row>>,
    /// Whether there are records before the page.
    pub before: bool,
    /// Whether there are records after the page.
    pub after: bool,
}
