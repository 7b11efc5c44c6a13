//! Answers: one message, or a stream of them; the ids in them are the request's, byte for byte.

use crate::mcp::{
    answer::Called,
    door::{EVENTS, JSON},
    identity::Identity,
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use http::{HeaderValue, header};
use poem::{Body, Response};
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{
    Map, Value, json,
    value::{RawValue, to_raw_value},
};
use std::{io, pin::Pin, sync::LazyLock};

/// The member of `_meta` in which an answer says who gave it.
const SERVER_INFO: &str = "io.modelcontextprotocol/serverInfo";

/// What goes out on a stream.
pub(in crate::mcp) enum Event {
    /// A message on the way.
    Message(Vec<u8>),
    /// The answer, which is the last message.
    Answer(Vec<u8>),
    /// A sign of life, where the way in needs one.
    Alive,
}

/// An answer.
pub(in crate::mcp) enum Reply {
    /// One message.
    Message(Vec<u8>),
    /// Messages as they come; the last one is the answer. Who drops the stream ends what makes it.
    Events(Pin<Box<dyn Stream<Item = Event> + Send>>),
}

impl Reply {
    /// The answer with this result.
    pub(super) fn result(id: &RawValue, result: &(impl Serialize + ?Sized)) -> Self {
        Self::Message(message(id, result))
    }

    /// The same, where the result is written already.
    pub(super) fn written(id: &RawValue, result: &RawValue) -> Self {
        Self::Message(written(id, result))
    }

    /// The answer over HTTP.
    pub(in crate::mcp) fn response(self) -> Response {
        match self {
            Self::Message(message) => {
                Response::builder().header(header::CONTENT_TYPE, HeaderValue::from_static(JSON)).body(message)
            }
            Self::Events(events) => Response::builder()
                .content_type(EVENTS)
                .header(header::CACHE_CONTROL, "no-store")
                .header("x-accel-buffering", "no")
                .body(Body::from_bytes_stream(events.map(|event| Ok::<_, io::Error>(line(&event))))),
        }
    }
}

/// An event as server-sent events have it.
fn line(event: &Event) -> Bytes {
    match event {
        Event::Message(message) | Event::Answer(message) => {
            [b"data: ", message.as_slice(), b"\n\n"].concat().into()
        }
        Event::Alive => Bytes::from_static(b":\n\n"),
    }
}

/// A response with this result.
pub(super) fn message(id: &RawValue, result: &(impl Serialize + ?Sized)) -> Vec<u8> {
    let mut message = begun(id, 512);
    let before = message.len();
    message.extend_from_slice(br#","result":"#);
    if serde_json::to_writer(&mut message, result).is_err() {
        message.truncate(before);
        message.extend_from_slice(br#","error":{"code":-32603,"message":"the result is no JSON"}"#);
    }
    message.push(b'}');
    message
}

/// A response with a result that is written already, in memory that is just large enough: lists are long.
pub(super) fn written(id: &RawValue, result: &RawValue) -> Vec<u8> {
    let mut message = begun(id, result.get().len());
    message.extend_from_slice(br#","result":"#);
    message.extend_from_slice(result.get().as_bytes());
    message.push(b'}');
    message
}

/// The beginning of a response, with room for a result of so many bytes.
fn begun(id: &RawValue, room: usize) -> Vec<u8> {
    let mut message = Vec::with_capacity(room + id.get().len() + 64);
    message.extend_from_slice(br#"{"jsonrpc":"2.0","id":"#);
    message.extend_from_slice(id.get().as_bytes());
    message
}

/// A notification of ours.
pub(super) fn notification(method: &str, params: &(impl Serialize + ?Sized)) -> Vec<u8> {
    #[derive(Serialize)]
    struct Notification<'a, P: ?Sized> {
        jsonrpc: &'a str,
        method: &'a str,
        params: &'a P,
    }
    // Parameters are objects of texts and values, which serialise.
    serde_json::to_vec(&Notification { jsonrpc: "2.0", method, params }).unwrap_or_default()
}

/// A whole result, with what every result says.
pub(super) fn complete(mut result: Map<String, Value>) -> Value {
    result.insert("resultType".into(), json!("complete"));
    signed(result)
}

/// What a call of a tool comes to, with what every result says.
pub(super) enum Whole {
    /// The tool's answer. It is written straight to bytes: it may be large, and nobody reads it again.
    Called(Called),
    /// What is there already.
    Written(Value),
}

/// The `_meta` of an answer that says nothing else there.
static SIGNATURE: LazyLock<Option<Box<RawValue>>> =
    LazyLock::new(|| to_raw_value(&json!({ SERVER_INFO: Identity })).ok());

/// A tool's answer as a whole result.
pub(super) fn whole(mut called: Called) -> Whole {
    if !called.meta.is_empty() || SIGNATURE.is_none() {
        called.meta.insert(SERVER_INFO.into(), json!(Identity));
    }
    Whole::Called(called)
}

impl Serialize for Whole {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Called { content, is_error, structured, meta } = match self {
            Self::Called(called) => called,
            Self::Written(value) => return value.serialize(serializer),
        };
        let mut whole = serializer.serialize_map(None)?;
        whole.serialize_entry("content", content)?;
        whole.serialize_entry("isError", is_error)?;
        if let Some(structured) = structured {
            whole.serialize_entry("structuredContent", structured)?;
        }
        whole.serialize_entry("resultType", "complete")?;
        match &*SIGNATURE {
            Some(signature) if meta.is_empty() => whole.serialize_entry("_meta", signature)?,
            _ => whole.serialize_entry("_meta", meta)?,
        }
        whole.end()
    }
}

/// A result of any type, with who gave it.
pub(super) fn signed(mut result: Map<String, Value>) -> Value {
    let meta = result.entry("_meta").or_insert_with(|| json!({}));
    if let Some(meta) = meta.as_object_mut() {
        meta.insert(SERVER_INFO.into(), json!(Identity));
    }
    Value::Object(result)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;

    #[test]
    fn ids_come_back_byte_for_byte() {
        for id in ["1", "123456789012345678901234567890", r#""\u00e9""#, "-7"] {
            let raw: Box<RawValue> = serde_json::from_str(id).unwrap();
            let told = String::from_utf8(message(&raw, &json!({}))).unwrap();
            assert_eq!(told, format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#));
        }
    }

    #[tokio::test]
    async fn a_stream_is_server_sent_events() {
        let events = [Event::Alive, Event::Message(b"{}".to_vec())];
        let mut response = Reply::Events(Box::pin(stream::iter(events))).response();
        assert_eq!(response.header("x-accel-buffering"), Some("no"));
        assert_eq!(response.content_type(), Some(EVENTS));
        assert_eq!(response.take_body().into_string().await.unwrap(), ":\n\ndata: {}\n\n");
    }
}
