//! The order of a list, and the cursors that name a place in it.

use std::cmp::Ordering;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::tools::twenty::sandbox::{
    model::{
        column::Shape,
        table::{Kind, Object, ObjectId, Table},
    },
    store::{row::Row, tables::Store, value::Value},
};

use super::{direction::Direction, fault::Fault};

static NOTHING: Value = Value::Null;

/// By what a list is sorted; records that are equal in all of it follow their ids.
#[derive(Debug)]
pub struct Order {
    keys: Vec<Key>,
    /// Whether it is the order that the store keeps anyway.
    pub natural: bool,
}

#[derive(Debug)]
struct Key {
    /// From record to record: a join column and the object it leads to.
    way: Vec<(usize, ObjectId)>,
    column: usize,
    shape: Shape,
    direction: Direction,
}

/// A place in a list: the values that put a record there.
#[derive(Debug)]
pub struct Place {
    values: Vec<Value>,
    id: Uuid,
}

impl Order {
    /// The order of an `orderBy` argument; without one, by position.
    ///
    /// # Errors
    /// When it names a field that is not there or cannot be sorted by.
    pub fn new(table: &Table, object: &Object, argument: Option<&Json>) -> Result<Order, Fault> {
        let mut keys = Vec::new();
        let list = match argument {
            Some(Json::Array(list)) => list.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        for one in list {
            collect(table, object, one, &mut Vec::new(), &mut keys)?;
        }
        Ok(if keys.is_empty() { Order::natural(object) } else { Order { keys, natural: false } })
    }

    /// The order of a list that asks for none.
    pub fn natural(object: &Object) -> Order {
        let (way, column, shape) = (Vec::new(), object.position, Shape::Number);
        Order { keys: vec![Key { way, column, shape, direction: Direction::NULLS_FIRST }], natural: true }
    }

    /// The values that a record is sorted by.
    pub fn values<'a>(&'a self, store: &'a Store, row: &'a Row) -> impl Iterator<Item = &'a Value> {
        self.keys.iter().map(move |key| {
            let mut row = row;
            for (column, target) in &key.way {
                let next = row.get(*column).as_id().and_then(|id| store.rows(*target)?.find(id));
                match next {
                    Some(next) => row = next,
                    None => return &NOTHING,
                }
            }
            row.get(key.column)
        })
    }

    /// The order of two records by their values, then their ids.
    pub fn compare<'a>(
        &self,
        a: (impl IntoIterator<Item = &'a Value>, Uuid),
        b: (impl IntoIterator<Item = &'a Value>, Uuid),
    ) -> Ordering {
        let pairs = self.keys.iter().zip(a.0.into_iter().zip(b.0));
        let order = pairs.map(|(key, (a, b))| key.compare(a, b)).find(|order| order.is_ne());
        order.unwrap_or_else(|| a.1.cmp(&b.1))
    }

    /// The order of a record and a place.
    pub fn against(&self, store: &Store, row: &Row, place: &Place) -> Ordering {
        self.compare((self.values(store, row), row.id()), (&place.values, place.id))
    }

    /// The cursor of a record.
    pub fn cursor(&self, store: &Store, row: &Row) -> String {
        let values = self.keys.iter().zip(self.values(store, row)).map(|(key, value)| key.shape.write(value));
        let cursor = json!({ "id": row.id().to_string(), "by": values.collect::<Vec<_>>() });
        BASE64_STANDARD.encode(cursor.to_string())
    }

    /// The place of a cursor.
    ///
    /// # Errors
    /// When it was not made by a list with this order.
    pub fn place(&self, cursor: &str) -> Result<Place, Fault> {
        let read = || {
            let json: Json = serde_json::from_slice(&BASE64_STANDARD.decode(cursor).ok()?).ok()?;
            let id = Uuid::try_parse(json.get("id")?.as_str()?).ok()?;
            let by = json.get("by")?.as_array().filter(|by| by.len() == self.keys.len())?;
            let values =
                self.keys.iter().zip(by).map(|(key, json)| key.shape.read(json)).collect::<Option<_>>()?;
            Some(Place { values, id })
        };
        read().ok_or_else(|| Fault::input("INVALID_CURSOR", format!("Invalid cursor: {cursor}")))
    }
}

impl Key {
    fn compare<'a>(&self, a: &'a Value, b: &'a Value) -> Ordering {
        let there = |value: &'a Value| (!value.is_null()).then_some(value);
        self.direction.compare(there(a), there(b), Value::order)
    }
}

fn collect(
    table: &Table,
    object: &Object,
    json: &Json,
    way: &mut Vec<(usize, ObjectId)>,
    keys: &mut Vec<Key>,
) -> Result<(), Fault> {
    for (name, value) in json.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
        let unknown =
            || Fault::query(format!("Object {} doesn't have any \"{name}\" field.", object.singular));
        let mut push = |way: &[(usize, ObjectId)], column, direction: &Json| {
            let shape = object.shape(column).cloned().ok_or_else(unknown)?;
            keys.push(Key { way: way.to_vec(), column, shape, direction: Direction::new(direction) });
            Ok::<(), Fault>(())
        };
        if let Some(field) = object.joined(name) {
            push(way, field.column, value)?;
            continue;
        }
        let field = object.field(name).ok_or_else(unknown)?;
        match &field.kind {
            Kind::ToOne { target, .. } => {
                let target = table.get(*target).ok_or_else(unknown)?;
                way.push((field.column, target.id));
                collect(table, target, value, way, keys)?;
                way.pop();
            }
            Kind::ToMany { .. } => {
                return Err(Fault::query(format!("Ordering through the relation {name} is not supported")));
            }
            Kind::Composite(composite) => {
                for (name, direction) in value.as_object().into_iter().flatten() {
                    let (at, _) = composite.part(name).ok_or_else(unknown)?;
                    push(way, field.column + at, direction)?;
                }
            }
            _ => push(way, field.column, value)?,
        }
    }
    Ok(())
}
