//! Changes of records: all of a request, or nothing.

use std::{collections::HashSet, sync::Arc};

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::tools::twenty::sandbox::{
    model::{
        column::Shape,
        table::{Kind, Object, Table, base},
    },
    store::{
        row::{Draft, Row},
        rows::{Rows, Slot},
        tables::Store,
        value::Value,
    },
};

use super::{
    clock::Clock,
    fault::Fault,
    filter::Filter,
    input::Input,
    resolver::{Extent, Verb},
};

/// Records that one request may create.
pub const CREATE_MAX: usize = 60;
/// Records that one request may update or delete.
pub const AFFECTED_MAX: usize = 100;

/// A change that one root field asks for.
pub struct Write<'a> {
    /// The workspace's objects.
    pub table: &'a Table,
    /// Its records.
    pub store: &'a mut Store,
    /// The object whose records change.
    pub object: &'a Object,
    /// The time.
    pub clock: &'a Clock,
    /// The arguments of the field.
    pub arguments: &'a Map<String, Json>,
}

impl Write<'_> {
    /// Makes the change, and gives the records as they are then.
    ///
    /// # Errors
    /// When something is wrong with any of the records; then none is changed.
    pub fn run(mut self, verb: Verb, extent: Extent) -> Result<Vec<Arc<Row>>, Fault> {
        match verb {
            Verb::Create => self.create(extent),
            Verb::Update | Verb::Delete => self.change(verb, extent),
            Verb::Restore => Err(Fault::not_yet("restore")),
            Verb::Destroy => Err(Fault::not_yet("destroy")),
        }
    }

    fn create(&mut self, extent: Extent) -> Result<Vec<Arc<Row>>, Fault> {
        if self.arguments.get("upsert") == Some(&Json::Bool(true)) {
            return Err(Fault::not_yet("upsert: true"));
        }
        let data = match (extent, self.arguments.get("data")) {
            (Extent::Many, Some(Json::Array(list))) => list.as_slice(),
            (_, Some(one)) => std::slice::from_ref(one),
            (_, None) => &[],
        };
        if data.len() > CREATE_MAX {
            let message = format!("Maximum number of records to create is {CREATE_MAX}, got {}", data.len());
            return Err(Fault::input("INVALID_ARGS_DATA", message));
        }
        let mut unique = Unique::default();
        let mut rows = Vec::with_capacity(data.len());
        for (nth, data) in data.iter().enumerate() {
            let input = Input::new(self.table, self.store, self.object, self.clock.now(), nth);
            let draft = input.create(data.as_object().unwrap_or(&Map::new()))?;
            unique.check(self.object, self.rows()?, &draft, None)?;
            rows.push(Row::new(draft));
        }
        let object = self.object.id;
        let store = self.store.rows_mut(object).ok_or_else(no_rows)?;
        Ok(rows.into_iter().map(|row| store.insert(row)).collect())
    }

    fn change(&mut self, verb: Verb, extent: Extent) -> Result<Vec<Arc<Row>>, Fault> {
        let slots = self.slots(extent)?;
        let nothing = Map::new();
        let data = self.arguments.get("data").and_then(Json::as_object).unwrap_or(&nothing);
        let width = self.object.columns.len();
        let mut unique = Unique::default();
        let mut changed = Vec::with_capacity(slots.len());
        for (nth, slot) in slots.into_iter().enumerate() {
            let now = self.clock.now();
            let rows = self.rows()?;
            let draft = rows.get(slot).ok_or_else(Fault::not_found)?.draft(width);
            let input = Input::new(self.table, self.store, self.object, now, nth);
            let mut draft = input.update(draft, data)?;
            if verb == Verb::Delete {
                draft.set(base::DELETED, Value::Time(now));
            } else {
                unique.check(self.object, rows, &draft, Some(slot))?;
            }
            changed.push((slot, Row::new(draft)));
        }
        let rows = self.store.rows_mut(self.object.id).ok_or_else(no_rows)?;
        Ok(changed.into_iter().map(|(slot, row)| rows.replace(slot, row)).collect())
    }

    fn slots(&self, extent: Extent) -> Result<Vec<Slot>, Fault> {
        let rows = self.rows()?;
        if extent == Extent::One {
            let id = self.arguments.get("id").and_then(|id| Shape::Id.read(id));
            let slot = id.and_then(|id| rows.slot(id.as_id()?));
            let slot = slot.filter(|slot| rows.get(*slot).is_some_and(|row| !row.is_deleted()));
            return Ok(vec![slot.ok_or_else(Fault::not_found)?]);
        }
        let slots = Filter::new(self.object, self.arguments.get("filter"))?.select(rows);
        if slots.len() > AFFECTED_MAX {
            let message =
                format!("Maximum number of affected records is {AFFECTED_MAX}, got {}", slots.len());
            return Err(Fault::input("TOO_MANY_RECORDS_TO_UPDATE", message));
        }
        Ok(slots)
    }

    fn rows(&self) -> Result<&Rows, Fault> {
        self.store.rows(self.object.id).ok_or_else(no_rows)
    }
}

fn no_rows() -> Fault {
    Fault::internal("the object has no records")
}

/// What the records of one request hold that no other may hold.
#[derive(Default)]
struct Unique {
    ids: HashSet<Uuid>,
    keys: HashSet<(usize, Arc<str>)>,
    pairs: HashSet<(usize, Uuid, Uuid)>,
}

impl Unique {
    /// Holds a record against those that are there and those of the same request.
    fn check(
        &mut self,
        object: &Object,
        rows: &Rows,
        draft: &Draft,
        slot: Option<Slot>,
    ) -> Result<(), Fault> {
        let id = draft.get(base::ID).as_id().unwrap_or_default();
        let taken = rows.slot(id);
        if !self.ids.insert(id) || taken.is_some() && taken != slot {
            return Err(duplicate("id"));
        }
        for (field, column) in object.unique() {
            let Value::Text(key) = draft.get(column) else { continue };
            let taken = rows.keyed(column, key).flatten();
            if !key.is_empty()
                && (taken.is_some() && taken != slot || !self.keys.insert((column, key.clone())))
            {
                return Err(duplicate(&field.name));
            }
        }
        self.once(object, rows, draft, slot)
    }

    /// A note or task has each of its targets once.
    fn once(&mut self, object: &Object, rows: &Rows, draft: &Draft, slot: Option<Slot>) -> Result<(), Fault> {
        let Some((column, id)) = object.once.and_then(|column| Some((column, draft.get(column).as_id()?)))
        else {
            return Ok(());
        };
        let targets =
            object.fields.iter().filter(|field| matches!(field.kind, Kind::ToOne { morph: true, .. }));
        for field in targets {
            let Some(target) = draft.get(field.column).as_id() else { continue };
            let mut others =
                rows.joined(column, id).into_iter().flatten().filter(|other| Some(*other) != slot);
            let same = |row: &Arc<Row>| !row.is_deleted() && row.get(field.column).as_id() == Some(target);
            if others.any(|other| rows.get(other).is_some_and(same))
                || !self.pairs.insert((field.column, id, target))
            {
                return Err(duplicate(&field.name));
            }
        }
        Ok(())
    }
}

fn duplicate(field: &str) -> Fault {
    Fault::input("DUPLICATE_ENTRY_DETECTED", format!("A duplicate entry was detected on {field}"))
}
