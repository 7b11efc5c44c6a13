//! What the user is asked before a call may have an effect.

use crate::seam::{Effect, canonical};
use serde_json::Value;

/// How much of the arguments the user is shown, in characters.
const SHOWN: usize = 1000;

/// The question. It is the same whenever the same call is made, so that an answer to it stays one.
pub(super) fn question(tool: &str, effect: Effect, arguments: &Value) -> String {
    let may = match effect {
        Effect::Read => "look things up",
        Effect::Create => "add something new",
        Effect::Update => "change what is there",
        Effect::Delete => "remove something, which can be taken back",
        Effect::Destroy => "remove something for good: nothing brings it back",
    };
    let arguments = canonical(arguments);
    let shown = match arguments.char_indices().nth(SHOWN) {
        Some((end, _)) => {
            let more = arguments.chars().count() - SHOWN;
            format!("{}… ({more} characters more)", arguments.get(..end).unwrap_or_default())
        }
        None => arguments,
    };
    format!("Allow `{tool}`? It may {may}.\nIt is called with {shown}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_question_tells_tool_effect_and_arguments() {
        let asked =
            question("destroy_records", Effect::Destroy, &json!({ "object": "person", "ids": ["1"] }));
        assert_eq!(
            asked,
            "Allow `destroy_records`? It may remove something for good: nothing brings it back.\n\
             It is called with {\"ids\":[\"1\"],\"object\":\"person\"}"
        );
        assert_eq!(
            asked,
            question("destroy_records", Effect::Destroy, &json!({ "ids": ["1"], "object": "person" }))
        );
        let long = question("t", Effect::Update, &json!({ "a": "ö".repeat(2000) }));
        assert!(long.ends_with("… (1008 characters more)") && long.len() < 2200, "{long}");
    }
}
