//! Filters and orders that several tools use.

use serde_json::{Value, json};

/// A filter that wants every word of a text in one of several text fields, each given by its path.
#[must_use]
pub fn every_word(text: &str, places: &[&[&str]]) -> Value {
    let words: Vec<Value> = text
        .split_whitespace()
        .map(|word| {
            let like = json!({ "ilike": format!("%{}%", escaped(word)) });
            let anywhere: Vec<Value> = places
                .iter()
                .map(|path| path.iter().rev().fold(like.clone(), |inner, name| json!({ *name: inner })))
                .collect();
            json!({ "or": anywhere })
        })
        .collect();
    if words.is_empty() { json!({}) } else { json!({ "and": words }) }
}

/// The newest record first.
#[must_use]
pub fn newest_first() -> Value {
    json!([{ "createdAt": "DescNullsLast" }])
}

/// `%`, `_` and `\` stand for themselves (PostgreSQL, pattern matching).
#[must_use]
pub fn escaped(word: &str) -> String {
    word.chars().flat_map(|c| matches!(c, '%' | '_' | '\\').then_some('\\').into_iter().chain([c])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_must_match_somewhere_and_wildcards_are_letters() {
        let filter = every_word("Ada 50%", &[&["name", "firstName"], &["jobTitle"]]);
        assert_eq!(
            filter,
            json!({ "and": [
                { "or": [{ "name": { "firstName": { "ilike": "%Ada%" } } }, { "jobTitle": { "ilike": "%Ada%" } }] },
                { "or": [{ "name": { "firstName": { "ilike": "%50\\%%" } } }, { "jobTitle": { "ilike": "%50\\%%" } }] },
            ] })
        );
        assert_eq!(every_word("  ", &[&["name"]]), json!({}));
    }
}
