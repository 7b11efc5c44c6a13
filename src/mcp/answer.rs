//! Answers as the protocol has them, the same in every revision.

use crate::{
    registry::{Answer, Prompted, Unanswered},
    seam::{Content, ErrorKind},
};
use serde_json::{Map, Value, json};

/// The key in an error's `_meta` whose value is the kind of failure, for programs: `input`, `not_found`, `ambiguous`,
/// `denied`, `limited`, `upstream`, `conflict` or `internal`.
pub(super) const ERROR_KIND: &str = "twenty-mcp/error";

/// What a tool answered (MCP 2025-11-25, `CallToolResult`).
#[derive(Debug)]
pub(super) struct Called {
    pub(super) content: Vec<Content>,
    pub(super) is_error: bool,
    pub(super) structured: Option<Value>,
    pub(super) meta: Map<String, Value>,
}

impl From<Called> for Value {
    /// What may be large is moved there.
    fn from(Called { content, is_error, structured, meta }: Called) -> Self {
        let mut result = Map::new();
        result.insert("content".into(), json!(content));
        result.insert("isError".into(), json!(is_error));
        result.extend(structured.map(|structured| ("structuredContent".to_owned(), structured)));
        result.extend((!meta.is_empty()).then(|| ("_meta".to_owned(), Self::Object(meta))));
        Self::Object(result)
    }
}

/// What a tool answered, as the protocol has it.
pub(super) fn called(answer: Answer) -> Called {
    let Answer { content, structured, mut meta, error, .. } = answer;
    meta.extend(error.as_ref().map(|error| (ERROR_KIND.to_owned(), json!(error.kind().name()))));
    Called { content, is_error: error.is_some(), structured, meta }
}

/// What a prompt says (MCP 2025-11-25, `GetPromptResult`).
pub(super) fn prompted(got: &Prompted) -> Map<String, Value> {
    match json!(got) {
        Value::Object(result) => result,
        _ => Map::new(),
    }
}

/// An error of the protocol: its code, its words, and its data for programs.
#[derive(Debug, PartialEq)]
pub(super) struct Failure {
    pub(super) code: i32,
    pub(super) message: String,
    pub(super) data: Value,
}

impl Failure {
    /// What a caller is told who asked for a resource, a prompt or proposals. `uri` is that of the resource.
    pub(super) fn new(unanswered: &Unanswered, uri: Option<&str>) -> Self {
        let (code, message, kind) = match unanswered {
            Unanswered::Closing => (-32603, unanswered.to_string(), ErrorKind::Limited),
            Unanswered::Failed(error) if error.required_capabilities().is_some() => {
                (-32021, error.message().to_owned(), error.kind())
            }
            Unanswered::Failed(error) => {
                let code = match error.kind() {
                    ErrorKind::Input | ErrorKind::NotFound | ErrorKind::Ambiguous => -32602,
                    _ => -32603,
                };
                (code, error.whole(), error.kind())
            }
        };
        let mut data = Map::new();
        data.extend(uri.map(|uri| ("uri".to_owned(), json!(uri))));
        if let Unanswered::Failed(error) = unanswered {
            let required = error.required_capabilities().cloned();
            data.extend(required.map(|required| ("requiredCapabilities".to_owned(), required)));
        }
        data.insert(ERROR_KIND.into(), json!(kind.name()));
        Self { code, message, data: Value::Object(data) }
    }
}
