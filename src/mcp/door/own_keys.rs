//! Keys that callers send: taken out of the request where they may come, refused with the reason where they may not.

use super::{Fault, SESSION};
use crate::seam::{AuthMode, CallerKey, CallerKeys, Secret};
use http::{HeaderName, Method, StatusCode, Uri, header};
use poem::Request;
use std::{borrow::Cow, sync::Once};
use url::form_urlencoded;

/// Which keys callers may send, and how; none by default.
pub struct OwnKeys {
    declared: Vec<(HeaderName, CallerKey)>,
    sign_in: AuthMode,
    in_query: bool,
    warned: Once,
}

impl Default for OwnKeys {
    fn default() -> Self {
        Self::new(Vec::new(), AuthMode::Off, false)
    }
}

impl OwnKeys {
    /// Takes the keys that packs have `declared`, unless callers must sign in; in the query only where it may hold keys.
    #[must_use]
    pub fn new(declared: Vec<CallerKey>, sign_in: AuthMode, in_query: bool) -> Self {
        let named = |key: CallerKey| Some((HeaderName::from_bytes(key.header.as_bytes()).ok()?, key));
        let declared = declared.into_iter().filter_map(named).collect();
        Self { declared, sign_in, in_query, warned: Once::new() }
    }

    /// Takes the keys out of a request. Nothing that may hold one stays in it.
    ///
    /// # Errors
    /// A key comes where none may come, more than once, differently twice, or is none; an address comes. An answer with
    /// another key, or from another place, is not what such a caller wants.
    pub(super) fn take(&self, request: &mut Request) -> Result<CallerKeys, Fault> {
        let query = request.uri().query().unwrap_or_default().to_owned();
        let is_path_alone = request.uri().authority().is_none() && request.uri().query().is_none();
        if !is_path_alone {
            let uri = request.uri().path().parse::<Uri>();
            *request.uri_mut() = uri.unwrap_or_default();
        }
        let mut keys = Vec::new();
        for (header, declared) in &self.declared {
            // Most requests bring none.
            if query.is_empty() && !request.headers().contains_key(header) {
                continue;
            }
            let given = self.key(declared, request, &query)?;
            request.headers_mut().remove(header);
            keys.extend(given.map(|key| (declared.header, key)));
        }
        Ok(CallerKeys::new(keys))
    }

    /// What is told to who opens in a browser the address with which clients send a key.
    ///
    /// # Errors
    /// Always, where the request is such a one.
    pub(super) fn hint(&self, request: &Request) -> Result<(), Fault> {
        if request.method() != Method::GET || request.headers().contains_key(SESSION) {
            return Ok(());
        }
        let query = request.uri().query().unwrap_or_default();
        let opened = self
            .declared
            .iter()
            .find(|(_, declared)| declared.parameter.is_some_and(|name| has(query, name)));
        let Some((_, declared)) = opened else { return Ok(()) };
        let then = match self.sign_in {
            AuthMode::Required => "callers sign in here, and send no key".to_owned(),
            _ => format!(
                "send the key in the header `{}`, as URLs end up in histories and logs",
                declared.header
            ),
        };
        let message = format!(
            "this address is for MCP clients, which POST to it; set it as a client's server URL; {then}"
        );
        let fault = Fault::http(StatusCode::METHOD_NOT_ALLOWED, &message);
        Err(fault.header(header::ALLOW, super::ALLOWED))
    }

    fn key(&self, declared: &CallerKey, request: &Request, query: &str) -> Result<Option<Secret>, Fault> {
        self.may_come(declared, request, query)?;
        let name = format!("the header `{}`", declared.header);
        let values = request.headers().get_all(declared.header).iter();
        let in_header = one(&name, values.map(|value| value.to_str().unwrap_or_default().trim().into()))?;
        let in_query = match declared.parameter {
            Some(parameter) => one(&format!("`{parameter}` in the query"), said(query, parameter))?,
            None => None,
        };
        match (in_header, in_query) {
            (Some(one), Some(other)) if one.expose() != other.expose() => {
                Err(bad(&format!("{name} and the query hold different keys; send one")))
            }
            (None, Some(key)) => {
                self.warned.call_once(|| warn(declared.header));
                Ok(Some(key))
            }
            (key, _) => Ok(key),
        }
    }

