//! The values of a contract tool's arguments, under the names of the fields that they are for.

use super::{
    records::part::{Role, part},
    workspace::schema::Object,
};
use crate::seam::{Given, ToolError};
use serde_json::{Map, Value, json};

/// Values for a record, in the plain form that the record engine reads.
pub struct Values<'a> {
    object: &'a Object,
    map: Map<String, Value>,
}

impl<'a> Values<'a> {
    /// No values yet.
    #[must_use]
    pub fn of(object: &'a Object) -> Self {
        Self { object, map: Map::new() }
    }

    /// A field's value, null to clear it; nothing where nothing was given. `name.firstName` is a part of a field.
    #[must_use]
    pub fn set<T>(mut self, field: &str, given: impl Into<Given<T>>) -> Self
    where
        Value: From<T>,
    {
        if let Some(value) = value(given.into()) {
            self.put(field, value);
        }
        self
    }

    /// The value of whatever field plays a part in this workspace; `argument` is what the tool calls it.
    ///
    /// # Errors
    /// A value was given, and no field plays the part: tells the fields that there are.
    pub fn part<T>(
        mut self,
        role: Role,
        argument: &str,
        given: impl Into<Given<T>>,
    ) -> Result<Self, ToolError>
    where
        Value: From<T>,
    {
        if let Some(value) = value(given.into()) {
            let part = part(self.object, role).ok_or_else(|| self.object.no_field(argument))?;
            let (field, value) = part.write(value);
            self.put(&field, value);
        }
        Ok(self)
    }

    /// All of them.
    #[must_use]
    pub fn done(self) -> Map<String, Value> {
        self.map
    }

    fn put(&mut self, field: &str, value: Value) {
        let (field, value) = match field.split_once('.') {
            Some((field, part)) => (field, json!({ part: value })),
            None => (field, value),
        };
        match (self.map.get_mut(field), value) {
            (Some(Value::Object(there)), Value::Object(more)) => there.extend(more),
            (_, value) => {
                self.map.insert(field.to_owned(), value);
            }
        }
    }
}

fn value<T>(given: Given<T>) -> Option<Value>
where
    Value: From<T>,
{
    match given {
        Given::Absent => None,
        Given::Null => Some(Value::Null),
        Given::Value(value) => Some(value.into()),
    }
}
