//! The records of one object, with the indexes that find them.

use std::{
    cmp::Ordering,
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use uuid::Uuid;

use crate::tools::twenty::sandbox::model::table::{Kind, Object};

use super::{row::Row, value::Value};

/// The place of a record among those of its object. It never passes to another record.
pub type Slot = u32;

/// The records of one object.
#[derive(Debug)]
pub struct Rows {
    rows: Vec<Option<Arc<Row>>>,
    by_id: HashMap<Uuid, Slot>,
    by_join: HashMap<usize, BTreeSet<(Uuid, Slot)>>,
    by_key: HashMap<usize, HashMap<Arc<str>, Slot>>,
    /// All records by position, then id: the order of a list that asks for none.
    ordered: Vec<Slot>,
    position: usize,
}

impl Rows {
    /// No records yet.
    pub fn new(object: &Object) -> Rows {
        let joins = object.fields.iter().filter(|field| matches!(field.kind, Kind::ToOne { .. }));
        Rows {
            rows: Vec::new(),
            by_id: HashMap::new(),
            by_join: joins.map(|field| (field.column, BTreeSet::new())).collect(),
            by_key: object.unique().map(|(_, column)| (column, HashMap::new())).collect(),
            ordered: Vec::new(),
            position: object.position,
        }
    }

    /// The record in a slot.
    pub fn get(&self, slot: Slot) -> Option<&Arc<Row>> {
        self.rows.get(slot as usize)?.as_ref()
    }

    /// The slot of an id.
    pub fn slot(&self, id: Uuid) -> Option<Slot> {
        self.by_id.get(&id).copied()
    }

    /// The record of an id.
    pub fn find(&self, id: Uuid) -> Option<&Arc<Row>> {
        self.get(self.slot(id)?)
    }

    /// The slots whose join column holds that id, in the order in which they were made; nothing if the column is no join
    /// column.
    pub fn joined(&self, column: usize, id: Uuid) -> Option<impl Iterator<Item = Slot>> {
        let index = self.by_join.get(&column)?;
        Some(index.range((id, Slot::MIN)..=(id, Slot::MAX)).map(|(_, slot)| *slot))
    }

    /// The slot whose unique column holds that text; nothing if the column is not unique.
    pub fn keyed(&self, column: usize, key: &str) -> Option<Option<Slot>> {
        self.by_key.get(&column).map(|index| index.get(key).copied())
    }

    /// All slots, in the order of a list that asks for none.
    pub fn ordered(&self) -> &[Slot] {
        &self.ordered
    }

    /// Puts slots in the order of a list that asks for none.
    pub fn sort(&self, slots: &mut [Slot]) {
        slots.sort_unstable_by(|a, b| match (self.get(*a), self.get(*b)) {
            (Some(a), Some(b)) => self.order(a, b),
            (a, b) => a.is_some().cmp(&b.is_some()),
        });
    }

    /// A position before all others.
    pub fn first_position(&self) -> f64 {
        self.edge(self.ordered.first()).map_or(0.0, |position| position - 1.0)
    }

    /// A position after all others.
    pub fn last_position(&self) -> f64 {
        self.edge(self.ordered.last()).map_or(0.0, |position| position + 1.0)
    }

    /// Adds a record.
    pub fn insert(&mut self, row: Row) -> Arc<Row> {
        // Four thousand million records do not fit into memory.
        let slot = Slot::try_from(self.rows.len()).unwrap_or(Slot::MAX);
        let row = Arc::new(row);
        self.rows.push(Some(Arc::clone(&row)));
        self.link(slot, &row);
        self.place(slot, &row);
        row
    }

    /// Puts other values in a slot.
    pub fn replace(&mut self, slot: Slot, row: Row) -> Arc<Row> {
        let row = Arc::new(row);
        let Some(old) = self.get(slot).cloned() else { return row };
        let moves = self.order(&old, &row) != Ordering::Equal;
        self.unlink(slot, &old);
        if moves {
            self.displace(slot, &old);
        }
        if let Some(held) = self.rows.get_mut(slot as usize) {
            *held = Some(Arc::clone(&row));
        }
        self.link(slot, &row);
        if moves {
            self.place(slot, &row);
        }
        row
    }

    /// Takes a record out for good; its slot stays empty.
    pub fn remove(&mut self, slot: Slot) -> Option<Arc<Row>> {
        let row = self.get(slot).cloned()?;
        self.unlink(slot, &row);
        self.displace(slot, &row);
        self.rows.get_mut(slot as usize)?.take()
    }

    fn link(&mut self, slot: Slot, row: &Arc<Row>) {
        self.by_id.insert(row.id(), slot);
        for (column, index) in &mut self.by_join {
            if let Value::Id(id) = row.get(*column) {
                index.insert((*id, slot));
            }
        }
        for (column, index) in &mut self.by_key {
            if let Value::Text(key) = row.get(*column)
                && !key.is_empty()
            {
                index.insert(Arc::clone(key), slot);
            }
        }
    }

    fn place(&mut self, slot: Slot, row: &Row) {
        // Records mostly come in order, so that the place is looked for at the end first.
        let place = match self.ordered.last() {
            Some(last) if self.before(*last, row) => self.ordered.len(),
            _ => self.ordered.partition_point(|other| self.before(*other, row)),
        };
        self.ordered.insert(place, slot);
    }

    fn displace(&mut self, slot: Slot, row: &Row) {
        let place = self.ordered.partition_point(|other| *other != slot && self.before(*other, row));
        if self.ordered.get(place) == Some(&slot) {
            self.ordered.remove(place);
        }
    }

    fn unlink(&mut self, slot: Slot, row: &Row) {
        self.by_id.remove(&row.id());
        for (column, index) in &mut self.by_join {
            if let Value::Id(id) = row.get(*column) {
                index.remove(&(*id, slot));
            }
        }
        for (column, index) in &mut self.by_key {
            if let Value::Text(key) = row.get(*column)
                && index.get(key) == Some(&slot)
            {
                index.remove(key);
            }
        }
    }

    fn before(&self, slot: Slot, row: &Row) -> bool {
        self.get(slot).is_some_and(|other| self.order(other, row) == Ordering::Less)
    }

    fn order(&self, a: &Row, b: &Row) -> Ordering {
        let position = |row: &Row| row.get(self.position).as_number().unwrap_or(f64::NEG_INFINITY);
        position(a).total_cmp(&position(b)).then_with(|| a.id().cmp(&b.id()))
    }

    fn edge(&self, slot: Option<&Slot>) -> Option<f64> {
        Some(self.get(*slot?)?.get(self.position).as_number().unwrap_or(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::twenty::sandbox::{model::parse::table, settings::Profile, store::row::Draft};

    fn row(object: &Object, id: u128, position: f64, email: &str) -> Row {
        let mut draft = Draft::new(object.columns.len());
        draft.set(0, Value::Id(Uuid::from_u128(id)));
        draft.set(object.position, Value::Number(position));
        draft.set(object.field("emails").unwrap().column, Value::text(email));
        draft.set(object.field("company").unwrap().column, Value::Id(Uuid::from_u128(9)));
        Row::new(draft)
    }

    #[test]
    fn a_replaced_record_is_found_by_what_it_holds_now() {
        let table = table(Profile::Current).unwrap();
        let person = table.named("person").unwrap();
        let (emails, company) =
            (person.field("emails").unwrap().column, person.field("company").unwrap().column);
        let mut rows = Rows::new(person);
        for (id, position) in [(1, 5.0), (2, 1.0), (3, 3.0)] {
            rows.insert(row(person, id, position, &format!("p{id}@x.io")));
        }
        assert_eq!(rows.ordered(), [1, 2, 0]);
        assert_eq!((rows.first_position(), rows.last_position()), (0.0, 6.0));
        rows.replace(1, row(person, 2, 9.0, "new@x.io"));
        assert_eq!(rows.ordered(), [2, 0, 1]);
        assert_eq!(
            (rows.keyed(emails, "p2@x.io"), rows.keyed(emails, "new@x.io")),
            (Some(None), Some(Some(1)))
        );
        assert_eq!(rows.joined(company, Uuid::from_u128(9)).unwrap().collect::<Vec<_>>(), [0, 1, 2]);
        assert!(rows.keyed(company, "x").is_none() && rows.joined(emails, Uuid::nil()).is_none());
    }

    #[test]
    fn a_removed_record_leaves_nothing_behind() {
        let table = table(Profile::Current).unwrap();
        let person = table.named("person").unwrap();
        let (emails, company) =
            (person.field("emails").unwrap().column, person.field("company").unwrap().column);
        let mut rows = Rows::new(person);
        for id in 1..=3 {
            rows.insert(row(person, id, id as f64, &format!("p{id}@x.io")));
        }
        assert_eq!(rows.remove(1).unwrap().id(), Uuid::from_u128(2));
        assert!(rows.remove(1).is_none() && rows.get(1).is_none() && rows.slot(Uuid::from_u128(2)).is_none());
        assert_eq!((rows.ordered(), rows.keyed(emails, "p2@x.io")), ([0, 2].as_slice(), Some(None)));
        assert_eq!(rows.joined(company, Uuid::from_u128(9)).unwrap().collect::<Vec<_>>(), [0, 2]);
        rows.insert(row(person, 2, 0.0, "p2@x.io"));
        assert_eq!((rows.ordered(), rows.slot(Uuid::from_u128(2))), ([3, 0, 2].as_slice(), Some(3)));
    }
}
