//! What a resource says when it is read.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Serialize;
use serde_json::{Map, Value};

/// What a resource says: a text or bytes. Its address and kind are those of the resource unless the body says another
/// kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    mime_type: Option<String>,
    #[serde(flatten)]
    said: Said,
    #[serde(rename = "_meta", skip_serializing_if = "Map::is_empty")]
    meta: Map<String, Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Said {
    Text(String),
    /// In Base64.
    Blob(String),
}

impl ResourceBody {
    /// A text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self { mime_type: None, said: Said::Text(text.into()), meta: Map::new() }
    }

    /// A value as JSON.
    #[must_use]
    pub fn json(value: &Value) -> Self {
        Self::text(value.to_string()).mime("application/json")
    }

    /// Bytes that are no text.
    #[must_use]
    pub fn bytes(bytes: impl AsRef<[u8]>) -> Self {
        Self { mime_type: None, said: Said::Blob(STANDARD.encode(bytes)), meta: Map::new() }
    }

    /// The same as another kind than its resource says.
    #[must_use]
    pub fn mime(mut self, mime: impl Into<String>) -> Self {
        self.mime_type = Some(mime.into());
        self
    }

    /// The same with one more value in `_meta`.
    #[must_use]
    pub fn meta(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.meta.insert(key.into(), value.into());
        self
    }

    /// The same, of this kind where it says none itself.
    #[must_use]
    pub fn or_mime(mut self, mime: &str) -> Self {
        self.mime_type.get_or_insert_with(|| mime.to_owned());
        self
    }

    /// How many bytes it takes on the wire.
    #[must_use]
    pub fn size(&self) -> usize {
        match &self.said {
            Said::Text(said) | Said::Blob(said) => said.len(),
        }
    }
}
