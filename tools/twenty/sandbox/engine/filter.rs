//! A filter argument, read once and then held against rows.

use serde_json::{Map, Value as Json};

use crate::tools::twenty::sandbox::{
    model::{
        column::Shape,
        table::{Kind, Object, base},
    },
    store::{
        row::Row,
        rows::{Rows, Slot},
        value::Value,
    },
};

use super::{fault::Fault, operator::Operator};

/// Which records of an object are meant.
#[derive(Debug)]
pub struct Filter {
    condition: Condition,
    among: Among,
}

/// Which records a filter looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Among {
    /// Those that are not deleted.
    Visible,
    /// Those that are.
    Deleted,
    /// All.
    All,
}

impl Among {
    /// Whether it is one of those.
    pub fn has(self, row: &Row) -> bool {
        match self {
            Among::Visible => !row.is_deleted(),
            Among::Deleted => row.is_deleted(),
            Among::All => true,
        }
    }
}

#[derive(Debug)]
enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Column { column: usize, shape: Shape, operator: Operator },
}

impl Filter {
    /// The filter of an argument; without one, every record that is not deleted.
    ///
    /// # Errors
    /// When it names a field that is not there, or an operator makes no sense.
    pub fn new(object: &Object, argument: Option<&Json>) -> Result<Filter, Fault> {
        let Some(Json::Object(map)) = argument else {
            return Ok(Filter { condition: Condition::All(Vec::new()), among: Among::Visible });
        };
        // A filter that speaks of deletion sees deleted records.
        let among = if mentions(map, "deletedAt") { Among::All } else { Among::Visible };
        Ok(Filter { condition: Condition::new(object, map)?, among })
    }

    /// The same filter over other records.
    pub fn among(self, among: Among) -> Filter {
        Filter { among, ..self }
    }

    /// The slots of the records that are let through, in the order of a list that asks for none.
    pub fn select(&self, rows: &Rows) -> Vec<Slot> {
        let lets = |slot: &Slot| rows.get(*slot).is_some_and(|row| self.lets(row));
        match self.condition.found(rows) {
            Some(mut slots) => {
                slots.retain(lets);
                rows.sort(&mut slots);
                slots.dedup();
                slots
            }
            None => rows.ordered().iter().copied().filter(lets).collect(),
        }
    }

    fn lets(&self, row: &Row) -> bool {
        self.among.has(row) && self.condition.holds(row) == Some(true)
    }
}

impl Condition {
    fn new(object: &Object, map: &Map<String, Json>) -> Result<Condition, Fault> {
        let mut all = Vec::new();
        let each = |list: &Json| -> Result<Vec<Condition>, Fault> {
            let list =
                if let Json::Array(list) = list { list.as_slice() } else { std::slice::from_ref(list) };
            list.iter().filter_map(Json::as_object).map(|map| Condition::new(object, map)).collect()
        };
        for (key, value) in map.iter().filter(|(_, value)| !value.is_null()) {
            match (key.as_str(), value) {
                ("and", list) => all.push(Condition::All(each(list)?)),
                // An empty `or` is left out, as nothing would pass it.
                ("or", list) => match each(list)? {
                    any if any.is_empty() => {}
                    any => all.push(Condition::Any(any)),
                },
                ("not", Json::Object(map)) => {
                    all.push(Condition::Not(Box::new(Condition::new(object, map)?)))
                }
                (key, Json::Object(map)) => field(object, key, map, &mut all)?,
                (key, _) => return Err(Fault::query(format!("Invalid filter on {key}"))),
            }
        }
        Ok(Condition::All(all))
    }

    /// Three-valued, as in SQL: a comparison with nothing is unknown, and what is unknown is not let through.
    fn holds(&self, row: &Row) -> Option<bool> {
        match self {
            Condition::All(all) => decide(all.iter().map(|one| one.holds(row)), false),
            Condition::Any(any) => decide(any.iter().map(|one| one.holds(row)), true),
            Condition::Not(one) => one.holds(row).map(|holds| !holds),
            Condition::Column { column, shape, operator } => operator.passes(row.get(*column), shape),
        }
    }

    /// The only slots that can pass, where an index tells.
    fn found(&self, rows: &Rows) -> Option<Vec<Slot>> {
        match self {
            Condition::All(all) => all.iter().find_map(|one| one.found(rows)),
            Condition::Column { column, operator: Operator::Is(value), .. } => found(rows, *column, value),
            Condition::Column { column, operator: Operator::In(values), .. } => {
                let each: Option<Vec<_>> = values.iter().map(|value| found(rows, *column, value)).collect();
                each.map(|slots| slots.into_iter().flatten().collect())
            }
            _ => None,
        }
    }
}

fn found(rows: &Rows, column: usize, value: &Value) -> Option<Vec<Slot>> {
    match value {
        Value::Id(id) if column == base::ID => Some(rows.slot(*id).into_iter().collect()),
        Value::Id(id) => rows.joined(column, *id).map(Iterator::collect),
        Value::Text(key) if !key.is_empty() => rows.keyed(column, key).map(|slot| slot.into_iter().collect()),
        _ => None,
    }
}

fn decide(mut holds: impl Iterator<Item = Option<bool>>, wanted: bool) -> Option<bool> {
    let mut unknown = false;
    if holds.any(|one| {
        unknown |= one.is_none();
        one == Some(wanted)
    }) {
        return Some(wanted);
    }
    (!unknown).then_some(!wanted)
}

fn field(object: &Object, key: &str, map: &Map<String, Json>, all: &mut Vec<Condition>) -> Result<(), Fault> {
    let unknown = || Fault::query(format!("Object {} doesn't have any \"{key}\" field.", object.singular));
    let field = match object.joined(key) {
        Some(field) => field,
        None => object.field(key).ok_or_else(unknown)?,
    };
    match &field.kind {
        Kind::Composite(composite) => {
            for (name, operators) in map {
                let (at, part) = composite.part(name).ok_or_else(unknown)?;
                // Blocks are made from Markdown when they are asked for, so that the Markdown is what can be searched.
                let at = if composite.kind == "RICH_TEXT" { 1 } else { at };
                if let Json::Object(operators) = operators {
                    operators_of(field.column + at, &part.shape, operators, all)?;
                }
            }
            Ok(())
        }
        Kind::ToMany { .. } => {
            Err(Fault::query(format!("Filtering through the relation {key} is not supported")))
        }
        _ => {
            let shape = object.shape(field.column).ok_or_else(unknown)?;
            operators_of(field.column, shape, map, all)
        }
    }
}

fn operators_of(
    column: usize,
    shape: &Shape,
    operators: &Map<String, Json>,
    all: &mut Vec<Condition>,
) -> Result<(), Fault> {
    for (name, to) in operators {
        // `eq: null` compares with nothing; any other operator without a value is as good as not there.
        if to.is_null() && name != "eq" && name != "neq" {
            continue;
        }
        let operator = Operator::new(name, to, shape)?;
        all.push(Condition::Column { column, shape: shape.clone(), operator });
    }
    Ok(())
}

fn mentions(map: &Map<String, Json>, key: &str) -> bool {
    let inside = |json: &Json| json.as_object().is_some_and(|map| mentions(map, key));
    map.iter().any(|(name, value)| match (name.as_str(), value) {
        (name, _) if name == key => true,
        ("and" | "or" | "not", Json::Array(list)) => list.iter().any(inside),
        ("and" | "or" | "not", value) => inside(value),
        _ => false,
    })
}
