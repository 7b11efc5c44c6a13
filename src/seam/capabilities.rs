//! What the caller's client can do.

use serde_json::Value;

/// The extension that lets a call go on as a task (SEP-2663).
pub const TASKS: &str = "io.modelcontextprotocol/tasks";

/// What the client said it can do for a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// Show its user a form and send back what they fill in.
    pub form: bool,
    /// Send its user to a web page.
    pub url: bool,
    /// Let its model write a text.
    pub sampling: bool,
    /// Tell which folders it works in.
    pub roots: bool,
    /// Come back later for the answer of a call.
    pub tasks: bool,
}

impl Capabilities {
    /// Reads the client's capabilities as it sends them (MCP 2026-07-28 and before, `ClientCapabilities`). An
    /// `elicitation` that names no mode means forms.
    #[must_use]
    pub fn read(said: &Value) -> Self {
        let has = |of: &Value, name: &str| of.get(name).is_some_and(Value::is_object);
        let elicitation = said.get("elicitation").filter(|elicitation| elicitation.is_object());
        let extensions = said.get("extensions");
        Self {
            form: elicitation.is_some_and(|modes| has(modes, "form") || !has(modes, "url")),
            url: elicitation.is_some_and(|modes| has(modes, "url")),
            sampling: has(said, "sampling"),
            roots: has(said, "roots"),
            tasks: extensions.is_some_and(|extensions| has(extensions, TASKS)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_elicitation_without_a_mode_means_forms() {
        let read = |said: Value| {
            let can = Capabilities::read(&said);
            (can.form, can.url)
        };
        assert_eq!(read(json!({})), (false, false));
        assert_eq!(read(json!({ "elicitation": {} })), (true, false));
        assert_eq!(read(json!({ "elicitation": { "url": {} } })), (false, true));
        assert_eq!(read(json!({ "elicitation": { "form": {}, "url": {} } })), (true, true));
        assert_eq!(read(json!({ "elicitation": true })), (false, false));
    }

    #[test]
    fn the_rest_is_there_or_not() {
        let said = json!({ "sampling": {}, "roots": { "listChanged": true }, "extensions": { TASKS: {} } });
        let can = Capabilities::read(&said);
        assert!(can.sampling && can.roots && can.tasks && !can.form && !can.url);
        assert_eq!(Capabilities::read(&Value::Null), Capabilities::default());
    }
}
