//! Several records made one.

use std::{collections::HashSet, sync::Arc};

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::tools::twenty::sandbox::{
    model::{
        column::Shape,
        table::{ObjectId, Table, base},
    },
    store::{row::Row, rows::Slot, tables::Store, value::Value},
};

use super::{blend::blend, erase::erase, fault::Fault, input::Input, unique::Unique, write::Write};

/// Records that one request may merge.
pub const MERGE_MAX: usize = 9;

/// What a merge comes to.
#[derive(Debug)]
pub enum Merged {
    /// The record that is left.
    Done(Arc<Row>),
    /// What would be left, and the records that it would come from.
    Preview(Arc<Row>, Arc<[Uuid]>),
}

impl Write<'_> {
    /// Gives one record what the others have, and all that points at them, and erases the others. A dry run changes
    /// nothing: it gives the record with an id of its own, and as deleted.
    ///
    /// # Errors
    /// When the object knows no duplicates, when there are too few or too many records, when one of them is not there,
    /// or when none of them is chosen to win.
    pub fn merge(self) -> Result<Merged, Fault> {
        let object = self.object;
        if object.alike.is_empty() {
            let message = format!(
                "Merge is only available for objects with duplicate criteria. Object '{}' does not have duplicate \
                 criteria defined.",
                object.singular
            );
            return Err(Fault::query(message));
        }
        let ids = self.ids()?;
        let index = self.arguments.get("conflictPriorityIndex").and_then(Json::as_i64).unwrap_or(0);
        let winner =
            usize::try_from(index).ok().and_then(|index| ids.get(index).copied()).ok_or_else(|| {
                let (count, last) = (ids.len(), ids.len().saturating_sub(1));
                let valid = format!("Valid options for {count} records: 0-{last}");
                Fault::query(format!("Invalid conflict priority '{index}'. {valid}"))
            })?;
        let rows = self.rows()?;
        let visible = |id: &Uuid| rows.find(*id).filter(|row| !row.is_deleted()).cloned();
        let all: Vec<Arc<Row>> = ids.iter().filter_map(visible).collect();
        let unlike = ids.iter().collect::<HashSet<_>>().len();
        let slot = rows.slot(winner).filter(|_| all.len() == ids.len() && unlike == ids.len());
        let (slot, choice) = slot.and_then(|slot| Some((slot, rows.get(slot)?))).ok_or_else(|| Fault {
            message: "One or more records not found".to_owned(),
            ..Fault::not_found()
        })?;
        let mut draft = blend(object, &all, choice);
        let now = self.clock.now();
        if self.arguments.get("dryRun") == Some(&Json::Bool(true)) {
            draft.set(base::ID, Value::Id(Uuid::new_v4()));
            draft.set(base::DELETED, Value::Time(now));
            return Ok(Merged::Preview(Arc::new(Row::new(draft)), ids.into()));
        }
        let input = Input::new(self.table, self.store, object, now, 0);
        let row = Row::new(input.update(draft, &Map::new())?);
        let losers = ids.into_iter().filter(|id| *id != winner);
        for loser in losers {
            adopt(self.table, self.store, object.id, loser, winner, now);
            erase(self.table, self.store, object.id, std::iter::once(loser));
        }
        let rows =
            self.store.rows_mut(object.id).ok_or_else(|| Fault::internal("the object has no records"))?;
        Ok(Merged::Done(rows.replace(slot, row)))
    }

    fn ids(&self) -> Result<Vec<Uuid>, Fault> {
        let ids = self.arguments.get("ids").and_then(Json::as_array).into_iter().flatten();
        let ids: Vec<Uuid> = ids.filter_map(|id| Shape::Id.read(id)?.as_id()).collect();
        if ids.len() < 2 {
            return Err(Fault::query("At least 2 record IDs are required for merge"));
        }
        if ids.len() > MERGE_MAX {
            return Err(Fault::query(format!("Maximum {MERGE_MAX} records can be merged at once")));
        }
        Ok(ids)
    }
}

/// Makes all that points at one record point at another; what the other has already stays, to go with the first.
fn adopt(table: &Table, store: &mut Store, object: ObjectId, from: Uuid, to: Uuid, now: i64) {
    for (source, field, _) in table.pointing(object) {
        let Some(rows) = store.rows_mut(source.id) else { continue };
        let slots: Vec<Slot> = rows.joined(field.column, from).into_iter().flatten().collect();
        let mut redundant = Vec::new();
        for slot in slots {
            let Some(row) = rows.get(slot) else { continue };
            let mut draft = row.draft(source.columns.len());
            draft.set(field.column, Value::Id(to));
            draft.set(base::UPDATED, Value::Time(now));
            if Unique::default().check(source, rows, &draft, Some(slot)).is_ok() {
                rows.replace(slot, Row::new(draft));
            } else {
                redundant.push(row.id());
            }
        }
        erase(table, store, source.id, redundant.into_iter());
    }
}
