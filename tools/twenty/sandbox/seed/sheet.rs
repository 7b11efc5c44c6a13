//! Rows written column by column, straight into the store.

use std::{collections::HashMap, sync::Arc};

use serde_json::Value as Json;
use uuid::Uuid;

use crate::tools::twenty::sandbox::{
    engine::words,
    model::{
        casing::camel,
        column::Shape,
        table::{Object, Table, base},
    },
    store::{
        row::{Draft, Row},
        tables::Store,
        value::Value,
    },
};

/// An object whose rows are being written.
pub struct Sheet<'a> {
    object: &'a Object,
    columns: HashMap<&'a str, usize>,
    count: usize,
}

impl<'a> Sheet<'a> {
    /// The sheet of an object; nothing where the profile has no such object.
    pub fn new(table: &'a Table, singular: &str) -> Option<Sheet<'a>> {
        let object = table.named(singular)?;
        let columns =
            object.columns.iter().enumerate().map(|(at, column)| (column.name.as_str(), at)).collect();
        Some(Sheet { object, columns, count: 0 })
    }

    /// A new row.
    pub fn entry(&mut self, id: Uuid, created: i64) -> Entry<'_, 'a> {
        let draft = Draft::new(self.object.columns.len());
        let position = self.count as f64;
        self.count += 1;
        let entry = Entry { sheet: self, draft };
        entry.id("id", id).time("createdAt", created).time("updatedAt", created).number("position", position)
    }
}

/// A row that is being written. A column that the profile does not have is passed over.
pub struct Entry<'s, 'a> {
    sheet: &'s Sheet<'a>,
    draft: Draft,
}

impl Entry<'_, '_> {
    /// Writes an id.
    pub fn id(self, column: &str, id: Uuid) -> Self {
        self.set(column, Value::Id(id))
    }

    /// Writes an id where there is one.
    pub fn maybe(self, column: &str, id: Option<Uuid>) -> Self {
        match id {
            Some(id) => self.id(column, id),
            None => self,
        }
    }

    /// Points at a record of that type: `targetPersonId`, or `personId` in the legacy profile.
    pub fn target(self, type_name: &str, id: Uuid) -> Self {
        let (current, legacy) = (format!("target{type_name}Id"), format!("{}Id", camel(type_name)));
        let column = if self.sheet.columns.contains_key(current.as_str()) { current } else { legacy };
        self.id(&column, id)
    }

    /// Writes text.
    pub fn text(self, column: &str, text: impl Into<Arc<str>>) -> Self {
        self.set(column, Value::Text(text.into()))
    }

    /// Writes a number.
    pub fn number(self, column: &str, number: f64) -> Self {
        self.set(column, Value::Number(number))
    }

    /// Writes a moment.
    pub fn time(self, column: &str, millis: i64) -> Self {
        self.set(column, Value::Time(millis))
    }

    /// Writes yes or no.
    pub fn flag(self, column: &str, yes: bool) -> Self {
        self.set(column, Value::Bool(yes))
    }

    /// Writes an option.
    pub fn choice(self, column: &str, option: &str) -> Self {
        let shape = self.sheet.columns.get(column).and_then(|at| self.sheet.object.shape(*at));
        let place = match shape {
            Some(Shape::Choice(options)) => options.iter().position(|one| one.as_ref() == option),
            _ => None,
        };
        match place.and_then(|place| u16::try_from(place).ok()) {
            Some(place) => self.set(column, Value::Choice(place)),
            None => self,
        }
    }

    /// Writes JSON.
    pub fn json(self, column: &str, json: Arc<Json>) -> Self {
        self.set(column, Value::Json(json))
    }

    /// Says where the row came from, and who wrote it.
    pub fn by(self, source: &str, author: &(Uuid, Arc<str>)) -> Self {
        let row = self.choice("createdBy.source", source).choice("updatedBy.source", source);
        let row = row.id("createdBy.workspaceMemberId", author.0).text("createdBy.name", author.1.clone());
        row.id("updatedBy.workspaceMemberId", author.0).text("updatedBy.name", author.1.clone())
    }

    /// Says that the workspace wrote the row by itself. Most rows are such, and hold no more than that.
    pub fn made(self, source: &str, author: &(Uuid, Arc<str>)) -> Self {
        self.choice("createdBy.source", source).text("createdBy.name", author.1.clone())
    }

    /// Hides the row.
    pub fn deleted(self, at: i64) -> Self {
        self.time("deletedAt", at)
    }

    /// Puts the row into the store.
    pub fn save(mut self, store: &mut Store) -> Uuid {
        let object = self.sheet.object;
        self.draft.set(object.words, words::of(object, &self.draft));
        let id = self.draft.get(base::ID).as_id().unwrap_or_default();
        if let Some(rows) = store.rows_mut(object.id) {
            rows.insert(Row::new(self.draft));
        }
        id
    }

    fn set(mut self, column: &str, value: Value) -> Self {
        if let Some(at) = self.sheet.columns.get(column) {
            self.draft.set(*at, value);
        }
        self
    }
}
