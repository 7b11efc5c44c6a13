//! The values of a contract tool's arguments, under the names of the fields that they are for.

use super::{
    money::usual,
    records::{
        faults::Faults,
        input::data::{Input, Purpose},
        part::{Role, part},
    },
    workspace::schema::{Field, Object},
};
use crate::seam::{Given, ToolError};
use serde_json::{Map, Value, json};

/// Values for a record, in the plain form that the record engine reads.
pub struct Values<'a> {
    object: &'a Object,
    arguments: Arguments,
    faults: Faults,
}

/// The values of a call's arguments, ready to be written.
#[derive(Default)]
pub struct Arguments {
    values: Map<String, Value>,
    called: Vec<(String, &'static str)>,
}

impl<'a> From<&'a Arguments> for Input<'a> {
    fn from(arguments: &'a Arguments) -> Self {
        Self { values: &arguments.values, called: &arguments.called }
    }
}

impl<'a> Values<'a> {
    /// No values yet.
    #[must_use]
    pub fn of(object: &'a Object) -> Self {
        Self { object, arguments: Arguments::default(), faults: Faults::default() }
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

    /// As `set`, for an argument that is called otherwise than its field.
    #[must_use]
    pub fn set_as<T>(mut self, field: &str, argument: &'static str, given: impl Into<Given<T>>) -> Self
    where
        Value: From<T>,
    {
        self.call(field, argument);
        self.set(field, given)
    }

    /// The value of whatever field plays a part in this workspace; `argument` is what the tool calls it. Where a value
    /// was given and no field plays the part, `done` says so.
    #[must_use]
    pub fn part<T>(mut self, role: Role, argument: &'static str, given: impl Into<Given<T>>) -> Self
    where
        Value: From<T>,
    {
        if let Some(value) = value(given.into()) {
            match part(self.object, role) {
                Some(part) => {
                    let sub = part.part.map(|sub| format!(".{sub}")).unwrap_or_default();
                    self.call(&format!("{}{sub}", part.field.name), argument);
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
        argument: &'static str,
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
        self.call(&field.name, argument);
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
    pub fn done(self) -> Result<Arguments, ToolError> {
        self.faults.or(self.arguments)
    }

    /// What is wrong with a field, or a part of one, is told under this name.
    fn call(&mut self, place: &str, argument: &'static str) {
        if place != argument {
            self.arguments.called.push((place.to_owned(), argument));
        }
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
        match (self.arguments.values.get_mut(field), value) {
            (Some(Value::Object(there)), Value::Object(more)) => there.extend(more),
            (_, value) => {
                self.arguments.values.insert(field.to_owned(), value);
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
