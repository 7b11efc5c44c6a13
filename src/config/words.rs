//! Words for faults: what was wanted, what was found, what was meant.

use super::tree::{Node, Value};
use jsonschema::error::TypeKind;

/// The known word that is nearest to a given one.
pub(super) fn nearest<'a>(given: &str, known: &'a [String]) -> Option<&'a str> {
    const LEAST: f64 = 0.8;
    let given = given.to_lowercase();
    let scored = known.iter().map(|word| (strsim::jaro_winkler(&given, &word.to_lowercase()), word));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 > LEAST).then_some(best.1.as_str())
}

/// The names of a schema's types; null is left out, since nobody writes it on purpose.
pub(super) fn types(kind: &TypeKind) -> Vec<String> {
    let all = match kind {
        TypeKind::Single(one) => vec![one.to_string()],
        TypeKind::Multiple(set) => set.iter().map(|one| one.to_string()).collect(),
    };
    all.into_iter().filter(|one| one != "null").collect()
}

/// Types as people name them.
pub(super) fn wanted(types: &[String]) -> String {
    let word = |name: &String| match name.as_str() {
        "integer" => "an integer".to_owned(),
        "number" => "a number".to_owned(),
        "string" => "text".to_owned(),
        "boolean" => "true or false".to_owned(),
        "array" => "a list".to_owned(),
        "object" => "a map of keys".to_owned(),
        other => other.to_owned(),
    };
    types.iter().map(word).collect::<Vec<_>>().join(" or ")
}

/// What a node is, as people name it.
pub(super) const fn found(node: &Node) -> &'static str {
    match node.value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::Text(_) => "text",
        Value::List(_) => "a list",
        Value::Map(_) => "a map of keys",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_found_and_a_stranger_is_not() {
        let known = ["twenty".to_owned(), "hello".to_owned()];
        assert_eq!(nearest("twnety", &known), Some("twenty"));
        assert_eq!(nearest("Hello", &known), Some("hello"));
        assert_eq!(nearest("github", &known), None);
    }
}
