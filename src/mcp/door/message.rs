//! One message, read once: the envelope of JSON-RPC, and below it the parameters, strictly. Every way in reads it here.

use super::{
    Fault, Members,
    strict::{Plain, is_strict},
};
use serde::{Deserialize, Deserializer};
use serde_json::{error::Category, value::RawValue};
use std::borrow::Cow;

/// The longest id, in bytes as it is written: every notification of a subscription repeats it.
const LONGEST_ID: usize = 1024;
/// The longest name of a method, in bytes.
const LONGEST_METHOD: usize = 256;
/// How the names of what is told begin, and never answered.
const NOTES: &str = "notifications/";

/// What a client sends.
#[derive(Debug)]
pub(in crate::mcp) enum Message<'a> {
    /// Something that is answered.
    Request(&'a RawValue, Said<'a>),
    /// Something that is not.
    Notification(Said<'a>),
    /// An answer to a request of ours; an error without an id tells of a message that could not be read.
    Response {
        /// The id of the request.
        id: Option<&'a RawValue>,
    },
}

/// What a request or a notification says.
#[derive(Debug)]
pub(in crate::mcp) struct Said<'a> {
    pub(in crate::mcp) method: Cow<'a, str>,
    /// The parameters, without `_meta`.
    pub(in crate::mcp) params: Members,
    pub(in crate::mcp) meta: Option<Members>,
}

impl Said<'_> {
    /// The same, whatever becomes of the bytes that it was read from.
    pub(in crate::mcp) fn into_owned(self) -> Said<'static> {
        Said { method: Cow::Owned(self.method.into_owned()), ..self }
    }

    /// Whether it is what its method says to be told, and never answered.
    pub(in crate::mcp) fn is_note(&self) -> bool {
        self.method.starts_with(NOTES)
    }
}

impl<'a> Message<'a> {
    /// Reads one message.
    ///
    /// # Errors
    /// It is not UTF-8, no JSON, no message, or its parameters are not strict; the fault has the id where there is one.
    pub(in crate::mcp) fn read(bytes: &'a [u8]) -> Result<Self, Fault> {
        // `serde_json` does not look into texts that it skips.
        let text = std::str::from_utf8(bytes).map_err(|_| Fault::parse("the message is not UTF-8"))?;
        if text.trim_start().starts_with('[') {
            // A derived struct would read a list by position.
            return Err(serde_json::from_str::<serde::de::IgnoredAny>(text).map_or_else(
                |error| Fault::parse(error.to_string()),
                |_| Fault::invalid("one message at a time: lists of messages are not taken"),
            ));
        }
        // What is as nearly all is, is read at once. What is not, is read again in the order of the faults that it may have.
        if let Ok(plain) = serde_json::from_str::<Envelope<'_, Plain>>(text) {
            return plain.message(|Plain { rest, meta }| Ok((rest, meta)));
        }
        let envelope: Envelope<'_, &RawValue> =
            serde_json::from_str(text).map_err(|error| match error.classify() {
                Category::Data => Fault::invalid(error.to_string()),
                _ => Fault::parse(error.to_string()),
            })?;
        envelope.message(|params| {
            let mut params =
                Members::read(params.get()).map_err(|error| Fault::params(format!("`params`: {error}")))?;
            let meta = params.object("_meta")?.map(Members::from);
            Ok((params, meta))
        })
    }
}

/// Members but `params` stay as they are written. A known name that stands twice is refused by the derived code.
#[derive(Deserialize)]
#[serde(bound(deserialize = "P: Deserialize<'de>"))]
struct Envelope<'a, P> {
    #[serde(borrow, default, deserialize_with = "present")]
    jsonrpc: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    id: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    method: Option<&'a RawValue>,
    #[serde(default, deserialize_with = "present")]
    params: Option<P>,
    #[serde(borrow, default, deserialize_with = "present")]
    result: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    error: Option<&'a RawValue>,
}

