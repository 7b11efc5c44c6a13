//! What no two records may share: ids, unique fields, the targets of a note.

use std::{collections::HashSet, sync::Arc};

use uuid::Uuid;

use crate::tools::twenty::sandbox::{
    model::table::{Field, Kind, Object, base},
    store::{
        row::{Draft, Row},
        rows::{Rows, Slot},
        value::Value,
    },
};

use super::fault::Fault;

/// What the records of one request hold that no other may hold.
#[derive(Debug, Default)]
pub struct Unique {
    ids: HashSet<Uuid>,
    keys: HashSet<(usize, Arc<str>)>,
    pairs: HashSet<(usize, Uuid, Uuid)>,
}

impl Unique {
    /// Holds a record against those that are there, but for the one in that slot, and those of the same request.
    ///
    /// # Errors
    /// When it holds what another one holds.
    pub fn check(
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
        for pair in pairs(object, draft) {
            let visible = |other: &Slot| rows.get(*other).is_some_and(|row| !row.is_deleted());
            let taken = pair.found(rows).any(|other| Some(other) != slot && visible(&other));
            if taken || !self.pairs.insert((pair.field.column, pair.of, pair.target)) {
                return Err(duplicate(&pair.field.name));
            }
        }
        Ok(())
    }
}

/// The records, deleted or not, that hold what a draft must not share with them, and what that is.
pub fn matching(object: &Object, rows: &Rows, draft: &Draft) -> Vec<(Slot, String)> {
    let id = draft.get(base::ID).as_id();
    let by_id = id.and_then(|id| Some((rows.slot(id)?, format!("id: {id}"))));
    let by_key = object.unique().filter_map(|(_, column)| {
        let key = draft.get(column).as_text().filter(|key| !key.is_empty())?;
        let name = object.columns.get(column).map_or("", |column| &column.name);
        Some((rows.keyed(column, key)??, format!("{name}: {key}")))
    });
    let by_pair = pairs(object, draft).filter_map(|pair| {
        // A target that is there counts before one that was deleted.
        let deleted = |slot: &Slot| rows.get(*slot).is_some_and(|row| row.is_deleted());
        let slot = pair.found(rows).min_by_key(deleted)?;
        Some((slot, format!("{}Id: {}", pair.field.name, pair.target)))
    });
    by_id.into_iter().chain(by_key).chain(by_pair).collect()
}

/// A note or task with one of its targets.
struct Pair<'a> {
    column: usize,
    of: Uuid,
    field: &'a Field,
    target: Uuid,
}

impl Pair<'_> {
    /// The records that hold it.
    fn found(&self, rows: &Rows) -> impl Iterator<Item = Slot> {
        let same = |row: &Arc<Row>| row.get(self.field.column).as_id() == Some(self.target);
        let all = rows.joined(self.column, self.of).into_iter().flatten();
        all.filter(move |slot| rows.get(*slot).is_some_and(same))
    }
}

fn pairs<'a>(object: &'a Object, draft: &Draft) -> impl Iterator<Item = Pair<'a>> {
    let once = object.once.and_then(|column| Some((column, draft.get(column).as_id()?)));
    once.into_iter().flat_map(move |(column, of)| {
        let morphs =
            object.fields.iter().filter(|field| matches!(field.kind, Kind::ToOne { morph: true, .. }));
        morphs.filter_map(move |field| {
            let target = draft.get(field.column).as_id()?;
            Some(Pair { column, of, field, target })
        })
    })
}

fn duplicate(field: &str) -> Fault {
    Fault::input("DUPLICATE_ENTRY_DETECTED", format!("A duplicate entry was detected on {field}"))
}
