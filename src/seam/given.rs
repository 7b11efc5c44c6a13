//! An argument that may be left out, be null, or have a value: the three differ where null clears.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::borrow::Cow;

/// The keyword that marks a schema in which null says something of its own; the registry takes it out again.
pub const NULL_COUNTS: &str = "x-null-counts";

/// What was given of an argument. Fields of this type want `#[serde(default)]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Given<T> {
    /// Nothing was said.
    #[default]
    Absent,
    /// It shall have no value.
    Null,
    /// It shall have this value.
    Value(T),
}

impl<T> Given<T> {
    /// The value as another type.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Given<U> {
        match self {
            Self::Absent => Given::Absent,
            Self::Null => Given::Null,
            Self::Value(value) => Given::Value(f(value)),
        }
    }
}

/// An `Option` says nothing where it is none.
impl<T> From<Option<T>> for Given<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Value)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<T>::deserialize(deserializer)?.map_or(Self::Null, Self::Value))
    }
}

impl<T: JsonSchema> JsonSchema for Given<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Given_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = generator.subschema_for::<Option<T>>();
        schema.insert(NULL_COUNTS.into(), Value::Bool(true));
        schema
    }
}

impl<T> serde::Serialize for Given<T> {
    /// As schemas show a default: there is none.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[derive(Deserialize)]
    struct Arguments {
        #[serde(default)]
        city: Given<String>,
    }

    #[test]
    fn left_out_null_and_a_value_are_told_apart() {
        let city = |given: Value| serde_json::from_value::<Arguments>(given).unwrap().city;
        assert_eq!(city(json!({})), Given::Absent);
        assert_eq!(city(json!({ "city": null })), Given::Null);
        assert_eq!(city(json!({ "city": "Paris" })), Given::Value("Paris".to_owned()));
        assert!(serde_json::from_value::<Arguments>(json!({ "city": 5 })).is_err());
    }
}
