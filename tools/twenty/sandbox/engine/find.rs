//! Lists of records: filter, order, page.

use std::{cmp::Ordering, sync::Arc};

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::tools::twenty::sandbox::{
    model::table::{Object, ObjectId, Table},
    store::{row::Row, rows::Slot, tables::Store, value::Value},
};

use super::{
    connection::Connection,
    fault::Fault,
    filter::Filter,
    order::{Order, Place},
};

/// Records on a page, at most; also how many there are when nothing is said.
pub const PAGE_MAX: usize = 200;
/// Records of a relation to many, at most.
pub const RELATION_MAX: usize = 60;

/// What the paging arguments of a list say.
struct Paging<'a> {
    first: Option<usize>,
    last: Option<usize>,
    before: Option<&'a str>,
    after: Option<&'a str>,
    offset: usize,
}

/// A page of the records that a filter lets through.
///
/// # Errors
/// When arguments contradict each other or make no sense.
pub fn find_many(
    table: &Table,
    store: &Store,
    object: &Object,
    arguments: &Map<String, Json>,
) -> Result<Connection, Fault> {
    let paging = Paging::new(arguments)?;
    let filter = Filter::new(object, arguments.get("filter"))?;
    let order = Order::new(table, object, arguments.get("orderBy"))?;
    let rows = store.rows(object.id).ok_or_else(|| Fault::internal("the object has no records"))?;
    let all = filter.select(rows);
    let place = |cursor: Option<&str>| cursor.map(|cursor| order.place(cursor)).transpose();
    let (after, before) = (place(paging.after)?, place(paging.before)?);
    let mut list = List { store, object, order: &order, slots: all.clone() };
    let total = list.slots.len();
    let mut skipped = 0;
    if let Some(place) = &after {
        list.keep(place, Ordering::Greater);
        skipped = total - list.slots.len();
    }
    let mut beyond = 0;
    if let Some(place) = &before {
        let had = list.slots.len();
        list.keep(place, Ordering::Less);
        beyond = had - list.slots.len();
    }
    let left = list.slots.len().saturating_sub(paging.offset);
    let size = paging.first.or(paging.last).unwrap_or(PAGE_MAX).min(PAGE_MAX).min(left);
    // The place of the page among the records that the cursors have left.
    let start = match paging.last {
        Some(_) => list.slots.len() - size,
        None => paging.offset.min(list.slots.len()),
    };
    let rest = list.slots.len() - start - size;
    let page = list.page(start, size);
    let (before, after) = (skipped + start > 0, rest + beyond > 0);
    Ok(Connection { object: object.id, order: Arc::new(order), values: Vec::new(), all, page, before, after })
}

/// The records that point at one record, or at any of several.
///
/// # Errors
/// When there is no such relation.
pub fn find_related(
    table: &Table,
    store: &Store,
    source: ObjectId,
    field: &str,
    ids: &[Uuid],
) -> Result<Connection, Fault> {
    let missing = || Fault::internal(format!("no relation {field}"));
    let object = table.get(source).ok_or_else(missing)?;
    let column = object.field(field).ok_or_else(missing)?.column;
    let rows = store.rows(source).ok_or_else(missing)?;
    let visible = |slot: &Slot| rows.get(*slot).is_some_and(|row| !row.is_deleted());
    let mut all: Vec<Slot> = Vec::new();
    for id in ids {
        all.extend(rows.joined(column, *id).ok_or_else(missing)?.filter(visible));
    }
    let page = all.iter().take(RELATION_MAX).filter_map(|slot| rows.get(*slot).cloned()).collect();
    let after = all.len() > RELATION_MAX;
    let order = Arc::new(Order::natural(object));
    Ok(Connection { object: source, order, values: Vec::new(), all, page, before: false, after })
}

/// The first record that a filter lets through.
///
/// # Errors
/// When there is none, or the filter makes no sense.
pub fn find_one(store: &Store, object: &Object, arguments: &Map<String, Json>) -> Result<Arc<Row>, Fault> {
    let filter = Filter::new(object, arguments.get("filter"))?;
    let rows = store.rows(object.id).ok_or_else(|| Fault::internal("the object has no records"))?;
    let slot = filter.select(rows).first().copied();
    slot.and_then(|slot| rows.get(slot)).cloned().ok_or_else(Fault::not_found)
}

