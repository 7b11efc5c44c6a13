//! Texts that exist twice: as Markdown, and as the blocks of Twenty's editor.

use serde_json::{Value as Json, json};

/// The editor's blocks for a Markdown text: one paragraph a line that is not empty.
pub fn blocks(markdown: &str) -> String {
    let paragraph = |line: &str| json!({ "type": "paragraph", "content": [{ "type": "text", "text": line, "styles": {} }], "children": [] });
    Json::Array(markdown.lines().filter(|line| !line.trim().is_empty()).map(paragraph).collect()).to_string()
}

/// The text of the editor's blocks, one line a block, or nothing where they cannot be read.
pub fn markdown(blocks: &str) -> Option<String> {
    let blocks: Vec<Json> = serde_json::from_str(blocks).ok()?;
    let text = |block: &Json| -> String {
        let parts = block.get("content").and_then(Json::as_array).into_iter().flatten();
        parts.filter_map(|part| part.get("text").and_then(Json::as_str)).collect()
    };
    Some(blocks.iter().map(text).collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_hold_the_same_text() {
        assert_eq!(markdown(&blocks("Call **Ada**\n\nabout it")).as_deref(), Some("Call **Ada**\nabout it"));
        assert_eq!(markdown("no blocks"), None);
    }
}
