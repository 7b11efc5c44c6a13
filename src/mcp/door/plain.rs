//! Calls that come without MCP: arguments alone, read as strictly as a message.

use super::{Fault, Members, OwnKeys, headers, read_body};
use crate::seam::{ByteSize, CallerKeys};
use http::StatusCode;
use poem::Request;
use serde_json::{Map, Value};
use std::sync::Arc;

/// Reads such calls.
pub struct Plain {
    own_keys: Arc<OwnKeys>,
    most: usize,
}

/// A call that cannot be read: what HTTP says to it, and words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// The status to answer with: 400, 408, 413 or 415.
    pub status: StatusCode,
    /// What is wrong.
    pub message: String,
}

impl From<Fault> for Unfit {
    fn from(fault: Fault) -> Self {
        let (status, message) = fault.told();
        Self { status, message: message.to_owned() }
    }
}

impl Plain {
    /// Reads bodies of at most `most`, and takes these keys.
    #[must_use]
    pub const fn new(own_keys: Arc<OwnKeys>, most: ByteSize) -> Self {
        Self { own_keys, most: most.0 }
    }

    /// Takes the caller's keys out of a request; nothing that may hold one stays in it.
    ///
    /// # Errors
    /// A key comes where none may come, more than once, or is none.
    pub fn keys(&self, request: &mut Request) -> Result<CallerKeys, Unfit> {
        Ok(self.own_keys.take(request)?)
    }

    /// Takes the arguments: the body, a JSON object.
    ///
    /// # Errors
    /// It is of another type or compressed, too large, too slow, broken off, not UTF-8, no object, or not strict.
    pub async fn arguments(&self, request: &mut Request) -> Result<Map<String, Value>, Unfit> {
        headers::content(request.headers())?;
        let body = read_body(request, self.most).await;
        let body = body.map_err(|unread| Fault::http(unread.status(), unread.message()))?;
        let text = std::str::from_utf8(&body).map_err(|_| Fault::parse("the body is not UTF-8"))?;
        let read = Members::read(text).map_err(|error| Fault::parse(format!("the body: {error}")))?;
        Ok(read.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    async fn read(kind: &str, body: &[u8]) -> Result<Value, u16> {
        let plain = Plain::new(Arc::default(), ByteSize(64));
        let mut request = Request::builder().header("content-type", kind).body(body.to_vec());
        plain.arguments(&mut request).await.map(Value::Object).map_err(|unfit| unfit.status.as_u16())
    }

    #[tokio::test]
    async fn arguments_are_a_strict_object_in_json() {
        const JSON: &str = "application/json";
        assert_eq!(read(JSON, br#" {"a": [1, null]} "#).await, Ok(json!({ "a": [1, null] })));
        assert_eq!(read("text/plain", b"{}").await, Err(415));
        assert_eq!(read(JSON, format!(r#"{{"a": "{}"}}"#, "x".repeat(64)).as_bytes()).await, Err(413));
        let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(127), "]".repeat(127));
        for bad in ["", "[]", "7", "null", "{", "{} {}", r#"{"a":1,"\u0061":2}"#, r#"{"a":"\ud800"}"#] {
            assert_eq!(read(JSON, bad.as_bytes()).await, Err(400), "{bad}");
        }
        assert_eq!(read(JSON, b"{\"a\":\"\xff\"}").await, Err(400));
        let plain = Plain::new(Arc::default(), ByteSize(4 << 20));
        let mut request = Request::builder().header("content-type", JSON).body(deep);
        assert_eq!(plain.arguments(&mut request).await.unwrap_err().status, 400);
    }
}
