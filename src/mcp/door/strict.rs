//! Strict JSON: an object in which no name stands twice, at any depth, and what may be taken out of it.
//!
//! `serde_json` bounds the depth (127), and refuses halves of surrogate pairs wherever it makes text of them.

use super::Fault;
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value, map::Entry};
use std::fmt;

/// The longest name that an error repeats, in characters.
const SHOWN: usize = 100;

/// The most members that are looked up one by one while they are read: of few, that costs less than a hash of each.
const FEW: usize = 16;

/// The members of a JSON object, each once. A member that is null counts as absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::mcp) struct Members(Vec<(String, Value)>);

impl Members {
    /// Reads an object. Look for the brace before: this is for texts that are well-formed JSON.
    ///
    /// # Errors
    /// It is no object, a name stands twice, it is too deep, a number is too large, a text is no Unicode.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        match serde_json::from_str::<Strict>(text) {
            Ok(Strict(Value::Object(members))) => Ok(members.into()),
            Ok(_) => Err("must be an object".into()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Whether there is such a member.
    pub(in crate::mcp) fn has(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| !value.is_null())
    }

    /// A text, left where it is; none where the member is no text.
    pub(super) fn peek(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Takes a member as it is.
    pub(in crate::mcp) fn take(&mut self, name: &str) -> Option<Value> {
        let at = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.swap_remove(at).1).filter(|value| !value.is_null())
    }

    /// Takes a text.
    ///
    /// # Errors
    /// The member is something else.
    pub(in crate::mcp) fn text(&mut self, name: &str) -> Result<Option<String>, Fault> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Fault::params(format!("`{name}` must be a string"))),
        }
    }

    /// Takes a text that must be there.
    ///
    /// # Errors
    /// The member is missing or something else.
    pub(in crate::mcp) fn needed_text(&mut self, name: &str) -> Result<String, Fault> {
        self.text(name)?.ok_or_else(|| missing(name))
    }

    /// Takes an object's members; none where there is no such member.
    ///
    /// # Errors
    /// The member is something else.
    pub(in crate::mcp) fn object(&mut self, name: &str) -> Result<Option<Map<String, Value>>, Fault> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Object(members)) => Ok(Some(members)),
            Some(_) => Err(Fault::params(format!("`{name}` must be an object"))),
        }
    }

    /// Takes an object's members; it must be there.
    ///
    /// # Errors
    /// The member is missing or something else.
    pub(in crate::mcp) fn needed_object(&mut self, name: &str) -> Result<Map<String, Value>, Fault> {
        self.object(name)?.ok_or_else(|| missing(name))
    }
}

impl From<Map<String, Value>> for Members {
    fn from(members: Map<String, Value>) -> Self {
        Self(members.into_iter().collect())
    }
}

/// Parameters as nearly all are, read at once: few members, of which `_meta`, where it is there, is an object of few.
/// Where this fails they may be good all the same: [`Members::read`] tells.
#[derive(Debug, Default)]
pub(super) struct Plain {
    /// All but `_meta`.
    pub(super) rest: Members,
    pub(super) meta: Option<Members>,
}

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut all = Self::default();
        let Few(rest) = deserializer.deserialize_map(FewReader(Some(&mut all.meta)))?;
        Ok(Self { rest, ..all })
    }
}

/// Few members.
struct Few(Members);

impl<'de> Deserialize<'de> for Few {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FewReader(None))
    }
}

/// Reads few members; `_meta` goes where it is wanted apart.
struct FewReader<'a>(Option<&'a mut Option<Members>>);

impl<'de> Visitor<'de> for FewReader<'_> {
    type Value = Few;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Few, A::Error> {
        let (mut few, mut apart) = (Vec::with_capacity(4), self.0);
        while let Some(name) = members.next_key::<String>()? {
            if few.len() == FEW || few.iter().any(|(known, _)| *known == name) {
                return Err(A::Error::custom("not few, or one twice"));
            }
            match &mut apart {
                Some(meta) if name == "_meta" => {
                    let Few(read) = members.next_value()?;
                    if meta.replace(read).is_some() {
                        return Err(A::Error::custom("one twice"));
                    }
                }
                _ => {
                    let Strict(value) = members.next_value()?;
                    few.push((name, value));
                }
            }
        }
        Ok(Few(Members(few)))
    }
}

impl From<Members> for Map<String, Value> {
    fn from(members: Members) -> Self {
        members.0.into_iter().collect()
    }
}

fn missing(name: &str) -> Fault {
    Fault::params(format!("`{name}` is missing"))
}

/// Whether no name stands twice in a text of well-formed JSON, which may be no object.
pub(super) fn is_strict(text: &str) -> bool {
    serde_json::from_str::<Strict>(text).is_ok()
}

/// A value that refuses names that stand twice, where `Value` keeps the last of them in silence.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            match object.entry(name) {
                Entry::Vacant(free) => {
                    let Strict(value) = members.next_value()?;
                    free.insert(value);
                }
                Entry::Occupied(taken) => {
                    let name: String = taken.key().chars().take(SHOWN).collect();
                    return Err(A::Error::custom(format_args!("the name `{name}` stands twice")));
                }
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_strict_object_is_read_as_any_other() {
        let text = r#"{"a": [1, -2, 2.5, true, null, "é"], "b": {"c": {}}}"#;
        let mut read = Members::read(text).unwrap();
        let members = Value::Object(read.0.iter().cloned().collect());
        assert_eq!(members, serde_json::from_str::<Value>(text).unwrap());
        assert_eq!(read.take("b"), Some(json!({ "c": {} })));
        assert_eq!(read.take("b"), None);
    }

    #[test]
    fn names_stand_once_at_any_depth_however_they_are_written() {
        for text in [
            r#"{"a": 1, "a": 1}"#,
            r#"{"a": 1, "\u0061": 1}"#,
            r#"{"x": [{"y": {"a": 1, "b": 2, "a": 3}}]}"#,
            r#"{"": 1, "": 2}"#,
        ] {
            assert!(Members::read(text).unwrap_err().contains("stands twice"), "{text}");
        }
        let long = format!(r#"{{"{0}": 1, "{0}": 2}}"#, "x".repeat(1000));
        assert!(Members::read(&long).unwrap_err().len() < 200);
    }

    #[test]
    fn depth_numbers_and_text_are_bounded() {
        let deep = |levels: usize| format!(r#"{{"a": {}{}}}"#, "[".repeat(levels), "]".repeat(levels));
        assert!(Members::read(&deep(126)).is_ok());
        for text in [&deep(127), &deep(100_000), r#"{"a": 1e400}"#, r#"{"a": "\ud800"}"#, r#"{"\udc00": 1}"#]
        {
            assert!(Members::read(text).is_err(), "{text:.40}");
        }
        for other in ["[1]", "1", "\"a\"", "null", "true"] {
            assert_eq!(Members::read(other).unwrap_err(), "must be an object");
        }
    }

    #[test]
    fn null_is_absent_and_another_type_is_a_fault() {
        let mut read = Members::read(r#"{"n": null, "t": "x", "o": {}, "i": 7}"#).unwrap();
        assert_eq!(read.text("n").unwrap(), None);
        assert!(read.clone().needed_text("n").is_err() && read.clone().needed_object("t").is_err());
        assert_eq!(read.needed_text("t").unwrap(), "x");
        assert_eq!(read.object("o").unwrap(), Some(Map::new()));
        assert!(read.text("i").is_err());
    }
}
