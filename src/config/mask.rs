//! What of the sources must not be shown in a fault's excerpt.

use super::{
    place::{Place, Source, SourceKind},
    tree::Node,
};
use std::{collections::BTreeSet, ops::Range};

/// What must be hidden before a line of a source is shown.
#[derive(Default)]
pub struct Mask {
    hidden: Vec<Place>,
    written: Vec<Place>,
    words: BTreeSet<String>,
}

impl Mask {
    /// A mask that knows which words are the schema's own, and so no secret even where nothing can be parsed.
    #[must_use]
    pub fn new(words: BTreeSet<String>) -> Self {
        Self { words, ..Self::default() }
    }

    /// Hides everything that is written in a node, its keys too.
    pub fn hide(&mut self, node: &Node) {
        node.written(&mut |at| self.hidden.push(at));
    }

    /// Notes where keys and values are; after them a `#` begins a comment, and comments are hidden.
    pub fn note(&mut self, node: &Node) {
        node.written(&mut |at| self.written.push(at));
    }

    /// A source's text with what is hidden as stars, byte for byte, so that every place stays right.
    #[must_use]
    pub fn apply(&self, number: u16, source: &Source) -> String {
        let mut text = source.text.clone();
        for at in self.hidden.iter().filter(|at| at.source() == number) {
            if !text.get(at.range()).is_some_and(is_bare_reference) {
                stars(&mut text, at.range());
            }
        }
        if source.kind == SourceKind::File && !self.written.is_empty() {
            for comment in self.comments(number, &source.text) {
                stars(&mut text, comment);
            }
        }
        text
    }

    /// A text of which nothing is known: all but the schema's own words, references and YAML's signs as stars.
    #[must_use]
    pub fn apply_unparsed(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
            let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            let (word, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
            if word.is_empty() {
                let known = first.is_whitespace() || "{}[],:\"'#&*|>$%!?@`".contains(first);
                out.extend(std::iter::repeat_n(if known { first } else { '*' }, width(first, known)));
                rest = rest.get(first.len_utf8()..).unwrap_or_default();
                continue;
            }
            let known = self.words.contains(word) || out.ends_with("${") || word.chars().all(|c| c == '-');
            if known {
                out += word
            } else {
                out.extend(std::iter::repeat_n('*', word.len()))
            }
            rest = after;
        }
        out
    }

    /// Where the comments of a text are: each from its `#` to the end of its line.
    fn comments(&self, number: u16, text: &str) -> Vec<Range<usize>> {
        let mut taken: Vec<Range<usize>> =
            self.written.iter().filter(|at| at.source() == number).map(|at| at.range()).collect();
        taken.sort_by_key(|range| range.start);
        let mut comments = Vec::new();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let free = |at: usize| {
                let before = taken.partition_point(|range| range.start <= at);
                taken.get(..before).unwrap_or_default().iter().rev().take(2).all(|range| range.end <= at)
            };
            let begins = |(at, _): &(usize, &str)| {
                let before = line.get(..*at).and_then(|before| before.chars().next_back());
                before.is_none_or(char::is_whitespace) && free(start + at)
            };
            if let Some((at, _)) = line.match_indices('#').find(begins) {
                comments.push(start + at + 1..start + line.trim_end().len().max(at + 1));
            }
            start += line.len();
        }
        comments
    }
}

const fn width(sign: char, known: bool) -> usize {
    if known { 1 } else { sign.len_utf8() }
}

/// Whether a text is `${NAME}` alone, which tells nothing.
#[must_use]
pub fn is_bare_reference(text: &str) -> bool {
    let text = text.trim_matches(['"', '\'']);
    let inner = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    inner.is_some_and(|inner| !inner.contains("${") && !inner.contains(":-"))
}

fn stars(text: &mut String, range: Range<usize>) {
    let Some(slice) = text.get(range.clone()) else { return };
    let star = |c: char| if c == '\n' { "\n".to_owned() } else { "*".repeat(c.len_utf8()) };
    let masked: String = slice.chars().map(star).collect();
    text.replace_range(range, &masked);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source { name: "a.yaml".into(), text: text.into(), kind: SourceKind::File }
    }

    #[test]
    fn hidden_places_become_stars_of_the_same_length() {
        let text = "a: hunter2\nb: ${B}\nc: é";
        let hidden = [3..10, 14..18, 22..24].map(|range| Place::new(0, range)).into();
        let mask = Mask { hidden, ..Mask::default() };
        assert_eq!(mask.apply(0, &source(text)), "a: *******\nb: ${B}\nc: **");
        assert_eq!(mask.apply(1, &source(text)), text);
    }

    #[test]
    fn comments_are_hidden_and_values_with_a_hash_are_not() {
        let text = "a: \"x # y\" # was hunter2\nb: c#d\n";
        let written = [0..1, 3..10, 25..26, 28..31].map(|range| Place::new(0, range)).into();
        let mask = Mask { written, ..Mask::default() };
        assert_eq!(mask.apply(0, &source(text)), "a: \"x # y\" #************\nb: c#d\n");
    }

    #[test]
    fn of_a_text_without_a_tree_only_known_words_are_shown() {
        let mask = Mask::new(["api_key".to_owned()].into());
        let text = "api_key: sk_live, é: \"${NAME}\" p@ss";
        assert_eq!(mask.apply_unparsed(text), "api_key: *******, **: \"${NAME}\" *@**");
    }
}
