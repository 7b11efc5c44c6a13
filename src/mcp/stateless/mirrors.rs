//! Arguments that headers repeat (MCP 2026-07-28, Server Behavior for Custom Headers).

use crate::{
    mcp::door::{Fault, repeated},
    registry::Mirrored,
};
use http::HeaderMap;
use serde_json::{Map, Value};

/// Holds each repeated argument against its header; an argument that is absent or null has none.
///
/// # Errors
/// They do not agree.
pub(super) fn check(
    mirrored: &[Mirrored],
    arguments: &Map<String, Value>,
    headers: &HeaderMap,
) -> Result<(), Fault> {
    for one in mirrored {
        let said = repeated(headers, &one.header)?;
        let given = at(arguments, &one.path).filter(|value| !value.is_null());
        let agree = match (said, given) {
            (None, None) => true,
            (Some(said), Some(Value::String(text))) => said == text.as_str(),
            (Some(said), Some(Value::Bool(given))) => said == if *given { "true" } else { "false" },
            (Some(said), Some(Value::Number(number))) => {
                said == number.to_string() || one.integer && said.parse::<f64>().ok() == number.as_f64()
            }
            _ => false,
        };
        if !agree {
            let (header, path) = (&one.header, one.path.join("."));
            return Err(Fault::mismatch(format!("{header} is not the argument `{path}` of the body")));
        }
    }
    Ok(())
}

fn at<'a>(arguments: &'a Map<String, Value>, path: &[String]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(arguments.get(first)?, |value, name| value.get(name.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};
    use serde_json::json;

    /// Whether a call with these arguments and these `Mcp-Param-…` is let through.
    fn passes(arguments: Value, headers: &[(&str, &str)]) -> bool {
        let mirrored =
            [("city", &["city"][..], false), ("n", &["deep", "n"], true)].map(|(name, path, integer)| {
                let header = HeaderName::try_from(format!("mcp-param-{name}")).unwrap();
                Mirrored { header, path: path.iter().map(ToString::to_string).collect(), integer }
            });
        let mut all = HeaderMap::new();
        for (name, value) in headers {
            let name = HeaderName::try_from(format!("mcp-param-{name}")).unwrap();
            all.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        check(&mirrored, arguments.as_object().unwrap(), &all).is_ok()
    }

    #[test]
    fn headers_and_arguments_agree_or_the_call_is_refused() {
        for (arguments, headers) in [
            (json!({}), &[][..]),
            (json!({ "city": null }), &[]),
            (json!({ "city": "Bern" }), &[("city", "Bern")]),
            (json!({ "city": "Zürich" }), &[("city", "=?base64?WsO8cmljaA==?=")]),
            (json!({ "city": "SGVsbG8=" }), &[("city", "SGVsbG8=")]),
            (json!({ "city": true }), &[("city", "true")]),
            (json!({ "deep": { "n": 42 } }), &[("n", "42")]),
            (json!({ "deep": { "n": 42 } }), &[("n", "42.0")]),
            (json!({ "deep": { "n": 42.0 } }), &[("n", "42")]),
            (json!({ "x": 1 }), &[("other", "x")]),
        ] {
            assert!(passes(arguments.clone(), headers), "{arguments} {headers:?}");
        }
        for (arguments, headers) in [
            (json!({ "city": "Bern" }), &[][..]),
            (json!({}), &[("city", "Bern")]),
            (json!({ "city": null }), &[("city", "null")]),
            (json!({ "city": "Bern" }), &[("city", "bern")]),
            (json!({ "city": "Bern" }), &[("city", "Bern"), ("city", "Bern")]),
            (json!({ "city": "Hello" }), &[("city", "=?base64?SGVsbG8?=")]),
            (json!({ "city": ["Bern"] }), &[("city", "Bern")]),
            (json!({ "deep": { "n": 42 } }), &[("n", "43")]),
            (json!({ "deep": { "n": 42 } }), &[("n", "x")]),
        ] {
            assert!(!passes(arguments.clone(), headers), "{arguments} {headers:?}");
        }
    }
}
