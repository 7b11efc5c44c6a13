//! Records in groups.

use std::{cmp::Ordering, collections::HashMap, sync::Arc};

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::tools::twenty::sandbox::{
    model::table::{Object, Table},
    store::{
        rows::{Rows, Slot},
        tables::Store,
        value::Value,
    },
};

use super::{
    connection::Connection, dimension::Dimension, direction::Direction, fault::Fault, filter::Filter,
    find::first, group_order::GroupOrder, order::Order,
};

/// Groups when nothing is said.
const GROUPS: usize = 50;
/// Records of a group that can be seen, at most.
const RECORDS_MAX: usize = 10;

/// Records that have the same in all dimensions.
pub struct Group {
    /// What they have.
    pub values: Vec<Value>,
    /// Which they are.
    pub slots: Vec<Slot>,
}

/// The groups that the arguments ask for.
///
/// # Errors
/// When dimensions, filter or orders make no sense, or a view is asked for.
pub fn group_by(
    table: &Table,
    store: &Store,
    object: &Object,
    arguments: &Map<String, Json>,
) -> Result<Vec<Connection>, Fault> {
    let argument = |name: &str| arguments.get(name).filter(|argument| !argument.is_null());
    if argument("viewId").is_some() {
        return Err(Fault::absent("Grouping by the filters of a view (viewId)"));
    }
    let dimensions = Dimension::all(table, object, argument("groupBy").unwrap_or(&Json::Null))?;
    let order = GroupOrder::new(object, &dimensions, argument("orderBy"))?;
    let records = Arc::new(Order::new(table, object, argument("orderByForRecords"))?);
    let rows = store.rows(object.id).ok_or_else(|| Fault::internal("the object has no records"))?;
    let slots = Filter::new(object, argument("filter"))?.select(rows);
    let mut groups = order.sorted(object, rows, groups(store, rows, &dimensions, slots));
    let limit = argument("limit").and_then(Json::as_u64).and_then(|limit| usize::try_from(limit).ok());
    groups.truncate(limit.filter(|limit| *limit > 0).unwrap_or(GROUPS));
    let connection = |group: Group| Connection {
        object: object.id,
        order: Arc::clone(&records),
        values: dimensions
            .iter()
            .zip(&group.values)
            .map(|(dimension, value)| dimension.told(value))
            .collect(),
        page: first(store, object, &records, &group.slots, RECORDS_MAX),
        before: false,
        after: group.slots.len() > RECORDS_MAX,
        all: group.slots,
    };
    Ok(groups.into_iter().map(connection).collect())
}

fn groups(store: &Store, rows: &Rows, dimensions: &[Dimension], slots: Vec<Slot>) -> Vec<Group> {
    // As in SQL: without dimensions there is one group, be it empty.
    if dimensions.is_empty() {
        return vec![Group { values: Vec::new(), slots }];
    }
    let mut groups: Vec<Group> = Vec::new();
    let mut places: HashMap<Vec<Key>, usize> = HashMap::new();
    for slot in slots {
        let Some(row) = rows.get(slot) else { continue };
        let values: Vec<Value> = dimensions.iter().map(|dimension| dimension.value(store, row)).collect();
        let place = *places.entry(values.iter().map(Key::new).collect()).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.slots.push(slot),
            None => groups.push(Group { values, slots: vec![slot] }),
        }
    }
    groups
}

/// A value as a key. All values of one dimension are of one kind.
#[derive(PartialEq, Eq, Hash)]
enum Key {
    Null,
    Bits(u64),
    Id(Uuid),
    Text(Arc<str>),
}

impl Key {
    fn new(value: &Value) -> Key {
        match value {
            Value::Null => Key::Null,
            Value::Bool(yes) => Key::Bits(u64::from(*yes)),
            Value::Number(number) => Key::Bits(number.to_bits()),
            Value::Time(millis) => Key::Bits(millis.cast_unsigned()),
            Value::Choice(place) => Key::Bits(u64::from(*place)),
            Value::Id(id) => Key::Id(*id),
            Value::Text(text) => Key::Text(Arc::clone(text)),
            Value::Json(json) => Key::Text(json.to_string().into()),
        }
    }
}

/// The order of two groups that nothing else tells apart.
pub fn by_values(a: &Group, b: &Group) -> Ordering {
    let there = |value: &'_ Value| !value.is_null();
    let mut pairs = a.values.iter().zip(&b.values).map(|(a, b)| {
        Direction::NULLS_LAST.compare(
            Some(a).filter(|a| there(a)),
            Some(b).filter(|b| there(b)),
            Value::order,
        )
    });
    pairs.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}
