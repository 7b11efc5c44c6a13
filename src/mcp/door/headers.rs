//! Headers that decide something: each stands once, and media types are ours.

use super::Fault;
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use std::borrow::Cow;

/// The revision of a request (MCP 2025-06-18 and later).
pub(in crate::mcp) const VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
/// The session of a request (MCP 2025-03-26 to 2025-11-25).
pub(in crate::mcp) const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");
/// The method of a request (MCP 2026-07-28).
pub(in crate::mcp) const METHOD: HeaderName = HeaderName::from_static("mcp-method");
/// The tool, prompt or resource of a request (MCP 2026-07-28).
pub(in crate::mcp) const NAME: HeaderName = HeaderName::from_static("mcp-name");

pub(in crate::mcp) const JSON: &str = "application/json";
pub(in crate::mcp) const EVENTS: &str = "text/event-stream";
/// What nearly every client says that it takes: there is nothing to read in it.
const BOTH: &[u8] = b"application/json, text/event-stream";

/// The one value of a header, without the spaces around it.
///
/// # Errors
/// It stands more than once, or has other characters than visible ASCII, spaces and tabs.
pub(in crate::mcp) fn single<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> Result<Option<&'a str>, Fault> {
    let mut all = headers.get_all(name).iter();
    let (first, second) = (all.next(), all.next());
    if second.is_some() {
        return Err(Fault::mismatch(format!("{name} stands more than once")));
    }
    let plain = |value: &'a HeaderValue| value.to_str().map(|text| text.trim_matches([' ', '\t']));
    first
        .map(plain)
        .transpose()
        .map_err(|_| Fault::mismatch(format!("{name} has characters that no header has")))
}

/// The one value of a header that repeats something of the body: as it is, or as Base64 between `=?base64?` and `?=`
/// (MCP 2026-07-28, Value Encoding).
///
/// # Errors
/// As [`single`]; it is no Base64 of a text.
pub(in crate::mcp) fn repeated<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> Result<Option<Cow<'a, str>>, Fault> {
    let Some(value) = single(headers, name)? else { return Ok(None) };
    let Some(encoded) = value.strip_prefix("=?base64?").and_then(|rest| rest.strip_suffix("?=")) else {
        return Ok(Some(Cow::Borrowed(value)));
    };
    let text = STANDARD.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    text.map(|text| Some(Cow::Owned(text)))
        .ok_or_else(|| Fault::mismatch(format!("{name} is no Base64 of a text in UTF-8")))
}

