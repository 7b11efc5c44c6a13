//! The words of a record that search looks through.

use crate::tools::twenty::sandbox::{
    model::{column::Shape, table::Object},
    store::{row::Draft, value::Value},
};

/// The words of a text: lower case, without accents, cut at everything that is no letter or digit.
pub fn words(text: &str) -> Vec<String> {
    let folded = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    folded.map(|word| word.chars().flat_map(char::to_lowercase).map(plain).collect()).collect()
}

/// How many of the wanted words are the beginning of a word that a record holds.
pub fn count(held: &str, wanted: &[String]) -> usize {
    wanted.iter().filter(|wanted| held.split(' ').any(|word| word.starts_with(wanted.as_str()))).count()
}

/// All words of a record, once each, in the order in which they stand there.
pub fn of(object: &Object, draft: &Draft) -> Value {
    if !object.searchable {
        return Value::Null;
    }
    let mut all: Vec<String> = Vec::new();
    for column in object.fields.iter().filter(|field| field.searched).flat_map(|field| field.columns()) {
        let text = match (object.shape(column), draft.get(column)) {
            (Some(Shape::Text | Shape::Email | Shape::Url), Value::Text(text)) => text,
            _ => continue,
        };
        // The scheme of a link is the same for all.
        for word in words(text.split_once("://").map_or(text, |(_, rest)| rest)) {
            if !all.contains(&word) {
                all.push(word);
            }
        }
    }
    Value::text(all.join(" "))
}

/// The letter below an accent, for the accents of European languages.
fn plain(c: char) -> char {
    const FOLDED: [(&str, char); 16] = [
        ("àáâãäåāăą", 'a'),
        ("çćĉċč", 'c'),
        ("ďđ", 'd'),
        ("èéêëēĕėęě", 'e'),
        ("ĝğġģ", 'g'),
        ("ìíîïĩīĭįı", 'i'),
        ("ķ", 'k'),
        ("ĺļľŀł", 'l'),
        ("ñńņňŉ", 'n'),
        ("òóôõöøōŏő", 'o'),
        ("ŕŗř", 'r'),
        ("śŝşšș", 's'),
        ("ţťŧț", 't'),
        ("ùúûüũūŭůűų", 'u'),
        ("ýÿŷ", 'y'),
        ("źżž", 'z'),
    ];
    if c.is_ascii() {
        return c;
    }
    FOLDED.iter().find(|(accented, _)| accented.contains(c)).map_or(c, |(_, plain)| *plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_folded() {
        assert_eq!(words("Zoë ÜNAL, b.Łuk@Acme.io"), ["zoe", "unal", "b", "luk", "acme", "io"]);
        assert_eq!(count("zoe unal acme", &words("Un zo")), 2);
        assert_eq!(count("zoe unal", &words("nal")), 0);
    }
}
