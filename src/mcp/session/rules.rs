//! What revisions with sessions ask of a request, where rmcp would take it for another one, or answer with a bare text.

use super::own::Kind;
use crate::{
    mcp::{
        completing::Completing,
        door::{Fault, Members, Said},
    },
    seam::LogLevel,
};
use http::StatusCode;
use serde_json::{Value, value::RawValue};

/// The members of a client's capabilities, each an object (MCP 2025-11-25, `ClientCapabilities`).
const CAPABILITIES: [&str; 6] = ["roots", "sampling", "elicitation", "tasks", "experimental", "extensions"];

/// Looks at a request before rmcp does, and tells what it is to that. A method that is not ours is left to it.
///
/// # Errors
/// The request is malformed.
pub(in crate::mcp) fn check(id: &RawValue, said: Said<'_>) -> Result<Kind, Fault> {
    if !id.get().starts_with('"') && id.get().parse::<i64>().is_err() {
        return Err(Fault::invalid("`id` does not fit into 64 bits"));
    }
    let Said { method, mut params, meta } = said;
    if let Some(token) = meta.and_then(|mut meta| meta.take("progressToken"))
        && !token.is_string()
        && !token.is_i64()
    {
        return Err(Fault::params("`progressToken` must be a string or a whole number"));
    }
    let kind = Kind::of(&method);
    match method.as_ref() {
        "initialize" => initialize(params),
        "tools/call" | "prompts/get" => {
            params.needed_text("name")?;
            params.object("arguments").map(drop)
        }
        "tools/list" | "prompts/list" | "resources/list" | "resources/templates/list" => {
            params.text("cursor").map(drop)
        }
        "resources/read" | "resources/subscribe" | "resources/unsubscribe" => {
            params.needed_text("uri").map(drop)
        }
        "completion/complete" => Completing::read(&mut params).map(drop),
        "logging/setLevel" => {
            let level = params.needed_text("level")?;
            let known = || format!("`level` must be one of {}", LogLevel::ALL.map(LogLevel::name).join(", "));
            LogLevel::named(&level).map(drop).ok_or_else(|| Fault::params(known()))
        }
        // rmcp knows it, and asks of it what the stateless revision does.
        "server/discover" => Err(Fault::new(StatusCode::OK, -32601, "Method not found")),
        // Whether there are tasks is the session's to say.
        _ => Ok(()),
    }
    .map(|()| kind)
}

fn initialize(mut params: Members) -> Result<(), Fault> {
    params.needed_text("protocolVersion")?;
    let capabilities = params.needed_object("capabilities")?;
    for name in CAPABILITIES {
        if capabilities.get(name).is_some_and(|value| !value.is_object() && !value.is_null()) {
            return Err(Fault::params(format!("`capabilities.{name}` must be an object")));
        }
    }
    let client = params.needed_object("clientInfo")?;
    for name in ["name", "version"] {
        if !client.get(name).is_some_and(Value::is_string) {
            return Err(Fault::params(format!("`clientInfo.{name}` must be a string")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mcp::door::Message;

    /// The code of the fault that a request with these members is answered with.
    fn code(members: &str) -> Option<i64> {
        let text = format!(r#"{{"jsonrpc":"2.0",{members}}}"#);
        let Ok(Message::Request(id, said)) = Message::read(text.as_bytes()) else { panic!("{text}") };
        let told = check(id, said).err()?.message();
        serde_json::from_slice::<Value>(&told).unwrap()["error"]["code"].as_i64()
    }

    #[test]
    fn what_rmcp_would_take_for_something_else_is_refused_with_its_own_code() {
        let with =
            |method: &str, params: &str| code(&format!(r#""id":1,"method":"{method}","params":{params}"#));
        let client = r#""clientInfo":{"name":"x","version":"1"}"#;
        let hello = format!(r#"{{"protocolVersion":"2025-11-25","capabilities":{{"roots":{{}}}},{client}}}"#);
        for (method, good) in [
            ("initialize", hello.as_str()),
            ("tools/call", r#"{"name":"a","arguments":{},"_meta":{"progressToken":7}}"#),
            ("tools/call", r#"{"name":"a","arguments":null}"#),
            ("tools/list", r#"{"cursor":"x"}"#),
            ("logging/setLevel", r#"{"level":"notice"}"#),
            ("unknown", r#"{"name":7}"#),
        ] {
            assert_eq!(with(method, good), None, "{method} {good}");
        }
        for (method, bad) in [
            ("initialize", "{}"),
            (
                "initialize",
                r#"{"protocolVersion":1,"capabilities":{},"clientInfo":{"name":"x","version":"1"}}"#,
            ),
            (
                "initialize",
                r#"{"protocolVersion":"1","capabilities":[],"clientInfo":{"name":"x","version":"1"}}"#,
            ),
            (
                "initialize",
                r#"{"protocolVersion":"1","capabilities":{"sampling":1},"clientInfo":{"name":"x","version":"1"}}"#,
            ),
            ("initialize", r#"{"protocolVersion":"1","capabilities":{},"clientInfo":{"name":"x"}}"#),
            ("tools/call", "{}"),
            ("tools/call", r#"{"name":7}"#),
            ("tools/call", r#"{"name":"a","arguments":[1]}"#),
            ("tools/call", r#"{"name":"a","_meta":{"progressToken":1.5}}"#),
            ("tools/list", r#"{"cursor":7}"#),
            ("logging/setLevel", r#"{"level":"loud"}"#),
            ("logging/setLevel", "{}"),
        ] {
            assert_eq!(with(method, bad), Some(-32602), "{method} {bad}");
        }
        assert_eq!(code(r#""id":9223372036854775808,"method":"ping""#), Some(-32600));
        assert_eq!(code(r#""id":-9223372036854775808,"method":"ping""#), None);
    }
}
