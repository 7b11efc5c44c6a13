//! Records taken out for good.

use uuid::Uuid;

use crate::tools::twenty::sandbox::{
    model::table::{ObjectId, Table},
    store::{row::Row, rows::Slot, tables::Store, value::Value},
};

/// Erases records with all that cannot be without them. What merely points at them points at nothing from then on.
pub fn erase(table: &Table, store: &mut Store, object: ObjectId, ids: impl Iterator<Item = Uuid>) {
    let mut waiting: Vec<(ObjectId, Uuid)> = ids.map(|id| (object, id)).collect();
    while let Some((object, id)) = waiting.pop() {
        let Some(rows) = store.rows_mut(object) else { continue };
        let Some(slot) = rows.slot(id) else { continue };
        rows.remove(slot);
        for (source, field, cascade) in table.pointing(object) {
            let Some(rows) = store.rows_mut(source.id) else { continue };
            let slots: Vec<Slot> = rows.joined(field.column, id).into_iter().flatten().collect();
            for slot in slots {
                let Some(row) = rows.get(slot) else { continue };
                if cascade {
                    waiting.push((source.id, row.id()));
                    continue;
                }
                let mut draft = row.draft(source.columns.len());
                draft.set(field.column, Value::Null);
                rows.replace(slot, Row::new(draft));
            }
        }
    }
}