/// Checks that a message comes as JSON, as it is.
///
/// # Errors
/// The status is 415.
pub(super) fn content(headers: &HeaderMap) -> Result<(), Fault> {
    let unsupported = |message| Err(Fault::http(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
    let kind = single(headers, &header::CONTENT_TYPE).ok().flatten().unwrap_or_default();
    if !essence(kind).eq_ignore_ascii_case(JSON) {
        return unsupported("Content-Type must be application/json");
    }
    let encodings = headers.get_all(header::CONTENT_ENCODING);
    if encodings.iter().any(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return unsupported("Content-Encoding is not supported: send the message as it is");
    }
    Ok(())
}

/// Checks that the answer may be any of these. Who says nothing takes anything (RFC 9110, section 12.5.1).
///
/// # Errors
/// The status is 406.
pub(in crate::mcp) fn accepts(headers: &HeaderMap, kinds: &[&str], message: &str) -> Result<(), Fault> {
    let Some(first) = headers.get(header::ACCEPT) else { return Ok(()) };
    if first == BOTH {
        return Ok(());
    }
    let said = headers.get_all(header::ACCEPT);
    let takes = |kind: &str| {
        let group = kind.split_once('/').map_or("", |(group, _)| group);
        let ranges = said.iter().flat_map(|value| value.to_str().unwrap_or_default().split(','));
        ranges.filter(|range| !is_refused(range)).map(essence).any(|range| {
            range.eq_ignore_ascii_case(kind)
                || range == "*/*"
                || range.strip_suffix("/*").is_some_and(|all| all.eq_ignore_ascii_case(group))
        })
    };
    if kinds.iter().all(|kind| takes(kind)) {
        return Ok(());
    }
    Err(Fault::http(StatusCode::NOT_ACCEPTABLE, message))
}

/// Whether a media range says of itself that it is not wanted: `q=0`.
fn is_refused(range: &str) -> bool {
    let weights = range.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
    weights
        .filter(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
        .any(|(_, weight)| weight.trim().parse::<f32>() == Ok(0.0))
}

fn essence(kind: &str) -> &str {
    kind.split(';').next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let line = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap())
        };
        lines.iter().map(line).collect()
    }

    #[test]
    fn a_header_stands_once_and_is_plain() {
        let one = |lines| single(&headers(lines), &NAME).map(|value| value.map(str::to_owned)).map_err(drop);
        assert_eq!(one(&[]), Ok(None));
        assert_eq!(one(&[("mcp-name", "  a b\t")]), Ok(Some("a b".into())));
        assert_eq!(one(&[("mcp-name", "a"), ("mcp-name", "a")]), Err(()));
        assert_eq!(one(&[("mcp-name", "é")]), Err(()));
    }

    #[test]
    fn a_repeated_text_is_plain_or_base64() {
        let one =
            |value| repeated(&headers(&[("mcp-name", value)]), &NAME).map(|text| text.unwrap().into_owned());
        for (value, text) in [
            ("SGVsbG8=", "SGVsbG8="),
            ("=?base64?SGVsbG8=?=", "Hello"),
            ("=?base64?SGVsbG8sIOS4lueVjA==?=", "Hello, 世界"),
            ("=?base64??=", ""),
            ("=?base64?SGVsbG8=", "=?base64?SGVsbG8="),
            ("=?BASE64?SGVsbG8=?=", "=?BASE64?SGVsbG8=?="),
        ] {
            assert_eq!(one(value).unwrap(), text, "{value}");
        }
        for bad in ["=?base64?SGVsbG8?=", "=?base64?SGVs!!!bG8=?=", "=?base64?/w==?=", "=?base64?SGVsbG9=?="]
        {
            assert!(one(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_json_as_it_is_comes_in() {
        for good in ["application/json", "Application/JSON; charset=utf-8", "application/json;a=b"] {
            assert!(content(&headers(&[("content-type", good)])).is_ok(), "{good}");
        }
        for bad in ["", "text/plain", "application/jsonp", "application/json-rpc", "application/vnd.x+json"] {
            assert!(content(&headers(&[("content-type", bad)])).is_err(), "{bad}");
        }
        let json = ("content-type", "application/json");
        assert!(content(&headers(&[])).is_err() && content(&headers(&[json, json])).is_err());
        assert!(content(&headers(&[json, ("content-encoding", "identity")])).is_ok());
        for bad in ["gzip", "", "identity, gzip"] {
            assert!(content(&headers(&[json, ("content-encoding", bad)])).is_err(), "{bad}");
        }
    }

    #[test]
    fn both_kinds_of_answer_must_be_welcome() {
        let takes =
            |lines: &[(&'static str, &str)]| accepts(&headers(lines), &[JSON, EVENTS], "both").is_ok();
        assert!(takes(&[]));
        for good in [
            "*/*",
            "application/json, text/event-stream",
            "text/event-stream;q=0.5,application/json;q=0.9",
            "application/*, Text/*",
            "text/html, */*;q=0.1",
        ] {
            assert!(takes(&[("accept", good)]), "{good}");
        }
        assert!(takes(&[("accept", "application/json"), ("accept", "text/event-stream")]));
        for bad in [
            "",
            "application/json",
            "text/event-stream",
            "text/html",
            "*/*;q=0",
            "application/json, text/event-stream;q=0.0",
        ] {
            assert!(!takes(&[("accept", bad)]), "{bad}");
        }
    }
}
