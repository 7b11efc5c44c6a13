//! All records of the workspace.

use crate::tools::twenty::sandbox::model::table::{ObjectId, Table};

use super::rows::Rows;

/// The records of every object.
#[derive(Debug)]
pub struct Store {
    objects: Vec<Rows>,
}

impl Store {
    /// A workspace without records.
    pub fn new(table: &Table) -> Store {
        Store { objects: table.objects.iter().map(Rows::new).collect() }
    }

    /// The records of an object.
    pub fn rows(&self, object: ObjectId) -> Option<&Rows> {
        self.objects.get(object.0)
    }

    /// The records of an object, to be changed.
    pub fn rows_mut(&mut self, object: ObjectId) -> Option<&mut Rows> {
        self.objects.get_mut(object.0)
    }
}
