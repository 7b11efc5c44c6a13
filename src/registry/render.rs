//! A tool's answer as its caller gets it; its text for a model is short, stable, with nothing empty in it.

use super::{Answer, ServedTool};
use crate::seam::{Content, ToolError, ToolOutput};
use serde_json::{Map, Value};
use std::fmt::Write as _;

/// How many bytes the blocks that a tool makes may have together.
const MOST: usize = 8 << 20;

/// Holds that so many bytes may be sent in one answer.
pub(super) fn bounded(size: usize) -> Result<(), ToolError> {
    if size <= MOST {
        return Ok(());
    }
    let message = format_args!("the answer has {size} bytes of content; at most {MOST} are sent");
    Err(ToolError::limited(message).hint("ask for less in one call"))
}

/// What a tool answers, in blocks and for programs.
pub(super) fn answer(tool: &ServedTool, output: ToolOutput) -> Result<Answer, ToolError> {
    bounded(output.blocks.iter().map(Content::size).sum())?;
    let text = output.text.or_else(|| output.value.as_ref().map(text));
    let content = text.map(Content::text).into_iter().chain(output.blocks).collect();
    let structured = output.value.and_then(|value| tool.structured(value));
    Ok(Answer { content, structured, meta: output.meta, error: None })
}

/// Any answer as text: a text as it is, an object as `name: value` lines, a list of objects as a table.
pub(super) fn text(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::String(text) => out.push_str(text),
        Value::Object(object) => lines(object, 0, &mut out),
        Value::Array(items) => list(items, 0, &mut out),
        other => out.push_str(&scalar(other)),
    }
    out.trim_end().to_owned()
}

fn lines(object: &Map<String, Value>, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    for (name, value) in object.iter().filter(|(_, value)| !empty(value)) {
        // Writing to a String cannot fail.
        let _ = match value {
            Value::Object(inner) => {
                let _ = writeln!(out, "{indent}{name}:");
                lines(inner, depth + 1, out);
                Ok(())
            }
            Value::Array(items) if items.iter().any(Value::is_object) => {
                let _ = writeln!(out, "{indent}{name} ({}):", items.len());
                list(items, depth + 1, out);
                Ok(())
            }
            value => writeln!(out, "{indent}{name}: {}", scalar(value)),
        };
    }
}

fn list(items: &[Value], depth: usize, out: &mut String) {
    let rows: Vec<&Map<String, Value>> = items.iter().filter_map(Value::as_object).collect();
    if rows.len() == items.len() && !rows.is_empty() {
        return table(&rows, out);
    }
    let indent = "  ".repeat(depth);
    for item in items {
        let _ = writeln!(out, "{indent}- {}", scalar(item));
    }
}

fn table(rows: &[&Map<String, Value>], out: &mut String) {
    let mut columns: Vec<&String> = Vec::new();
    for row in rows {
        for (name, value) in *row {
            if !empty(value) && !columns.contains(&name) {
                columns.push(name);
            }
        }
    }
    let mut line = |cells: Vec<String>| {
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    };
    line(columns.iter().map(ToString::to_string).collect());
    line(columns.iter().map(|_| "---".to_owned()).collect());
    for row in rows {
        line(columns.iter().map(|name| row.get(*name).map(cell).unwrap_or_default()).collect());
    }
}

fn cell(value: &Value) -> String {
    scalar(value).replace('|', "\\|").replace(['\n', '\r'], " ")
}

fn scalar(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(scalar).collect::<Vec<_>>().join(", "),
        Value::Object(object) => {
            let parts = object.iter().filter(|(_, value)| !empty(value));
            parts.map(|(name, value)| format!("{name} {}", scalar(value))).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

fn empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(object) => object.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seam::*;
    use serde_json::json;
    use std::{sync::Arc, time::Duration};

    /// Show a picture.
    #[derive(serde::Deserialize, schemars::JsonSchema)]
    struct Show {
        bytes: usize,
    }

    impl Tool for Show {
        const NAME: &'static str = "show";
        const TITLE: Option<&'static str> = Some("Show me");
        const ICONS: &'static [Icon] = &[Icon::new("https://a/b.png")];
        type Pack = ();
        type Output = Contents;

        async fn call(self, (): &(), _: Call) -> Result<Contents, ToolError> {
            let picture = Content::image(vec![0; self.bytes], "image/png");
            Ok(Contents::new().with("Look:").with(picture).meta("a/b", 1))
        }

        fn meta() -> Map<String, Value> {
            Map::from_iter([("c/d".to_owned(), json!(2))])
        }
    }

    #[tokio::test]
    async fn what_is_no_json_is_sent_block_by_block_up_to_a_size() {
        static SHOW: ToolEntry = ToolEntry::of::<Show>("twenty_mcp::tools::show", 1);
        let (pack, second) = (Arc::new(()), Duration::from_secs(1));
        let tool = ServedTool::new(&SHOW, &ToolOptions::default(), pack, Arc::new(NoCredentials), second);
        let tool = tool.unwrap();
        let told = tool.definition();
        assert_eq!(
            (&told["title"], &told["icons"][0]["src"]),
            (&json!("Show me"), &json!("https://a/b.png"))
        );
        assert_eq!((&told["_meta"], told.get("outputSchema")), (&json!({ "c/d": 2 }), None));

        let shown = async |bytes: usize| {
            let common = Common::new(Principal::Local, second, Arc::new(Silent), tool.credentials());
            let call = Call::new(Arc::new(common));
            answer(&tool, tool.run(Map::from_iter([("bytes".to_owned(), json!(bytes))]), call).await.unwrap())
        };
        let small = shown(3).await.unwrap();
        let picture = json!({ "type": "image", "data": "AAAA", "mimeType": "image/png" });
        assert_eq!(json!(small.content), json!([{ "type": "text", "text": "Look:" }, picture]));
        assert_eq!((small.structured, small.meta["a/b"].clone()), (None, json!(1)));
        assert_eq!(shown(MOST).await.unwrap_err().kind(), ErrorKind::Limited);
    }

    #[test]
    fn objects_are_lines_and_lists_are_tables() {
        let value = json!({
            "total": 2,
            "nothing": null,
            "people": [{ "name": "Ada | L", "id": 1 }, { "name": "Bo\nC", "id": 2, "email": "b@c.d" }],
        });
        let told = "total: 2\npeople (2):\n| name | id | email |\n| --- | --- | --- |\n| Ada \\| L | 1 |  |\n| Bo C | 2 | b@c.d |";
        assert_eq!(text(&value), told);
        assert_eq!(text(&json!("Hello")), "Hello");
        assert_eq!(text(&json!(0)), "0");
    }
}
