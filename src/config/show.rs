//! Each effective value and where it came from.

use super::{
    Loaded,
    mask::is_bare_reference,
    schema::{Step, is_secret, walk},
    tree::{Value, shown},
};
use serde_json::Value as Json;

/// The width up to which origins are aligned.
const WIDEST: usize = 60;

/// A configuration, one line a value: `server.bind: "127.0.0.1:8080"  # config.yaml:3:9`. Secrets are stars; what came
/// through a reference is shown as it is written.
#[must_use]
pub fn show(loaded: &Loaded) -> String {
    let mut lines: Vec<(String, String, String)> = Vec::new();
    let mut tree = loaded.tree.clone();
    for section in ["server", "auth", "keys", "tools"] {
        tree.ensure(section);
    }
    walk(&loaded.schema, &tree, &mut |step: &Step<'_>| {
        let path = shown(step.path);
        let Some(node) = step.node else {
            return flat(&path, step.default.unwrap_or(&Json::Null), is_secret(step.schema), &mut lines);
        };
        let value = match &node.value {
            Value::Map(_) if step.path.is_empty() => return,
            Value::Map(entries) if !entries.is_empty() => return,
            Value::List(items) if !items.is_empty() => return,
            _ => {
                let written = loaded.sources.slice(node.written);
                match is_secret(step.schema) || (node.holds_login() && node.via.is_empty()) {
                    true if !is_bare_reference(written) => "***".into(),
                    false if node.via.is_empty() && !node.open => node.json().to_string(),
                    _ => written.to_owned(),
                }
            }
        };
        let mut from = loaded.sources.name(node.at);
        if !node.via.is_empty() {
            from += &format!(" via {}", node.via.join(", "));
        }
        lines.push((path, value, from));
    });
    let width = lines.iter().map(|(path, value, _)| path.chars().count() + value.chars().count());
    let width = width.max().unwrap_or(0).min(WIDEST);
    let line = |(path, value, from): &(String, String, String)| {
        let left = width.saturating_sub(path.chars().count());
        format!("{path}: {value:<left$}  # {from}\n")
    };
    lines.iter().map(line).collect()
}

/// A default, key by key.
fn flat(path: &str, value: &Json, secret: bool, lines: &mut Vec<(String, String, String)>) {
    match value {
        Json::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                flat(&format!("{path}.{key}"), value, secret, lines);
            }
        }
        _ if secret && !value.is_null() => lines.push((path.into(), "***".into(), "default".into())),
        _ => lines.push((path.into(), value.to_string(), "default".into())),
    }
}
