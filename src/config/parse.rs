//! YAML text → tree.

use super::{
    fault::Fault,
    place::{Place, Sources},
    tree::{Key, Node, Value},
};
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess};
use serde_yaml::{Location, Spanned, options::DuplicateKeyPolicy};
use std::fmt;

/// Reads a file's text. Every duplicate key is told; a fault of syntax ends it.
pub fn parse(sources: &Sources, file: u16, faults: &mut Vec<Fault>) -> Option<Node> {
    let text = sources.get(file).map_or("", |source| &source.text);
    let options = serde_yaml::options! {
        budget: serde_yaml::budget! {
            max_nodes: 20_000,
            max_depth: 32,
            max_aliases: 200,
            max_documents: 1,
            max_total_scalar_bytes: super::MOST_BYTES,
        },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        with_snippet: false,
    };
    match serde_yaml::from_str_with_options::<Raw>(text, options) {
        Ok(raw) => Some(Builder { text, file, path: Vec::new(), faults }.node(raw)),
        Err(error) => {
            let at = error.location().map_or(Place::new(file, 0..0), |location| place(file, location, text));
            let message = error.without_snippet().to_string();
            faults.push(syntax(at, &message, line(text, at)));
            None
        }
    }
}

/// The fault behind a parser's message; of what the message quotes only single signs are kept, since it could be a
/// secret.
fn syntax(at: Place, message: &str, line: &str) -> Fault {
    let message = message.split(" at line ").next().unwrap_or_default().trim_start_matches("error: ");
    if message.contains("budget breached") {
        let documents = message.to_lowercase().contains("document");
        let message = if documents {
            "a configuration is one document: `---` begins another"
        } else {
            "the file holds more than a configuration may: too many values, aliases or levels"
        };
        return Fault::new(at, Vec::new(), message).syntax();
    }
    if message.contains("into string") || message.contains("expected string scalar") {
        return Fault::new(at, Vec::new(), "a key must be text; put it in quotes").syntax();
    }
    let parts = message.split(['\'', '"', '`']).enumerate();
    let quiet: Vec<&str> =
        parts.map(|(i, part)| if i % 2 == 1 && part.chars().count() > 2 { "…" } else { part }).collect();
    let fault = Fault::new(at, Vec::new(), quiet.join("`")).syntax();
    let unquoted = |(at, _): (usize, &str)| {
        line.get(..at).unwrap_or_default().matches(['"', '\'']).count().is_multiple_of(2)
    };
    if line.match_indices("${").any(unquoted) {
        fault.help("between `{` and `}` or `[` and `]` a reference needs quotes: \"${NAME}\"")
    } else if line.starts_with('\t') || line.trim_start_matches(' ').starts_with('\t') {
        fault.help("YAML indents with spaces, never with tabs")
    } else {
        fault
    }
}

/// The line that a place is in.
fn line(text: &str, at: Place) -> &str {
    let start = at.range().start;
    let before = text.get(..start).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default()
}

/// The bytes of a parser's location. Those of errors tell line and column alone, both from 1, in characters.
fn place(file: u16, location: Location, text: &str) -> Place {
    let span = location.span();
    let count = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let counted = || {
        let before = count(location.line()).saturating_sub(1);
        let start: usize = text.split_inclusive('\n').take(before).map(str::len).sum();
        let line = text.get(start..).unwrap_or_default();
        let column = count(location.column()).saturating_sub(1);
        start + line.chars().take(column).map(char::len_utf8).sum::<usize>()
    };
    let start = span.byte_offset().map_or_else(counted, count).min(text.len());
    let end = start.saturating_add(count(span.byte_len().unwrap_or(0))).min(text.len());
    Place::new(file, start..end)
}

struct Builder<'a> {
    text: &'a str,
    file: u16,
    path: Vec<String>,
    faults: &'a mut Vec<Fault>,
}

impl Builder<'_> {
    fn node(&mut self, raw: Raw) -> Node {
        let at = place(self.file, raw.0.referenced, self.text);
        let written = place(self.file, raw.0.defined, self.text);
        let (value, text) = match raw.0.value {
            Scan::Scalar(value) => {
                let plain = matches!(value, Value::Bool(_) | Value::Number(_));
                let text = plain.then(|| self.text.get(written.range()).unwrap_or_default().to_owned());
                (value, text)
            }
            Scan::List(items) => {
                let items = items.into_iter().enumerate().map(|(i, item)| self.below(i.to_string(), item));
                (Value::List(items.collect()), None)
            }
            Scan::Map(entries) => (Value::Map(self.map(entries)), None),
        };
        Node { written, text, ..Node::new(value, at) }
    }

    fn below(&mut self, segment: String, raw: Raw) -> Node {
        self.path.push(segment);
        let node = self.node(raw);
        self.path.pop();
        node
    }

    fn map(&mut self, entries: Vec<(Spanned<String>, Raw)>) -> Vec<(Key, Node)> {
        let mut kept: Vec<(Key, Node)> = Vec::with_capacity(entries.len());
        for (key, raw) in entries {
            let at = place(self.file, key.defined, self.text);
            let node = self.below(key.value.clone(), raw);
            let name = key.value;
            if let Some((first, _)) = kept.iter().find(|(key, _)| key.name == name) {
                let mut path = self.path.clone();
                path.push(name);
                self.faults.push(
                    Fault::new(at, path, "duplicate key")
                        .label("given again here")
                        .also(first.at, "first given here")
                        .dropping(node),
                );
            } else {
                kept.push((Key { name, at }, node));
            }
        }
        kept
    }
}

struct Raw(Spanned<Scan>);

enum Scan {
    Scalar(Value),
    List(Vec<Raw>),
    Map(Vec<(Spanned<String>, Raw)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Spanned::deserialize(deserializer).map(Self)
    }
}

impl<'de> Deserialize<'de> for Scan {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Scanner)
    }
}

struct Scanner;

impl<'de> de::Visitor<'de> for Scanner {
    type Value = Scan;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Scan, E> {
        Ok(Scan::Scalar(Value::Null))
    }

    fn visit_bool<E>(self, bool: bool) -> Result<Scan, E> {
        Ok(Scan::Scalar(Value::Bool(bool)))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Scan, E> {
        Ok(Scan::Scalar(Value::Number(number.into())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Scan, E> {
        Ok(Scan::Scalar(Value::Number(number.into())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Scan, E> {
        let text = || Value::Text(number.to_string());
        Ok(Scan::Scalar(serde_json::Number::from_f64(number).map_or_else(text, Value::Number)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Scan, E> {
        Ok(Scan::Scalar(Value::Text(text.into())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Scan, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Scan::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scan, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Scan::Map(entries))
    }
}