/// A member that is null is there all the same: a request whose id is null is no notification.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl<'a, P> Envelope<'a, P> {
    /// The message, whose parameters `read` takes apart into `_meta` and the rest.
    fn message(
        self,
        read: impl FnOnce(P) -> Result<(Members, Option<Members>), Fault>,
    ) -> Result<Message<'a>, Fault> {
        if self.id.is_some_and(|id| !is_id(id.get())) {
            let message = format!("`id` must be a string or a whole number of at most {LONGEST_ID} bytes");
            return Err(Fault::invalid(message));
        }
        let of = |fault: Fault| match self.id {
            Some(id) => fault.of(id),
            None => fault,
        };
        if self.jsonrpc.map(RawValue::get) != Some(r#""2.0""#) {
            return Err(of(Fault::invalid(r#"`jsonrpc` must be "2.0""#)));
        }
        let Some(method) = self.method else {
            let outcome = match (self.result, self.error) {
                (Some(outcome), None) | (None, Some(outcome)) => Some(outcome.get()),
                _ => None,
            };
            let is_response = (self.id.is_some() || self.error.is_some()) && outcome.is_some_and(is_strict);
            return is_response
                .then_some(Message::Response { id: self.id })
                .ok_or_else(|| of(Fault::invalid("`method` is missing")));
        };
        if self.result.is_some() || self.error.is_some() {
            return Err(of(Fault::invalid("a message with a method has neither `result` nor `error`")));
        }
        let method = text(method).filter(|method| method.len() <= LONGEST_METHOD);
        let method = method.ok_or_else(|| {
            of(Fault::invalid(format!("`method` must be a string of at most {LONGEST_METHOD} bytes")))
        })?;
        let is_note = self.id.is_none() && method.starts_with(NOTES);
        let params = self.params.map(read).transpose();
        let params = params.map_err(|fault| if is_note { fault.of_a_notification() } else { of(fault) })?;
        let (params, meta) = params.unwrap_or_default();
        let said = Said { method, params, meta };
        Ok(match self.id {
            Some(id) => Message::Request(id, said),
            None => Message::Notification(said),
        })
    }
}

fn is_id(id: &str) -> bool {
    if id.len() > LONGEST_ID {
        return false;
    }
    if id.starts_with('"') {
        return serde_json::from_str::<Cow<'_, str>>(id).is_ok();
    }
    let digits = id.strip_prefix('-').unwrap_or(id);
    !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit())
}

