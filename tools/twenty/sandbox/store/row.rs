//! A record as it is kept: the values it has, and a mask that tells which columns those are.

use uuid::Uuid;

use crate::tools::twenty::sandbox::model::table::base;

use super::value::Value;

static NOTHING: Value = Value::Null;

/// One record. Most columns of most records are empty, so that only what is there is kept.
#[derive(Clone, Debug)]
pub struct Row {
    present: u64,
    values: Box<[Value]>,
}

impl Row {
    /// The row of a draft.
    pub fn new(draft: Draft) -> Row {
        let mut present = 0;
        for (at, value) in draft.values.iter().enumerate() {
            if !value.is_null() {
                present |= 1 << at;
            }
        }
        Row { present, values: draft.values.into_iter().filter(|value| !value.is_null()).collect() }
    }

    /// The value of a column.
    pub fn get(&self, column: usize) -> &Value {
        let bit = 1_u64.checked_shl(u32::try_from(column).unwrap_or(u32::MAX)).unwrap_or(0);
        if self.present & bit == 0 {
            return &NOTHING;
        }
        let before = (self.present & (bit - 1)).count_ones();
        self.values.get(before as usize).unwrap_or(&NOTHING)
    }

    /// Its id.
    pub fn id(&self) -> Uuid {
        self.get(base::ID).as_id().unwrap_or_default()
    }

    /// Whether it is deleted, and so hidden.
    pub fn is_deleted(&self) -> bool {
        !self.get(base::DELETED).is_null()
    }

    /// The row with all its columns, to be changed.
    pub fn draft(&self, width: usize) -> Draft {
        Draft { values: (0..width).map(|column| self.get(column).clone()).collect() }
    }
}

/// A row that is being written: every column has a place.
#[derive(Clone, Debug)]
pub struct Draft {
    values: Vec<Value>,
}

impl Draft {
    /// An empty row of that many columns, at most 64.
    pub fn new(width: usize) -> Draft {
        Draft { values: vec![Value::Null; width] }
    }

    /// The value of a column.
    pub fn get(&self, column: usize) -> &Value {
        self.values.get(column).unwrap_or(&NOTHING)
    }

    /// Writes a column; one that is not there is passed over.
    pub fn set(&mut self, column: usize, value: Value) {
        if let Some(place) = self.values.get_mut(column) {
            *place = value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_gives_back_what_its_draft_had() {
        let mut draft = Draft::new(64);
        draft.set(0, Value::Number(0.0));
        draft.set(40, Value::text("x"));
        draft.set(63, Value::Bool(true));
        draft.set(64, Value::Bool(true));
        let row = Row::new(draft);
        assert_eq!(row.get(40), &Value::text("x"));
        assert_eq!((row.get(63), row.get(1), row.get(64)), (&Value::Bool(true), &Value::Null, &Value::Null));
        assert_eq!(row.draft(64).get(63), &Value::Bool(true));
    }
}
