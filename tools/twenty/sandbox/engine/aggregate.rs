//! Numbers over all records of a connection.

use std::collections::HashSet;

use serde_json::{Value as Json, json};

use crate::tools::twenty::sandbox::{
    model::{column::number_json, table::Object},
    store::{
        row::Row,
        rows::{Rows, Slot},
        value::Value,
    },
};

use super::resolver::{Aggregate, Function};

impl Aggregate {
    /// The number over these records.
    pub fn of(&self, object: &Object, rows: &Rows, all: &[Slot]) -> Json {
        let (total, each) = (all.len(), || all.iter().filter_map(|slot| rows.get(*slot)).map(AsRef::as_ref));
        let values = || each().map(|row: &Row| row.get(self.column)).filter(|value| !value.is_null());
        let empty = || each().filter(|row| self.empty(row)).count();
        let share = |part: usize| if total == 0 { Json::Null } else { json!(part as f64 / total as f64) };
        let shown = |value: Option<&Value>| {
            value.and_then(|value| Some(object.shape(self.column)?.write(value))).unwrap_or(Json::Null)
        };
        let sum = || values().filter_map(Value::as_number).sum::<f64>();
        match self.function {
            Function::TotalCount => total.into(),
            Function::CountUniqueValues => {
                let filled = each().filter(|row| !self.empty(row));
                let keys =
                    filled.map(|row| self.columns().map(|column| format!("{:?}", row.get(column))).collect());
                keys.collect::<HashSet<Vec<String>>>().len().into()
            }
            Function::CountEmpty => empty().into(),
            Function::CountNotEmpty => (total - empty()).into(),
            Function::PercentageEmpty => share(empty()),
            Function::PercentageNotEmpty => share(total - empty()),
            Function::Min => shown(values().min_by(|a, b| a.order(b))),
            Function::Max => shown(values().max_by(|a, b| a.order(b))),
            Function::Avg => match values().count() {
                0 => Json::Null,
                count => json!(sum() / count as f64),
            },
            Function::Sum if values().next().is_none() => Json::Null,
            Function::Sum => number_json(sum()),
            Function::CountTrue => values().filter(|value| **value == Value::Bool(true)).count().into(),
            Function::CountFalse => values().filter(|value| **value == Value::Bool(false)).count().into(),
        }
    }

    fn columns(&self) -> std::ops::Range<usize> {
        self.column..self.column + self.width
    }

    fn empty(&self, row: &Row) -> bool {
        self.columns().all(|column| row.get(column).is_empty())
    }
}
