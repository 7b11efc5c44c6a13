//! The configuration as a tree: every value and every key with its place.

use super::place::Place;
use serde_json::Value as Json;
use std::fmt;

/// A value, where it stands and what it came from.
#[derive(Clone)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where it is used.
    pub at: Place,
    /// Where it is written: differs from `at` behind an alias.
    pub written: Place,
    /// The scalar as written, for a setting that wants text (`1.10`, `007`).
    pub text: Option<String>,
    /// What stood in for `${…}`, in order: `$TOKEN`, `/run/secrets/key`.
    pub via: Vec<String>,
    /// Whether its `${…}` are left alone, so that nothing can be said of its value.
    pub open: bool,
}

/// What YAML can hold.
#[derive(Clone)]
pub enum Value {
    /// Nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(serde_json::Number),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A map, in the order of the file.
    Map(Vec<(Key, Node)>),
}

/// A key and where it is written.
#[derive(Clone)]
pub struct Key {
    /// The key.
    pub name: String,
    /// Where it is written.
    pub at: Place,
}

impl Node {
    /// A value that is used where it is written.
    #[must_use]
    pub const fn new(value: Value, at: Place) -> Self {
        Self { value, at, written: at, text: None, via: Vec::new(), open: false }
    }

    /// The scalar that a flag or a variable gives: the schema decides what it is.
    #[must_use]
    pub fn word(text: &str, at: Place) -> Self {
        let value = match scalar(text) {
            Value::Null => Value::Text(text.into()),
            value => value,
        };
        Self { text: Some(text.into()), ..Self::new(value, at) }
    }

    /// The child that a path's segment names.
    #[must_use]
    pub fn child(&self, segment: &str) -> Option<&Self> {
        match &self.value {
            Value::Map(entries) => entries.iter().find(|(key, _)| key.name == segment).map(|(_, node)| node),
            Value::List(items) => items.get(segment.parse::<usize>().ok()?),
            _ => None,
        }
    }

    /// The key that a path's segment names.
    #[must_use]
    pub fn key(&self, segment: &str) -> Option<&Key> {
        let Value::Map(entries) = &self.value else { return None };
        entries.iter().find(|(key, _)| key.name == segment).map(|(key, _)| key)
    }