/// The text that a member is; nothing is copied where nothing is escaped.
fn text(raw: &RawValue) -> Option<Cow<'_, str>> {
    match raw.get().strip_prefix('"')?.strip_suffix('"')? {
        plain if !plain.contains('\\') => Some(Cow::Borrowed(plain)),
        _ => serde_json::from_str::<String>(raw.get()).ok().map(Cow::Owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// What a fault tells, as `CODE ID`.
    fn fault(text: impl AsRef<[u8]>) -> String {
        let fault = Message::read(text.as_ref()).unwrap_err().message();
        let told: Value = serde_json::from_slice(&fault).unwrap();
        format!("{} {}", told["error"]["code"], told.get("id").unwrap_or(&"-".into()))
    }

    #[test]
    fn requests_notifications_and_responses_are_told_apart() {
        let Message::Request(id, said) = Message::read(
            br#" {"jsonrpc":"2.0","id":"a","method":"tools\/list","params":{"_meta":{"a":1},"cursor":"c"}}"#,
        )
        .unwrap() else {
            panic!("a request")
        };
        let Said { method, mut params, meta } = said;
        assert_eq!((id.get(), method.as_ref()), (r#""a""#, "tools/list"));
        assert_eq!(params.needed_text("cursor").unwrap(), "c");
        assert_eq!(meta.unwrap().take("a"), Some(1.into()));

        for text in ["", r#","params":{}"#, r#","params":{"_meta":{}}"#] {
            let text = format!(r#"{{"jsonrpc":"2.0","method":"notifications/x"{text}}}"#);
            assert!(matches!(Message::read(text.as_bytes()), Ok(Message::Notification(_))), "{text}");
        }
        for outcome in [r#""result":{}"#, r#""error":{"code":1,"message":"x"}"#, r#""result":null"#] {
            let text = format!(r#"{{"jsonrpc":"2.0","id":1,{outcome}}}"#);
            assert!(
                matches!(Message::read(text.as_bytes()), Ok(Message::Response { id: Some(_) })),
                "{text}"
            );
        }
        let nameless = br#"{"jsonrpc":"2.0","error":{"code":-32700,"message":"x"}}"#;
        assert!(matches!(Message::read(nameless), Ok(Message::Response { id: None })));
    }

    #[test]
    fn what_is_no_json_has_no_id() {
        for text in [
            "",
            "{",
            "x",
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\"} x",
            "{'a':1}",
            "[1,",
            "\u{feff}{}",
        ] {
            assert_eq!(fault(text), "-32700 \"-\"", "{text}");
        }
        assert_eq!(fault(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\",\"x\":\"\xff\"}"), "-32700 \"-\"");
    }

    #[test]
    fn what_is_no_message_is_an_invalid_request() {
        for text in ["[]", "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]", "1", "null", "\"x\"", "{}"]
        {
            assert_eq!(fault(text), "-32600 \"-\"", "{text}");
        }
        for id in
            ["null", "1.5", "1e3", "true", "[]", "{}", r#""\ud800""#, &format!("{:?}", "x".repeat(1024))]
        {
            let text = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#);
            assert_eq!(fault(&text), "-32600 \"-\"", "{text:.60}");
        }
        for rest in [
            r#""jsonrpc":"1.0","method":"ping""#,
            r#""jsonrpc":2.0,"method":"ping""#,
            r#""method":"ping""#,
            r#""jsonrpc":"2.0""#,
            r#""jsonrpc":"2.0","method":7"#,
            r#""jsonrpc":"2.0","method":null"#,
            r#""jsonrpc":"2.0","method":"\ud800""#,
            r#""jsonrpc":"2.0","method":"ping","result":{}"#,
            r#""jsonrpc":"2.0","result":{},"error":{}"#,
            r#""jsonrpc":"2.0","result":{"a":1,"a":2}"#,
        ] {
            assert_eq!(fault(format!(r#"{{"id":7,{rest}}}"#)), "-32600 7", "{rest}");
        }
        assert_eq!(fault(r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}"#), "-32600 \"-\"");
        assert_eq!(fault(r#"{"jsonrpc":"2.0","result":{}}"#), "-32600 \"-\"");
    }

    #[test]
    fn parameters_are_an_object_in_which_no_name_stands_twice() {
        let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
        for params in [
            "[]",
            "null",
            "7",
            r#"{"a":1,"a":2}"#,
            r#"{"_meta":7}"#,
            r#"{"_meta":{"b":{"c":1,"c":1}}}"#,
            &deep,
        ] {
            let text = format!(r#"{{"jsonrpc":"2.0","id":-3,"method":"ping","params":{params}}}"#);
            assert_eq!(fault(&text), "-32602 -3", "{params:.40}");
        }
    }

    #[test]
    fn parameters_that_are_not_as_most_are_read_all_the_same() {
        let many: String = (0..1000).map(|n| format!(r#""x{n}":{n},"#)).collect();
        let deep = format!(r#""a":{}{},"#, "[".repeat(126), "]".repeat(126));
        for more in ["", &many, &deep] {
            for meta in ["{}", "null", &format!("{{{}}}", many.trim_end_matches(','))] {
                let text = format!(
                    r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":{{{more}"_meta":{meta},"z":"last"}}}}"#
                );
                let Ok(Message::Request(_, mut said)) = Message::read(text.as_bytes()) else {
                    panic!("{text:.80}")
                };
                assert_eq!(said.params.needed_text("z").unwrap(), "last");
                assert_eq!(
                    said.meta.map(|meta| meta.has("x999")),
                    match meta {
                        "null" => None,
                        text => Some(text.len() > 2),
                    }
                );
            }
        }
    }

    #[test]
    fn ids_of_any_length_within_the_bound_are_kept() {
        for id in ["0", "-1", "123456789012345678901234567890", r#""""#, r#""\u00e9\n""#] {
            let text = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#);
            assert!(
                matches!(Message::read(text.as_bytes()), Ok(Message::Request(raw, _)) if raw.get() == id),
                "{id}"
            );
        }
    }
}
