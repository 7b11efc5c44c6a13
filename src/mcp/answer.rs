//! Answers as the protocol has them, the same in every revision.

use crate::registry::Answer;
use serde_json::{Map, Value, json};

/// The key in an error's `_meta` whose value is the kind of failure, for programs: `input`, `not_found`, `ambiguous`,
/// `denied`, `limited`, `upstream`, `conflict` or `internal`.
const ERROR_KIND: &str = "twenty-mcp/error";

/// What a tool answered (MCP 2025-11-25, `CallToolResult`).
pub(super) fn called(answer: Answer) -> Map<String, Value> {
    let mut meta = answer.meta;
    meta.extend(answer.error.map(|kind| (ERROR_KIND.to_owned(), json!(kind.name()))));
    let mut result = Map::new();
    result.insert("content".into(), json!(answer.content));
    result.insert("isError".into(), json!(answer.error.is_some()));
    result.extend(answer.structured.map(|structured| ("structuredContent".to_owned(), structured)));
    result.extend((!meta.is_empty()).then(|| ("_meta".to_owned(), Value::Object(meta))));
    result
}