    /// Checks that nothing comes that may not come here.
    fn may_come(&self, declared: &CallerKey, request: &Request, query: &str) -> Result<(), Fault> {
        let header = declared.header;
        let in_query = declared.parameter.is_some_and(|name| has(query, name));
        if let Some(address) = declared.address.filter(|name| has(query, name)) {
            return Err(bad(&format!(
                "`{address}` is not taken from a request: keys are sent to the address that whoever runs this server \
                 has set; leave it out"
            )));
        }
        if self.sign_in == AuthMode::Required && (in_query || request.headers().contains_key(header)) {
            return Err(bad(&format!(
                "callers sign in here, and no key is taken from a request; leave out the header `{header}` and a key \
                 in the query"
            )));
        }
        if in_query && !self.in_query {
            return Err(bad(&format!(
                "no key is taken from the query here; send it in the header `{header}`"
            )));
        }
        Ok(())
    }
}

fn warn(header: &str) {
    tracing::warn!(
        header,
        "a caller sends its key in the query, which is deprecated, as URLs end up in histories and logs: let clients \
         send the header; `auth.query_api_key: false` refuses keys in the query. This is told once"
    );
}

fn bad(message: &str) -> Fault {
    Fault::http(StatusCode::BAD_REQUEST, message)
}

/// The values of a parameter.
fn said<'a>(query: &'a str, name: &'a str) -> impl Iterator<Item = Cow<'a, str>> {
    form_urlencoded::parse(query.as_bytes()).filter(move |(known, _)| known == name).map(|(_, value)| value)
}

fn has(query: &str, name: &str) -> bool {
    said(query, name).next().is_some()
}

/// The one key among these values.
fn one<'a>(name: &str, mut values: impl Iterator<Item = Cow<'a, str>>) -> Result<Option<Secret>, Fault> {
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(_), Some(_)) => Err(bad(&format!("{name} came more than once; send it once"))),
        (Some(value), None) => CallerKeys::key(&value).map(Some).ok_or_else(|| {
            bad(&format!("{name} is no API key: 1 to {} letters, digits and `-._~+/=`", CallerKeys::LONGEST))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DECLARED: CallerKey =
        CallerKey { header: "X-Crm-Key", parameter: Some("key"), address: Some("at") };

    fn request(uri: &str, headers: &[&str]) -> Request {
        let request = Request::builder().uri_str(uri);
        headers.iter().fold(request, |request, value| request.header(DECLARED.header, *value)).finish()
    }

    #[test]
    fn nothing_of_a_key_stays_in_a_request() {
        let keys = OwnKeys::new(vec![DECLARED], AuthMode::Off, true);
        for (uri, headers) in
            [("/mcp?key=k", &[][..]), ("http://crm.example/mcp?a&key=k", &["k"]), ("/mcp", &[" k "])]
        {
            let mut request = request(uri, headers);
            let taken = keys.take(&mut request).unwrap();
            assert_eq!(taken.of(&DECLARED).unwrap().expose(), "k", "{uri}");
            assert_eq!(request.uri().to_string(), "/mcp");
            assert!(!request.headers().contains_key(DECLARED.header));
        }
        assert!(keys.take(&mut request("/mcp?KEY=k", &[])).unwrap().of(&DECLARED).is_none());
    }

    #[test]
    fn where_no_pack_declares_a_key_none_is_looked_for() {
        let keys = OwnKeys::default();
        let taken = keys.take(&mut request("/mcp?key=k&key=l&at=x", &["k", "l"])).unwrap();
        assert!(taken.of(&DECLARED).is_none());
        assert!(keys.hint(&request("/mcp?key=k", &[])).is_ok());
    }
}
