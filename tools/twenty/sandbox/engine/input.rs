//! From the data of a mutation to the columns of a row.

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::tools::twenty::sandbox::{
    model::{
        composite::Composite,
        table::{Field, Kind, Object, ObjectId, Plain, Table, base},
        timeline::TimelineType,
    },
    store::{row::Draft, tables::Store, value::Value},
};

use super::{fault::Fault, rich_text, words};

/// Who writes: an API key of that name.
const AUTHOR: &str = "Sandbox";

/// Writes data into drafts of one object.
pub struct Input<'a> {
    table: &'a Table,
    store: &'a Store,
    object: &'a Object,
    now: i64,
    /// Which of the records that one request makes; they must not share a position.
    nth: f64,
}

impl<'a> Input<'a> {
    /// For the nth record of this object that one request writes, at this time.
    pub fn new(table: &'a Table, store: &'a Store, object: &'a Object, now: i64, nth: usize) -> Input<'a> {
        Input { table, store, object, now, nth: nth as f64 }
    }

    /// A new record.
    ///
    /// # Errors
    /// When the data does not fit the fields, or points at records that are not there.
    pub fn create(&self, data: &Map<String, Json>) -> Result<Draft, Fault> {
        let mut draft = Draft::new(self.object.columns.len());
        self.defaults(&mut draft);
        draft.set(self.object.position, self.edge("first"));
        self.fill(&mut draft, data)?;
        if draft.get(base::ID).is_null() {
            draft.set(base::ID, Value::Id(Uuid::new_v4()));
        }
        for column in [base::CREATED, base::UPDATED] {
            if draft.get(column).is_null() {
                draft.set(column, Value::Time(self.now));
            }
        }
        for actor in [Some(base::CREATED_BY), self.object.updated_by].into_iter().flatten() {
            self.sign(&mut draft, actor);
        }
        self.snapshot(&mut draft);
        Ok(draft)
    }

    /// Other values for a record.
    ///
    /// # Errors
    /// As for a new record; also when the id would change.
    pub fn update(&self, mut draft: Draft, data: &Map<String, Json>) -> Result<Draft, Fault> {
        let id = draft.get(base::ID).clone();
        draft.set(base::UPDATED, Value::Time(self.now));
        if let Some(actor) = self.object.updated_by {
            for column in actor..actor + 4 {
                draft.set(column, Value::Null);
            }
            self.sign(&mut draft, actor);
        }
        self.fill(&mut draft, data)?;
        if *draft.get(base::ID) != id {
            return Err(Fault::input("INVALID_ARGS_DATA", "The id of a record cannot be changed"));
        }
        Ok(draft)
    }

    /// The position before or after all records, and before or after those of the same request.
    fn edge(&self, edge: &str) -> Value {
        let Some(rows) = self.store.rows(self.object.id) else { return Value::Null };
        Value::Number(if edge == "last" {
            rows.last_position() + self.nth
        } else {
            rows.first_position() - self.nth
        })
    }

    fn defaults(&self, draft: &mut Draft) {
        for field in &self.object.fields {
            let value = match (&field.kind, field.default.as_deref()) {
                (Kind::Select(options), Some(default)) => {
                    let place = options.iter().position(|option| option.as_ref() == default);
                    place.and_then(|place| u16::try_from(place).ok()).map(Value::Choice)
                }
                (Kind::Plain(Plain::Boolean), Some(default)) => Some(Value::Bool(default == "true")),
                (Kind::Plain(Plain::DateTime), Some("now")) if !field.base => Some(Value::Time(self.now)),
                _ => None,
            };
            if let Some(value) = value {
                draft.set(field.column, value);
            }
        }
    }

    fn sign(&self, draft: &mut Draft, actor: usize) {
        if draft.get(actor).is_null()
            && let Some(source) = self.object.shape(actor).and_then(|shape| shape.read(&Json::from("API")))
        {
            draft.set(actor, source);
        }
        if draft.get(actor + 2).is_null() {
            draft.set(actor + 2, Value::text(AUTHOR));
        }
    }

    /// An activity keeps what its kind was when it happened.
    fn snapshot(&self, draft: &mut Draft) {
        let column = |name: &str| self.object.field(name).map(|field| field.column);
        if let (Some(kind), Some(snapshot)) =
            (column("timelineActivityTypeId"), column("timelineActivityTypeSnapshot"))
            && let Some(kind) = draft.get(kind).as_id().and_then(TimelineType::find)
        {
            draft.set(snapshot, Value::Json(kind.snapshot().into()));
        }
    }

    fn fill(&self, draft: &mut Draft, data: &Map<String, Json>) -> Result<(), Fault> {
        for (name, json) in data {
            if let Some(field) = self.object.joined(name) {
                self.join(draft, field, json)?;
                continue;
            }
            let field = self.object.field(name).ok_or_else(|| wrong(name))?;
            match (&field.kind, json) {
                (Kind::ToOne { target, .. }, Json::Object(map)) => {
                    self.connect(draft, field, *target, map)?
                }
                (Kind::ToOne { .. } | Kind::ToMany { .. }, _) => {}
                (Kind::Composite(composite), Json::Object(map)) => {
                    self.composite(draft, field, composite, map)?
                }
                (Kind::Composite(_), _) => field.columns().for_each(|column| draft.set(column, Value::Null)),
                (Kind::Plain(Plain::Position), Json::String(edge)) => {
                    draft.set(field.column, self.edge(edge))
                }
                _ => self.column(draft, field.column, name, json)?,
            }
        }
        draft.set(self.object.words, words::of(self.object, draft));
        Ok(())
    }

    fn column(&self, draft: &mut Draft, column: usize, name: &str, json: &Json) -> Result<(), Fault> {
        let value =
            self.object.shape(column).and_then(|shape| shape.read(json)).ok_or_else(|| wrong(name))?;
        draft.set(column, value);
        Ok(())
    }

    fn composite(
        &self,
        draft: &mut Draft,
        field: &Field,
        composite: &Composite,
        map: &Map<String, Json>,
    ) -> Result<(), Fault> {
        for (name, json) in map {
            let (at, _) = composite.part(name).ok_or_else(|| wrong(name))?;
            self.column(draft, field.column + at, &format!("{}.{name}", field.name), json)?;
        }
        if composite.kind == "RICH_TEXT" {
            let text = |name: &str| map.get(name).and_then(Json::as_str);
            match (text("markdown"), text("blocknote")) {
                (Some(_), None) => draft.set(field.column, Value::Null),
                (None, Some(blocks)) => {
                    draft.set(field.column + 1, rich_text::markdown(blocks).map_or(Value::Null, Value::text));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn join(&self, draft: &mut Draft, field: &Field, json: &Json) -> Result<(), Fault> {
        self.column(draft, field.column, &format!("{}Id", field.name), json)?;
        let Kind::ToOne { target, .. } = &field.kind else { return Ok(()) };
        match draft.get(field.column).as_id() {
            Some(id) if self.store.rows(*target).and_then(|rows| rows.find(id)).is_none() => {
                let message = format!("{}Id points at a record that does not exist: {id}", field.name);
                Err(Fault::input("INVALID_ARGS_DATA", message))
            }
            _ => Ok(()),
        }
    }

    fn connect(
        &self,
        draft: &mut Draft,
        field: &Field,
        target: ObjectId,
        map: &Map<String, Json>,
    ) -> Result<(), Fault> {
        if map.get("disconnect") == Some(&Json::Bool(true)) {
            draft.set(field.column, Value::Null);
            return Ok(());
        }
        let Some(connect) = map.get("connect").filter(|connect| !connect.is_null()) else { return Ok(()) };
        let unclear = || {
            Fault::input(
                "CONNECT_UNIQUE_CONSTRAINT_ERROR",
                "Missing required fields: at least one unique constraint have to be fully populated for connect.",
            )
        };
        let key = connect
            .get("where")
            .and_then(Json::as_object)
            .into_iter()
            .flatten()
            .find(|(_, json)| !json.is_null());
        let (name, json) = key.ok_or_else(unclear)?;
        let object = self.table.get(target).ok_or_else(unclear)?;
        let rows = self.store.rows(target).ok_or_else(unclear)?;
        let key = object.field(name).ok_or_else(unclear)?;
        let json = match &key.kind {
            Kind::Composite(composite) => {
                composite.key().and_then(|(_, part)| json.get(part.name)).ok_or_else(unclear)?
            }
            _ => json,
        };
        let value = object.shape(key.key_column()).and_then(|shape| shape.read(json)).ok_or_else(unclear)?;
        let row = match &value {
            Value::Id(id) => rows.find(*id),
            Value::Text(text) => rows.keyed(key.key_column(), text).flatten().and_then(|slot| rows.get(slot)),
            _ => return Err(unclear()),
        };
        let miss = || {
            let message = format!("Expected 1 record to connect to {}, but found 0.", field.name);
            Fault::input("CONNECT_RECORD_NOT_FOUND", message)
        };
        let row = row.filter(|row| !row.is_deleted()).ok_or_else(miss)?;
        draft.set(field.column, Value::Id(row.id()));
        Ok(())
    }
}

fn wrong(name: &str) -> Fault {
    Fault::input("INVALID_ARGS_DATA", format!("Invalid value for field \"{name}\""))
}
