//! The values of a contract tool's arguments, under the names of the fields that they are for.

use super::{
    money::usual,
    records::{
        faults::Faults,
        input::data::Purpose,
        part::{Role, part},
    },
    workspace::schema::{Field, Object},
};
use crate::seam::{Given, ToolError};
use serde_json::{Map, Value, json};

/// Values for a record, in the plain form that the record engine reads.
pub struct Values<'a> {
    object: &'a Object,
    map: Map<String, Value>,
    faults: Faults,
}

impl<'a> Values<'a> {
    /// No values yet.
    #[must_use]
    pub fn of(object: &'a Object) -> Self {
        Self { object, map: Map::new(), faults: Faults::default() }
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

    /// The value of whatever field plays a part in this workspace; `argument` is what the tool calls it. Where a value
    /// was given and no field plays the part, `done` says so.
    #[must_use]
    pub fn part<T>(mut self, role: Role, argument: &str, given: impl Into<Given<T>>) -> Self
    where
        Value: From<T>,
    {
        if let Some(value) = value(given.into()) {
            match part(self.object, role) {
                Some(part) => {
                    let (field, value) = part.write(value);
                    self.put(&field, value);
                }
                None => self.no_field(argument),
            }
        }
        self
    }

    /// An amount of money for a field, null to clear it. Without a currency a new record gets the field's usual one, and
    /// a record that is there keeps its own.
    #[must_use]
    pub fn money<T>(
        mut self,
        argument: &str,
        field: Option<&Field>,
        given: Given<T>,
        currency: Option<&str>,
        purpose: Purpose,
    ) -> Self
    where
        Value: From<T>,
    {
        let Some(amount) = value(given) else { return self };
        let Some(field) = field else {
            self.no_field(argument);
            return self;
        };
        let mut money = Map::from_iter([("amount".to_owned(), amount)]);
        let usual = || (purpose == Purpose::Create).then(|| usual(field));
        money.extend(
            currency.map(str::to_owned).or_else(usual).map(|code| ("currency".to_owned(), code.into())),
        );
        let cleared = money.get("amount").is_some_and(Value::is_null);
        self.put(&field.name, if cleared { Value::Null } else { Value::Object(money) });
        self
    }

    /// All of them.
    ///
    /// # Errors
    /// A value was given for what this workspace has no field for: tells the fields that there are.
    pub fn done(self) -> Result<Map<String, Value>, ToolError> {
        self.faults.or(self.map)
    }

    fn no_field(&mut self, argument: &str) {
        let object = self.object;
        let what = format_args!("`{}` has no field `{argument}` in this workspace", object.singular);
        self.faults.unknown("", what, argument, &object.writable());
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
