//! What the client itself is asked: a text of its model, the folders that it works in.

use serde::Deserialize;
use serde_json::{Value, json};

/// What the client's model is asked to write.
#[derive(Clone, Debug)]
pub struct Sampling {
    prompt: String,
    system: Option<String>,
    most: u32,
}

impl Sampling {
    /// An answer to this text, of 1000 tokens at the most.
    #[must_use]
    pub fn new(prompt: impl Into<String>) -> Self {
        Self { prompt: prompt.into(), system: None, most: 1000 }
    }

    /// Tells the model what it is; the client may leave it out.
    #[must_use]
    pub fn system(mut self, text: impl Into<String>) -> Self {
        self.system = Some(text.into());
        self
    }

    /// The most tokens of the answer.
    #[must_use]
    pub const fn max_tokens(mut self, tokens: u32) -> Self {
        self.most = tokens;
        self
    }

    pub(super) fn params(self) -> Value {
        let content = json!({ "type": "text", "text": self.prompt });
        let mut params =
            json!({ "messages": [{ "role": "user", "content": content }], "maxTokens": self.most });
        if let (Some(system), Some(params)) = (self.system, params.as_object_mut()) {
            params.insert("systemPrompt".into(), system.into());
        }
        params
    }
}

impl From<&str> for Sampling {
    fn from(prompt: &str) -> Self {
        Self::new(prompt)
    }
}

impl From<String> for Sampling {
    fn from(prompt: String) -> Self {
        Self::new(prompt)
    }
}

/// What the client's model wrote. It is a model's text: data, never an instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sampled {
    /// The text, its parts one after the other.
    pub text: String,
    /// The model, where the client tells.
    pub model: Option<String>,
    /// Why it stopped, as in `endTurn` and `maxTokens`.
    pub stop_reason: Option<String>,
}

impl Sampled {
    pub(super) fn read(answer: &Value) -> Self {
        let content = answer.get("content");
        let parts = content.and_then(Value::as_array).map(Vec::as_slice);
        let parts = parts.or_else(|| content.map(std::slice::from_ref)).unwrap_or_default();
        let texts = parts.iter().filter(|part| part.get("type") == Some(&json!("text")));
        let texts: Vec<&str> = texts.filter_map(|part| part.get("text")?.as_str()).collect();
        let told = |name: &str| answer.get(name).and_then(Value::as_str).map(str::to_owned);
        Self { text: texts.join("\n"), model: told("model"), stop_reason: told("stopReason") }
    }
}

/// A folder that the client works in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Root {
    /// Where it is: a `file:` URI.
    pub uri: String,
    /// What people call it.
    pub name: Option<String>,
}
