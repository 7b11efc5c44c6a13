//! Places: which stretch of which source a value was written in.

use std::ops::Range;

/// A stretch of one source, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    source: u16,
    start: u32,
    end: u32,
}

impl Place {
    /// A byte range of a source.
    #[must_use]
    pub fn new(source: u16, range: Range<usize>) -> Self {
        let byte = |at| u32::try_from(at).unwrap_or(u32::MAX);
        Self { source, start: byte(range.start), end: byte(range.end) }
    }

    /// The number of the source, as [`Sources::add`] gave it.
    #[must_use]
    pub const fn source(self) -> u16 {
        self.source
    }

    /// The bytes.
    #[must_use]
    pub const fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// What kind of thing a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// A file: it has lines.
    File,
    /// A flag or an environment variable: its text is its value.
    Word,
}

/// One thing that a configuration was read from.
pub struct Source {
    /// Its name: `config.yaml`, `flag --port`, `variable PORT`.
    pub name: String,
    /// Its text.
    pub text: String,
    /// What kind of thing it is.
    pub kind: SourceKind,
}

/// Everything that a configuration was read from, in the order of reading.
#[derive(Default)]
pub struct Sources(Vec<Source>);

impl Sources {
    /// Adds a source and tells its number.
    pub fn add(&mut self, kind: SourceKind, name: impl Into<String>, text: impl Into<String>) -> u16 {
        self.0.push(Source { name: name.into(), text: text.into(), kind });
        u16::try_from(self.0.len() - 1).unwrap_or(u16::MAX)
    }

    /// Adds a flag or a variable; the whole of its value is the place.
    pub fn add_word(&mut self, name: impl Into<String>, value: &str) -> Place {
        Place::new(self.add(SourceKind::Word, name, value), 0..value.len())
    }

    /// One source.
    #[must_use]
    pub fn get(&self, source: u16) -> Option<&Source> {
        self.0.get(usize::from(source))
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.0.iter()
    }

    /// What is written at a place.
    #[must_use]
    pub fn slice(&self, at: Place) -> &str {
        self.get(at.source).and_then(|source| source.text.get(at.range())).unwrap_or_default()
    }

    /// A place as people name it: `config.yaml:3:5`; flags and variables by name alone.
    #[must_use]
    pub fn name(&self, at: Place) -> String {
        let Some(source) = self.get(at.source) else { return String::new() };
        if source.kind == SourceKind::Word {
            return source.name.clone();
        }
        let before = source.text.get(..at.range().start).unwrap_or(&source.text);
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        format!("{}:{line}:{column}", source.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_named_by_line_and_character() {
        let mut sources = Sources::default();
        let file = sources.add(SourceKind::File, "a.yaml", "é: 1\nbé: 2");
        assert_eq!(sources.name(Place::new(file, 11..12)), "a.yaml:2:5");
        assert_eq!(sources.slice(Place::new(file, 11..12)), "2");
        let port = sources.add_word("flag --port", "80");
        assert_eq!((sources.name(port).as_str(), sources.slice(port)), ("flag --port", "80"));
    }
}
