//! One piece of what is shown.

use super::{Annotations, ResourceBody, ResourceLink};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Serialize;
use serde_json::{Map, Value};

/// A block of content, as it stands in a tool's answer or a prompt's message (MCP 2025-11-25, `ContentBlock`).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Content {
    #[serde(flatten)]
    block: Block,
    #[serde(skip_serializing_if = "Annotations::is_empty")]
    annotations: Annotations,
    #[serde(rename = "_meta", skip_serializing_if = "Map::is_empty")]
    meta: Map<String, Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
enum Block {
    Text { text: String },
    Image { data: String, mime_type: String },
    Audio { data: String, mime_type: String },
    ResourceLink(ResourceLink),
    Resource { resource: Embedded },
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Embedded {
    uri: String,
    #[serde(flatten)]
    body: ResourceBody,
}

impl Content {
    fn of(block: Block) -> Self {
        Self { block, annotations: Annotations::NONE, meta: Map::new() }
    }

    /// A text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::of(Block::Text { text: text.into() })
    }

    /// A picture of a kind such as `image/png`.
    #[must_use]
    pub fn image(bytes: impl AsRef<[u8]>, mime: impl Into<String>) -> Self {
        Self::of(Block::Image { data: STANDARD.encode(bytes), mime_type: mime.into() })
    }

    /// Sound of a kind such as `audio/wav`.
    #[must_use]
    pub fn audio(bytes: impl AsRef<[u8]>, mime: impl Into<String>) -> Self {
        Self::of(Block::Audio { data: STANDARD.encode(bytes), mime_type: mime.into() })
    }

    /// A resource that can be read.
    #[must_use]
    pub fn link(mut link: ResourceLink) -> Self {
        let annotations = std::mem::take(&mut link.annotations);
        let meta = std::mem::take(&mut link.meta);
        Self { block: Block::ResourceLink(link), annotations, meta }
    }

    /// A resource with what it says, so that it need not be read.
    #[must_use]
    pub fn resource(uri: impl Into<String>, body: ResourceBody) -> Self {
        Self::of(Block::Resource { resource: Embedded { uri: uri.into(), body } })
    }

    /// The same with these hints.
    #[must_use]
    pub const fn annotated(mut self, annotations: Annotations) -> Self {
        self.annotations = annotations;
        self
    }

    /// The same with one more value in `_meta`.
    #[must_use]
    pub fn meta(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.meta.insert(key.into(), value.into());
        self
    }

    /// The text, where it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match &self.block {
            Block::Text { text } => Some(text),
            _ => None,
        }
    }

    /// How many bytes its text or data takes on the wire.
    #[must_use]
    pub fn size(&self) -> usize {
        match &self.block {
            Block::Text { text: data } | Block::Image { data, .. } | Block::Audio { data, .. } => data.len(),
            Block::ResourceLink(link) => link.uri.len(),
            Block::Resource { resource } => resource.body.size(),
        }
    }
}

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<ResourceLink> for Content {
    fn from(link: ResourceLink) -> Self {
        Self::link(link)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seam::{Icon, Role, Theme};
    use serde_json::json;

    #[track_caller]
    fn is(content: Content, wire: Value) {
        assert_eq!(serde_json::to_value(content).unwrap(), wire);
    }

    #[test]
    fn each_kind_of_content_has_its_own_form() {
        is(Content::text("Hello"), json!({ "type": "text", "text": "Hello" }));
        is(
            Content::image(b"\x89PNG", "image/png"),
            json!({ "type": "image", "data": "iVBORw==", "mimeType": "image/png" }),
        );
        is(
            Content::audio(b"RIFF", "audio/wav"),
            json!({ "type": "audio", "data": "UklGRg==", "mimeType": "audio/wav" }),
        );
        is(
            Content::resource("a://b", ResourceBody::json(&json!({ "c": 1 })).meta("d", 2)),
            json!({ "type": "resource", "resource": {
                "uri": "a://b", "mimeType": "application/json", "text": "{\"c\":1}", "_meta": { "d": 2 },
            }}),
        );
        is(
            Content::resource("a://b", ResourceBody::bytes([0, 1]).or_mime("x/y")),
            json!({ "type": "resource", "resource": { "uri": "a://b", "mimeType": "x/y", "blob": "AAE=" } }),
        );
    }

    #[test]
    fn hints_and_meta_stand_beside_the_block() {
        const HINTS: Annotations = Annotations::NONE
            .only_for(Role::User)
            .priority(7.0)
            .last_modified(jiff::Timestamp::constant(1_750_000_000, 0));
        const ICONS: &[Icon] =
            &[Icon::new("https://a/b.png").mime("image/png").sizes(&["any"]).theme(Theme::Dark)];
        let hints = json!({ "audience": ["user"], "priority": 1.0, "lastModified": "2025-06-15T15:06:40Z" });
        is(
            Content::text("x").annotated(HINTS).meta("a/b", true),
            json!({ "type": "text", "text": "x", "annotations": hints, "_meta": { "a/b": true } }),
        );
        let link = ResourceLink::new("a://b", "b").title("B").describe("The b.").mime("text/plain").size(7);
        is(
            Content::link(link.icons(ICONS).annotated(HINTS).meta("c", null())),
            json!({
                "type": "resource_link", "uri": "a://b", "name": "b", "title": "B", "description": "The b.",
                "mimeType": "text/plain", "size": 7,
                "icons": [{ "src": "https://a/b.png", "mimeType": "image/png", "sizes": ["any"], "theme": "dark" }],
                "annotations": hints, "_meta": { "c": null },
            }),
        );
    }

    fn null() -> Value {
        Value::Null
    }
}
