//! Records that look like given ones.

use std::{collections::HashMap, sync::Arc};

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::tools::twenty::sandbox::{
    model::{
        column::Shape,
        table::{Object, Table, base},
    },
    store::{
        row::Row,
        rows::{Rows, Slot},
        tables::Store,
    },
};

use super::{connection::Connection, fault::Fault, find::PAGE_MAX, input::Input, order::Order};

/// A text shorter than this makes no two records alike.
const TEXT_MIN: usize = 3;

/// For each given record, by id or as it would be made at that time, those that look like it. Ids of records that are
/// not there are passed over.
///
/// # Errors
/// When neither ids nor data are given, or both, or too many of them, or data that does not fit.
pub fn duplicates(
    table: &Table,
    store: &Store,
    object: &Object,
    now: i64,
    arguments: &Map<String, Json>,
) -> Result<Vec<Connection>, Fault> {
    let rows = store.rows(object.id).ok_or_else(|| Fault::internal("the object has no records"))?;
    let list = |name: &str| arguments.get(name).and_then(Json::as_array);
    let given = match (list("ids"), list("data")) {
        (None, None) => return Err(Fault::query("You have to provide either \"data\" or \"ids\" argument")),
        (Some(_), Some(_)) => {
            return Err(Fault::query("You cannot provide both \"data\" and \"ids\" arguments"));
        }
        (None, Some(data)) if data.is_empty() => {
            let message = "The \"data\" condition can not be empty when \"ids\" input not provided";
            return Err(Fault::query(message));
        }
        (Some(list), None) | (None, Some(list)) if list.len() > PAGE_MAX => {
            let message = format!("Maximum number of records to look for is {PAGE_MAX}, got {}", list.len());
            return Err(Fault::query(message));
        }
        (Some(ids), None) => ids.iter().filter_map(|id| visible(rows, id)).map(Given::there).collect(),
        (None, Some(data)) => {
            let make = |(nth, data): (usize, &Json)| {
                let data = data.as_object().cloned().unwrap_or_default();
                let draft = Input::new(table, store, object, now, nth).create(&data)?;
                let id = draft.get(base::ID).as_id().filter(|_| data.contains_key("id"));
                Ok(Given { id, row: Arc::new(Row::new(draft)) })
            };
            data.iter().enumerate().map(make).collect::<Result<Vec<_>, Fault>>()?
        }
    };
    let order = Arc::new(Order::natural(object));
    let connection = |all: Vec<Slot>| {
        let page = all.iter().take(PAGE_MAX).filter_map(|slot| rows.get(*slot).cloned()).collect();
        let (object, order, values) = (object.id, Arc::clone(&order), Vec::new());
        Connection { object, order, values, all, page, before: false, after: false }
    };
    Ok(alike(object, rows, &given).into_iter().map(connection).collect())
}

/// A record that others may look like.
struct Given {
    /// Its id, where it has one: a record is not its own duplicate.
    id: Option<Uuid>,
    row: Arc<Row>,
}

impl Given {
    fn there(row: &Arc<Row>) -> Given {
        Given { id: Some(row.id()), row: Arc::clone(row) }
    }
}

fn visible<'a>(rows: &'a Rows, id: &Json) -> Option<&'a Arc<Row>> {
    rows.find(Shape::Id.read(id)?.as_id()?).filter(|row| !row.is_deleted())
}

/// What each of the given records looks like, found in one pass over all.
fn alike(object: &Object, rows: &Rows, given: &[Given]) -> Vec<Vec<Slot>> {
    let mut wanted: HashMap<(usize, Vec<&str>), Vec<usize>> = HashMap::new();
    for (nth, given) in given.iter().enumerate() {
        for (criterion, columns) in object.alike.iter().enumerate() {
            if let Some(texts) = texts(&given.row, columns) {
                wanted.entry((criterion, texts)).or_default().push(nth);
            }
        }
    }
    let mut found = vec![Vec::new(); given.len()];
    if wanted.is_empty() {
        return found;
    }
    for slot in rows.ordered() {
        let Some(row) = rows.get(*slot).filter(|row| !row.is_deleted()) else { continue };
        for (criterion, columns) in object.alike.iter().enumerate() {
            let nths = texts(row, columns).and_then(|texts| wanted.get(&(criterion, texts)));
            for nth in nths.into_iter().flatten() {
                let itself = given.get(*nth).is_some_and(|given| given.id == Some(row.id()));
                if let Some(slots) = found.get_mut(*nth)
                    && !itself
                    && slots.last() != Some(slot)
                {
                    slots.push(*slot);
                }
            }
        }
    }
    found
}

/// The texts of these columns, where all are long enough to mean something.
fn texts<'a>(row: &'a Row, columns: &[usize]) -> Option<Vec<&'a str>> {
    let text =
        |column: &usize| row.get(*column).as_text().filter(|text| text.chars().nth(TEXT_MIN - 1).is_some());
    columns.iter().map(text).collect()
}
