//! By what records are grouped.

use serde_json::{Map, Value as Json};

use crate::tools::twenty::sandbox::{
    model::{
        column::Shape,
        table::{Field, Kind, Object, ObjectId, Plain, Table},
    },
    store::{row::Row, tables::Store, value::Value},
};

use super::{calendar::Calendar, fault::Fault};

/// Dimensions that one request may group by.
const DIMENSIONS_MAX: usize = 20;

const SEVERAL: &str =
    "You cannot provide multiple fields in one GroupByInput, split them into multiple GroupByInput";
const SEVERAL_PARTS: &str =
    "You cannot provide multiple subfields in one GroupByInput, split them into multiple GroupByInput";
const SEVERAL_NESTED: &str = "You cannot provide multiple nested fields in one relation GroupByInput, split them into \
                              multiple GroupByInput";

/// A column that records are grouped by, of their own or of a record that they point at.
#[derive(Debug)]
pub struct Dimension {
    /// The names that lead to it: `company`, `name`.
    pub path: Vec<String>,
    /// The granularity that was asked for, where there are several.
    pub granularity: Option<String>,
    way: Option<(usize, ObjectId)>,
    column: usize,
    shape: Shape,
    calendar: Option<Calendar>,
}

impl Dimension {
    /// The dimensions of a `groupBy` argument.
    ///
    /// # Errors
    /// When one of them names no field, or several at once, or a time that makes no sense; or when there are too many.
    pub fn all(table: &Table, object: &Object, argument: &Json) -> Result<Vec<Dimension>, Fault> {
        let list =
            if let Json::Array(list) = argument { list.as_slice() } else { std::slice::from_ref(argument) };
        if list.len() > DIMENSIONS_MAX {
            return Err(Fault::query(format!("Maximum number of fields to group by is {DIMENSIONS_MAX}")));
        }
        let mut all = Vec::new();
        for map in list.iter().filter_map(Json::as_object) {
            let Some((name, value)) = single(map, SEVERAL)? else { continue };
            all.extend(match Dimension::step(object, name, value)? {
                Step::Here(dimension) => dimension,
                Step::Through(field, target) => through(table, field, target, value)?,
            });
        }
        Ok(all)
    }

    fn step<'a>(object: &'a Object, name: &str, value: &Json) -> Result<Step<'a>, Fault> {
        let unknown = || Fault::query(format!("Unidentified field in groupBy: {name}"));
        let field = object.field(name).ok_or_else(unknown)?;
        let whole = |column: usize, path: &[&str], calendar: Option<Calendar>| {
            let shape = object.shape(column).cloned()?;
            let shape = calendar.as_ref().map_or(shape, Calendar::shape);
            let path = path.iter().map(|name| (*name).to_owned()).collect();
            let granularity = value.get("granularity").and_then(Json::as_str).map(str::to_owned);
            Some(Dimension { path, granularity, way: None, column, shape, calendar })
        };
        Ok(Step::Here(match (&field.kind, value) {
            (Kind::ToOne { target, .. }, _) => return Ok(Step::Through(field, *target)),
            (Kind::Composite(composite), Json::Object(map)) => match single(map, SEVERAL_PARTS)? {
                Some((part, Json::Bool(true))) => {
                    let (at, _) = composite.part(part).ok_or_else(unknown)?;
                    whole(field.column + at, &[name, part], None)
                }
                _ => None,
            },
            (Kind::Plain(Plain::DateTime), Json::Object(_)) => {
                whole(field.column, &[name], Calendar::new(value)?)
            }
            (_, Json::Bool(true)) => whole(field.column, &[name], None),
            _ => None,
        }))
    }

    /// What a record has there. A record that was deleted has nothing to give to those that point at it.
    pub fn value(&self, store: &Store, row: &Row) -> Value {
        let value = match self.way {
            None => row.get(self.column),
            Some((column, target)) => {
                let other = row.get(column).as_id().and_then(|id| store.rows(target)?.find(id));
                match other.filter(|row| !row.is_deleted()) {
                    Some(other) => other.get(self.column),
                    None => return Value::Null,
                }
            }
        };
        match (&self.calendar, value) {
            (Some(calendar), Value::Time(millis)) => calendar.group(*millis),
            _ => value.clone(),
        }
    }

    /// A value as it is told: text, or nothing.
    pub fn told(&self, value: &Value) -> Json {
        match self.shape.write(value) {
            json @ (Json::Null | Json::String(_)) => json,
            json => json.to_string().into(),
        }
    }
}

enum Step<'a> {
    /// A dimension, or none where it was not wanted.
    Here(Option<Dimension>),
    /// A relation to another object.
    Through(&'a Field, ObjectId),
}

fn through(table: &Table, field: &Field, target: ObjectId, value: &Json) -> Result<Option<Dimension>, Fault> {
    let (Some(target), Some(map)) = (table.get(target), value.as_object()) else { return Ok(None) };
    let Some((name, value)) = single(map, SEVERAL_NESTED)? else { return Ok(None) };
    match Dimension::step(target, name, value)? {
        Step::Here(dimension) => Ok(dimension.map(|mut dimension| {
            dimension.path.insert(0, field.name.clone());
            dimension.way = Some((field.column, target.id));
            dimension
        })),
        Step::Through(..) => Err(Fault::query(format!(
            "Cannot group by a relation field of the relation field: \"{name}\" is a relation field of \"{}\"",
            target.singular
        ))),
    }
}

/// The only entry of a map, if it has one.
///
/// # Errors
/// This, when it has several.
pub fn single<'a>(map: &'a Map<String, Json>, several: &str) -> Result<Option<(&'a str, &'a Json)>, Fault> {
    let mut entries = map.iter().filter(|(_, value)| !value.is_null());
    let entry = entries.next().map(|(name, value)| (name.as_str(), value));
    match entries.next() {
        Some(_) => Err(Fault::query(several)),
        None => Ok(entry),
    }
}
