//! One request, with everything that holds for every method looked at.

use super::{
    meta::Meta,
    methods::{self, Method},
};
use crate::{
    mcp::{
        caller::Asker,
        door::{Fault, METHOD, Members, NAME, Said, VERSION, repeated, single},
        revisions::{self, STATELESS},
    },
    registry::Registry,
};
use http::{HeaderMap, StatusCode};
use serde_json::{json, value::RawValue};

/// A request of a method that is ours.
pub(super) struct Request<'a> {
    pub(super) id: &'a RawValue,
    /// What the method is asked of, where it is asked of something: a tool's or prompt's name, a resource's address.
    pub(super) name: String,
    /// The other parameters.
    pub(super) params: Members,
    pub(super) meta: Meta,
    pub(super) headers: Option<&'a HeaderMap>,
    pub(super) asker: Asker,
}

impl<'a> Request<'a> {
    /// Reads a request, and finds its method.
    ///
    /// # Errors
    /// As the table of this module says.
    pub(super) fn read(
        id: &'a RawValue,
        said: Said<'_>,
        headers: Option<&'a HeaderMap>,
        asker: Asker,
        registry: &Registry,
    ) -> Result<(&'static Method, Self), Fault> {
        let Said { method, mut params, meta } = said;
        let version = headers.map(|headers| agreed(headers, &method)).transpose()?;
        let mut meta = meta.ok_or_else(|| Fault::params("`_meta` is missing"))?;
        let requested = Meta::version(&mut meta)?;
        if version.is_some_and(|version| version != requested) {
            return Err(Fault::mismatch("MCP-Protocol-Version is not the protocolVersion of `_meta`"));
        }
        let meta = Meta::read(meta)?;
        if requested != STATELESS {
            return Err(unsupported(&requested));
        }
        let method = methods::method(&method, registry).ok_or_else(Fault::no_method)?;
        let name = match method.named {
            Some(parameter) => named(parameter, &mut params, headers)?,
            None => String::new(),
        };
        Ok((method, Self { id, name, params, meta: meta.checked()?, headers, asker }))
    }
}

/// The revision that the headers say; they must say the method too.
fn agreed<'a>(headers: &'a HeaderMap, method: &str) -> Result<&'a str, Fault> {
    let version =
        single(headers, &VERSION)?.ok_or_else(|| Fault::mismatch("MCP-Protocol-Version is missing"))?;
    let said = single(headers, &METHOD)?.ok_or_else(|| Fault::mismatch("Mcp-Method is missing"))?;
    if said == method {
        Ok(version)
    } else {
        Err(Fault::mismatch(format!("Mcp-Method is not the method of the body, {method}")))
    }
}

fn unsupported(requested: &str) -> Fault {
    // A list that names what was refused would send the client round in circles.
    let supported: Vec<&str> = revisions::all().filter(|revision| *revision != requested).collect();
    let message = "Unsupported protocol version";
    Fault::new(StatusCode::BAD_REQUEST, -32022, message)
        .data(json!({ "supported": supported, "requested": requested }))
}

fn named(parameter: &str, params: &mut Members, headers: Option<&HeaderMap>) -> Result<String, Fault> {
    let name = params.needed_text(parameter)?;
    if let Some(headers) = headers {
        let said = repeated(headers, &NAME)?.ok_or_else(|| Fault::mismatch("Mcp-Name is missing"))?;
        if said != name {
            return Err(Fault::mismatch(format!("Mcp-Name is not the `{parameter}` of the body")));
        }
    }
    Ok(name)
}
