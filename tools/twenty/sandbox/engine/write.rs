//! Changes of records: all of a request, or nothing.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::tools::twenty::sandbox::{
    model::{
        column::Shape,
        table::{Object, Table, base},
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
    erase::erase,
    fault::Fault,
    filter::{Among, Filter},
    input::Input,
    resolver::{Extent, Verb},
    unique::Unique,
};

/// Records that one request may create.
pub const CREATE_MAX: usize = 60;
/// Records that one request may update, delete, restore or destroy.
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

impl<'a> Write<'a> {
    /// Makes the change, and gives the records as they are then.
    ///
    /// # Errors
    /// When something is wrong with any of the records; then none is changed.
    pub fn run(mut self, verb: Verb, extent: Extent) -> Result<Vec<Arc<Row>>, Fault> {
        match verb {
            Verb::Create if self.arguments.get("upsert") == Some(&Json::Bool(true)) => {
                let data = self.data(extent)?;
                self.upsert(data)
            }
            Verb::Create => self.create(extent),
            Verb::Update | Verb::Delete | Verb::Restore => self.change(verb, extent),
            Verb::Destroy => self.destroy(extent),
        }
    }

    fn create(&mut self, extent: Extent) -> Result<Vec<Arc<Row>>, Fault> {
        let nothing = Map::new();
        let draft = |(nth, data): (usize, &Json)| {
            let input = Input::new(self.table, self.store, self.object, self.clock.now(), nth);
            input.create(data.as_object().unwrap_or(&nothing))
        };
        let new = self.data(extent)?.iter().enumerate().map(draft).collect::<Result<Vec<_>, _>>()?;
        self.put(Vec::new(), new)
    }

    fn change(&mut self, verb: Verb, extent: Extent) -> Result<Vec<Arc<Row>>, Fault> {
        let among = if verb == Verb::Restore { Some(Among::Deleted) } else { None };
        let slots = self.slots(extent, among)?;
        let nothing = Map::new();
        let data = self.arguments.get("data").and_then(Json::as_object).unwrap_or(&nothing);
        let mut changed = Vec::with_capacity(slots.len());
        for (nth, slot) in slots.into_iter().enumerate() {
            let now = self.clock.now();
            let input = Input::new(self.table, self.store, self.object, now, nth);
            let mut draft = input.update(self.draft(slot)?, data)?;
            match verb {
                Verb::Delete => draft.set(base::DELETED, Value::Time(now)),
                Verb::Restore => draft.set(base::DELETED, Value::Null),
                _ => {}
            }
            changed.push((slot, draft));
        }
        self.put(changed, Vec::new())
    }

    fn destroy(&mut self, extent: Extent) -> Result<Vec<Arc<Row>>, Fault> {
        let slots = self.slots(extent, Some(Among::All))?;
        let rows = self.rows()?;
        let gone: Vec<Arc<Row>> = slots.iter().filter_map(|slot| rows.get(*slot).cloned()).collect();
        erase(self.table, self.store, self.object.id, gone.iter().map(|row| row.id()));
        Ok(gone)
    }

    /// Writes what was changed and what is new, in that order, unless any of it is there already.
    pub(super) fn put(
        &mut self,
        changed: Vec<(Slot, Draft)>,
        new: Vec<Draft>,
    ) -> Result<Vec<Arc<Row>>, Fault> {
        let mut unique = Unique::default();
        let all = changed.iter().map(|(slot, draft)| (Some(*slot), draft));
        for (slot, draft) in all.chain(new.iter().map(|draft| (None, draft))) {
            unique.check(self.object, self.rows()?, draft, slot)?;
        }
        let rows = self.store.rows_mut(self.object.id).ok_or_else(no_rows)?;
        let mut written = Vec::with_capacity(changed.len() + new.len());
        written.extend(changed.into_iter().map(|(slot, draft)| rows.replace(slot, Row::new(draft))));
        written.extend(new.into_iter().map(|draft| rows.insert(Row::new(draft))));
        Ok(written)
    }

    fn data(&self, extent: Extent) -> Result<&'a [Json], Fault> {
        let data = match (extent, self.arguments.get("data")) {
            (Extent::Many, Some(Json::Array(list))) => list.as_slice(),
            (_, Some(one)) => std::slice::from_ref(one),
            (_, None) => &[],
        };
        if data.len() > CREATE_MAX {
            let message = format!("Maximum number of records to create is {CREATE_MAX}, got {}", data.len());
            return Err(Fault::input("INVALID_ARGS_DATA", message));
        }
        Ok(data)
    }

    /// The records that the arguments mean; among others than the filter itself would look at, where that is said.
    fn slots(&self, extent: Extent, among: Option<Among>) -> Result<Vec<Slot>, Fault> {
        let rows = self.rows()?;
        if extent == Extent::One {
            let among = among.unwrap_or(Among::Visible);
            let id = self.arguments.get("id").and_then(|id| Shape::Id.read(id));
            let slot = id.and_then(|id| rows.slot(id.as_id()?));
            let slot = slot.filter(|slot| rows.get(*slot).is_some_and(|row| among.has(row)));
            return Ok(vec![slot.ok_or_else(Fault::not_found)?]);
        }
        let filter = Filter::new(self.object, self.arguments.get("filter"))?;
        let slots = match among {
            Some(among) => filter.among(among).select(rows),
            None => filter.select(rows),
        };
        if slots.len() > AFFECTED_MAX {
            let message =
                format!("Maximum number of affected records is {AFFECTED_MAX}, got {}", slots.len());
            return Err(Fault::input("TOO_MANY_RECORDS_TO_UPDATE", message));
        }
        Ok(slots)
    }

    /// The record in a slot, to be changed.
    pub(super) fn draft(&self, slot: Slot) -> Result<Draft, Fault> {
        let row = self.rows()?.get(slot).ok_or_else(Fault::not_found)?;
        Ok(row.draft(self.object.columns.len()))
    }

    pub(super) fn rows(&self) -> Result<&Rows, Fault> {
        self.store.rows(self.object.id).ok_or_else(no_rows)
    }
}

fn no_rows() -> Fault {
    Fault::internal("the object has no records")
}
