//! Records that are made where there are none like them, and changed where there are.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::tools::twenty::sandbox::{
    model::table::base,
    store::{
        row::{Draft, Row},
        rows::Slot,
        value::Value,
    },
};

use super::{fault::Fault, input::Input, unique::matching, write::Write};

impl Write<'_> {
    /// Changes the records that have the same id or hold the same unique values, deleted ones too, which then are back;
    /// makes the others. As in Twenty, the answer has those that were there first.
    pub(super) fn upsert(&mut self, data: &[Json]) -> Result<Vec<Arc<Row>>, Fault> {
        let nothing = Map::new();
        let (mut changed, mut new): (Vec<(Slot, Draft)>, Vec<Draft>) = (Vec::new(), Vec::new());
        for (nth, data) in data.iter().enumerate() {
            let data = data.as_object().unwrap_or(&nothing);
            let input = Input::new(self.table, self.store, self.object, self.clock.now(), nth);
            let draft = input.create(data)?;
            let Some(slot) = one(&matching(self.object, self.rows()?, &draft))? else {
                new.push(draft);
                continue;
            };
            // Data for one record twice: the later is written over the earlier.
            let earlier = changed.iter().position(|(other, _)| *other == slot);
            let old = match earlier {
                Some(at) => changed.remove(at).1,
                None => self.draft(slot)?,
            };
            let kept = data.iter().filter(|(name, _)| !matches!(name.as_str(), "id" | "createdBy"));
            let mut draft =
                input.update(old, &kept.map(|(name, json)| (name.clone(), json.clone())).collect())?;
            draft.set(base::DELETED, Value::Null);
            changed.push((slot, draft));
        }
        self.put(changed, new)
    }
}

/// The one record that is meant.
fn one(matches: &[(Slot, String)]) -> Result<Option<Slot>, Fault> {
    let Some((slot, _)) = matches.first() else { return Ok(None) };
    if matches.iter().all(|(other, _)| other == slot) {
        return Ok(Some(*slot));
    }
    let values: Vec<&str> = matches.iter().map(|(_, value)| value.as_str()).collect();
    let message = format!(
        "Multiple records found with the same unique field values for {}. Cannot determine which record to update.",
        values.join("; ")
    );
    Err(Fault::input("UPSERT_MULTIPLE_MATCHING_RECORDS_CONFLICT", message))
}
