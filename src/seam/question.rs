//! What a call can ask of its caller, and whether an answer is one.

use super::{Capabilities, Form};
use serde_json::{Value, json};

/// A question to the user, to the client's model, or to the client itself.
#[derive(Clone, Debug)]
pub enum Question {
    /// The user fills in a form.
    Form {
        /// What it is about.
        message: String,
        /// What is filled in.
        form: Form,
    },
    /// The user goes to a web page; what happens there, the client does not see.
    Url {
        /// What it is about.
        message: String,
        /// Where to go.
        url: String,
    },
    /// The client's model writes a text: the parameters of `sampling/createMessage`.
    Sample(Value),
    /// The client tells which folders it works in.
    Roots,
}

impl Question {
    /// The protocol's method for it.
    #[must_use]
    pub const fn method(&self) -> &'static str {
        match self {
            Self::Form { .. } | Self::Url { .. } => "elicitation/create",
            Self::Sample(_) => "sampling/createMessage",
            Self::Roots => "roots/list",
        }
    }

    /// The parameters of that method.
    #[must_use]
    pub fn params(&self) -> Value {
        match self {
            Self::Form { message, form } => json!({ "message": message, "requestedSchema": form.schema() }),
            Self::Url { message, url } => json!({ "mode": "url", "message": message, "url": url }),
            Self::Sample(params) => params.clone(),
            Self::Roots => json!({}),
        }
    }

    /// The capability that this client lacks for it, as the protocol's errors tell it.
    #[must_use]
    pub fn missing(&self, client: Capabilities) -> Option<Value> {
        let (can, needed) = match self {
            Self::Form { .. } => (client.form, json!({ "elicitation": {} })),
            Self::Url { .. } => (client.url, json!({ "elicitation": { "url": {} } })),
            Self::Sample(_) => (client.sampling, json!({ "sampling": {} })),
            Self::Roots => (client.roots, json!({ "roots": {} })),
        };
        (!can).then_some(needed)
    }

    /// What a client must be able to do for it, in words.
    #[must_use]
    pub const fn needs(&self) -> &'static str {
        match self {
            Self::Form { .. } => "show a form to its user",
            Self::Url { .. } => "send its user to a web page",
            Self::Sample(_) => "let its model write a text",
            Self::Roots => "tell which folders it works in",
        }
    }

    /// Whether this is an answer to it: the same check on every way in.
    #[must_use]
    pub fn accepts(&self, answer: &Value) -> bool {
        let action = answer.get("action").and_then(Value::as_str);
        match (self, action) {
            (Self::Form { .. } | Self::Url { .. }, Some("decline" | "cancel")) => true,
            (Self::Form { form, .. }, Some("accept")) => {
                answer.get("content").is_some_and(|content| form.fits(content))
            }
            (Self::Url { .. }, action) => action == Some("accept"),
            (Self::Form { .. }, _) => false,
            (Self::Sample(_), _) => {
                let content = answer.get("content");
                answer.get("role").is_some_and(Value::is_string)
                    && content.is_some_and(|content| content.is_object() || content.is_array())
            }
            (Self::Roots, _) => {
                let roots = answer.get("roots").and_then(Value::as_array);
                roots.is_some_and(|roots| {
                    roots.iter().all(|root| root.get("uri").is_some_and(Value::is_string))
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> Question {
        let schema =
            json!({ "type": "object", "properties": { "n": { "type": "integer" } }, "required": ["n"] });
        Question::Form { message: "How many?".into(), form: Form::raw(schema).unwrap() }
    }

    #[test]
    fn an_answer_must_fit_its_question() {
        let url = Question::Url { message: "Sign in".into(), url: "https://a.example".into() };
        let sample = Question::Sample(json!({}));
        let yes = [
            (form(), json!({ "action": "accept", "content": { "n": 3, "more": true } })),
            (form(), json!({ "action": "decline" })),
            (form(), json!({ "action": "cancel", "content": null })),
            (url.clone(), json!({ "action": "accept" })),
            (url.clone(), json!({ "action": "decline" })),
            (sample.clone(), json!({ "role": "assistant", "content": { "type": "text", "text": "a" } })),
            (sample.clone(), json!({ "role": "assistant", "content": [] })),
            (Question::Roots, json!({ "roots": [{ "uri": "file:///a" }] })),
        ];
        for (question, answer) in yes {
            assert!(question.accepts(&answer), "{answer}");
        }
        let no = [
            (form(), json!({ "action": "accept", "content": { "n": "3" } })),
            (form(), json!({ "action": "accept", "content": {} })),
            (form(), json!({ "action": "accept" })),
            (form(), json!({ "action": "ACCEPT", "content": { "n": 3 } })),
            (form(), json!({ "content": { "n": 3 } })),
            (form(), json!(12345)),
            (form(), Value::Null),
            (url, json!({ "action": "yes" })),
            (sample.clone(), json!({ "role": "assistant" })),
            (sample, json!({ "content": "text" })),
            (Question::Roots, json!({ "roots": {} })),
            (Question::Roots, json!({ "roots": ["file:///a"] })),
        ];
        for (question, answer) in no {
            assert!(!question.accepts(&answer), "{answer}");
        }
    }

    #[test]
    fn what_a_client_lacks_is_told_as_the_protocol_names_it() {
        let none = Capabilities::default();
        assert_eq!(form().missing(none), Some(json!({ "elicitation": {} })));
        assert_eq!(Question::Sample(json!({})).missing(none), Some(json!({ "sampling": {} })));
        assert_eq!(form().missing(Capabilities { form: true, ..none }), None);
        let url = Question::Url { message: String::new(), url: String::new() };
        assert_eq!(
            url.missing(Capabilities { form: true, ..none }),
            Some(json!({ "elicitation": { "url": {} } }))
        );
    }
}