/// The first records of these, in an order.
pub fn first(store: &Store, object: &Object, order: &Order, slots: &[Slot], size: usize) -> Vec<Arc<Row>> {
    let list = List { store, object, order, slots: slots.to_vec() };
    list.page(0, size.min(slots.len()))
}

struct List<'a> {
    store: &'a Store,
    object: &'a Object,
    order: &'a Order,
    slots: Vec<Slot>,
}

impl List<'_> {
    fn row(&self, slot: Slot) -> Option<&Row> {
        self.store.rows(self.object.id)?.get(slot).map(AsRef::as_ref)
    }

    /// Keeps the records on one side of a place.
    fn keep(&mut self, place: &Place, side: Ordering) {
        let keep = |slot: &Slot| {
            self.row(*slot).is_some_and(|row| self.order.against(self.store, row, place) == side)
        };
        self.slots = self.slots.iter().copied().filter(keep).collect();
    }

    /// The records from `start` on, in order; no more is sorted than the page needs.
    fn page(&self, start: usize, size: usize) -> Vec<Arc<Row>> {
        let mut keyed: Vec<(Vec<&Value>, &Row, Slot)> = Vec::new();
        let slots: &[Slot] = if self.order.natural {
            self.slots.get(start..start + size).unwrap_or(&[])
        } else {
            let rows = self.slots.iter().filter_map(|slot| Some((self.row(*slot)?, *slot)));
            keyed.extend(rows.map(|(row, slot)| (self.order.values(self.store, row).collect(), row, slot)));
            &[]
        };
        let by = |a: &(Vec<&Value>, &Row, Slot), b: &(Vec<&Value>, &Row, Slot)| {
            self.order.compare((a.0.iter().copied(), a.1.id()), (b.0.iter().copied(), b.1.id()))
        };
        if size > 0 && start + size < keyed.len() {
            keyed.select_nth_unstable_by(start + size, by);
            keyed.truncate(start + size);
        }
        if size > 0 && start > 0 && start < keyed.len() {
            keyed.select_nth_unstable_by(start, by);
        }
        let mut keyed = if size > 0 { keyed.split_off(start.min(keyed.len())) } else { Vec::new() };
        keyed.sort_unstable_by(by);
        let sorted = keyed.iter().map(|(_, _, slot)| slot);
        let row = |slot: &Slot| self.store.rows(self.object.id)?.get(*slot).cloned();
        slots.iter().chain(sorted).filter_map(row).collect()
    }
}

impl<'a> Paging<'a> {
    fn new(arguments: &'a Map<String, Json>) -> Result<Paging<'a>, Fault> {
        let number = |name: &str| arguments.get(name).and_then(Json::as_i64);
        let text = |name: &str| arguments.get(name).and_then(Json::as_str).filter(|text| !text.is_empty());
        let (first, last) = (number("first"), number("last"));
        let (before, after) = (text("before"), text("after"));
        for (one, other, what) in [
            (first.is_some(), last.is_some(), "both first and last"),
            (before.is_some(), after.is_some(), "both before and after"),
            (before.is_some(), first.is_some(), "both before and first"),
            (after.is_some(), last.is_some(), "both after and last"),
        ] {
            if one && other {
                return Err(Fault::input("ARGS_CONFLICT", format!("Cannot provide {what}")));
            }
        }
        let size = |number: Option<i64>, code, name| match number.map(usize::try_from) {
            Some(Err(_)) => Err(Fault::input(code, format!("{name} argument must be non-negative"))),
            Some(Ok(size)) => Ok(Some(size)),
            None => Ok(None),
        };
        let limit = size(number("limit"), "INVALID_QUERY_INPUT", "Limit")?;
        Ok(Paging {
            first: size(first, "INVALID_ARGS_FIRST", "First")?.or(limit.filter(|_| last.is_none())),
            last: size(last, "INVALID_ARGS_LAST", "Last")?,
            before,
            after,
            offset: size(number("offset"), "INVALID_QUERY_INPUT", "Offset")?.unwrap_or(0),
        })
    }
}