    /// The keys of a map; none of anything else.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        let entries = if let Value::Map(entries) = &self.value { entries.as_slice() } else { &[] };
        entries.iter().map(|(key, _)| key)
    }

    /// The node at a path.
    #[must_use]
    pub fn find<S: AsRef<str>>(&self, path: &[S]) -> Option<&Self> {
        path.iter().try_fold(self, |node, segment| node.child(segment.as_ref()))
    }

    /// The node at a path.
    pub fn find_mut<S: AsRef<str>>(&mut self, path: &[S]) -> Option<&mut Self> {
        let Some((first, rest)) = path.split_first() else { return Some(self) };
        let first = first.as_ref();
        let next = match &mut self.value {
            Value::Map(entries) => {
                entries.iter_mut().find(|(key, _)| key.name == first).map(|(_, node)| node)
            }
            Value::List(items) => items.get_mut(first.parse::<usize>().ok()?),
            _ => None,
        };
        next?.find_mut(rest)
    }

    /// Makes sure that a map has an entry, empty where it is new; nothing becomes a map.
    pub fn ensure(&mut self, name: &str) {
        let at = self.at;
        if matches!(self.value, Value::Null) {
            self.value = Value::Map(Vec::new());
        }
        if let Value::Map(entries) = &mut self.value
            && !entries.iter().any(|(key, _)| key.name == name)
        {
            entries.push((Key { name: name.into(), at }, Self::new(Value::Map(Vec::new()), at)));
        }
    }

    /// Whether it is a URL with a user or a password in it.
    #[must_use]
    pub fn holds_login(&self) -> bool {
        let Value::Text(text) = &self.value else { return false };
        text.split_once("://").is_some_and(|(_, rest)| rest.contains('@'))
    }

    /// Where a fault at a path is shown, as far as the path leads: the key of a map or list, else the value.
    #[must_use]
    pub fn place<S: AsRef<str>>(&self, path: &[S]) -> Place {
        let (mut node, mut at) = (self, self.at);
        for segment in path {
            let Some(next) = node.child(segment.as_ref()) else { break };
            at = match (&next.value, node.key(segment.as_ref())) {
                (Value::Map(_) | Value::List(_) | Value::Null, Some(key)) => key.at,
                _ => next.at,
            };
            node = next;
        }
        at
    }

    /// Takes the entry at a path out of its map or list, and tells whether there was one.
    pub fn remove<S: AsRef<str>>(&mut self, path: &[S]) -> bool {
        let Some((last, parents)) = path.split_last() else { return false };
        let last = last.as_ref();
        match self.find_mut(parents).map(|node| &mut node.value) {
            Some(Value::Map(entries)) => {
                let before = entries.len();
                entries.retain(|(key, _)| key.name != last);
                entries.len() < before
            }
            Some(Value::List(items)) => match last.parse::<usize>() {
                Ok(index) if index < items.len() => {
                    items.remove(index);
                    true
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// Calls `f` on every scalar.
    pub fn scalars<'a>(&'a self, f: &mut impl FnMut(&'a Self)) {
        match &self.value {
            Value::Map(entries) => entries.iter().for_each(|(_, node)| node.scalars(f)),
            Value::List(items) => items.iter().for_each(|node| node.scalars(f)),
            _ => f(self),
        }
    }

    /// Calls `f` with where every key and every scalar is written.
    pub fn written(&self, f: &mut impl FnMut(Place)) {
        match &self.value {
            Value::Map(entries) => {
                for (key, node) in entries {
                    f(key.at);
                    node.written(f);
                }
            }
            Value::List(items) => items.iter().for_each(|node| node.written(f)),
            _ => f(self.written),
        }
    }

    /// The same as JSON.
    #[must_use]
    pub fn json(&self) -> Json {
        match &self.value {
            Value::Null => Json::Null,
            Value::Bool(bool) => Json::Bool(*bool),
            Value::Number(number) => Json::Number(number.clone()),
            Value::Text(text) => Json::String(text.clone()),
            Value::List(items) => items.iter().map(Self::json).collect(),
            Value::Map(entries) => {
                entries.iter().map(|(key, node)| (key.name.clone(), node.json())).collect()
            }
        }
    }
}

impl fmt::Debug for Node {
    /// Where it stands, never what it holds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node").field("at", &self.at).finish_non_exhaustive()
    }
}

/// What a plain scalar means (YAML 1.2 core schema, section 10.3.2; a leading zero makes it text).
#[must_use]
pub fn scalar(text: &str) -> Value {
    let leading_zero = text.starts_with('0') && text.len() > 1 && !text.starts_with("0.");
    match text {
        "" | "~" | "null" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ if leading_zero => Value::Text(text.into()),
        _ => serde_json::from_str(text).map_or_else(|_| Value::Text(text.into()), Value::Number),
    }
}

/// A path as people read it: `tools.twenty`; a key that holds a dot or worse is quoted.
#[must_use]
pub fn shown<S: AsRef<str>>(path: &[S]) -> String {
    const MOST: usize = 64;
    let segment = |segment: &S| {
        let segment = segment.as_ref();
        let plain = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        if !segment.is_empty() && segment.len() <= MOST && segment.chars().all(plain) {
            return segment.to_owned();
        }
        let cut: String = segment.chars().take(MOST).collect();
        let more = if cut.len() < segment.len() { "…" } else { "" };
        format!("\"{}{more}\"", cut.escape_debug())
    };
    path.iter().map(segment).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_mean_what_the_core_schema_says() {
        let json = |text: &str| Node::new(scalar(text), Place::new(0, 0..0)).json();
        for text in ["true", "12", "-1.5", "null"] {
            assert_eq!(json(text).to_string(), text);
        }
        for text in ["yes", "007", "1.2.3", "0x10", "{}", "[1]", "\"a\""] {
            assert_eq!(json(text), text, "{text}");
        }
        assert!(json("").is_null());
    }

    #[test]
    fn a_path_is_shown_so_that_its_keys_can_be_told_apart() {
        assert_eq!(shown(&["tools", "static-tokens", "0"]), "tools.static-tokens.0");
        assert_eq!(shown(&["headers", "x.y", "\n"]), "headers.\"x.y\".\"\\n\"");
        assert!(shown(&["k".repeat(500)]).len() < 80);
    }
}
