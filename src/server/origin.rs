//! Origin: pages of other sites are turned away (MCP 2025-11-25, Transports, security warning); those that the
//! operator allows get what CORS wants.

use super::{Site, host::single, refusal::Refusal};
use crate::seam::PackEntry;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use poem::{Request, Response};

const METHODS: &str = "GET, POST, DELETE, OPTIONS";
const ASKED: &str = "Authorization, Content-Type, Accept, Last-Event-ID, Mcp-Session-Id, MCP-Protocol-Version, \
    Mcp-Method, Mcp-Name, traceparent";
const EXPOSED: &str = "Mcp-Session-Id, MCP-Protocol-Version, WWW-Authenticate, Retry-After";

/// Arguments mirrored in headers (MCP 2026-07-28): tools give them their names, so no list can hold them.
const MIRRORED: &str = "mcp-param-";
/// The longest list of asked headers that is looked at, in bytes.
const LONGEST: usize = 4096;

/// The request's origin, where it has one and is welcome.
pub(super) fn check(request: &Request, site: &Site) -> Result<Option<HeaderValue>, Refusal> {
    let said = single(request.headers(), &header::ORIGIN)
        .map_err(|()| Refusal::new(StatusCode::FORBIDDEN, "Origin must stand once"))?;
    match said {
        Some(origin) if !site.allows(origin) => {
            let message =
                "pages of this origin may not call here; the operator can add it to `server.allowed_origins`";
            Err(Refusal::new(StatusCode::FORBIDDEN, message))
        }
        Some(_) => Ok(request.header(header::ORIGIN).and_then(|origin| HeaderValue::from_str(origin).ok())),
        None => Ok(None),
    }
}

/// The answer to a browser that asks before it sends.
pub(super) fn preflight(request: &Request) -> Option<Response> {
    let asks = request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    asks.then(|| {
        Response::builder()
            .status(StatusCode::NO_CONTENT)
            .header(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS)
            .header(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed_headers(request))
            .header(header::ACCESS_CONTROL_MAX_AGE, "600")
            .finish()
    })
}

fn allowed_headers(request: &Request) -> String {
    let asked = request.header(header::ACCESS_CONTROL_REQUEST_HEADERS).filter(|asked| asked.len() <= LONGEST);
    let mut allowed = ASKED.to_owned();
    for own in PackEntry::all().iter().filter_map(|pack| pack.caller_key) {
        allowed.push_str(", ");
        allowed.push_str(own.header);
    }
    for name in asked.unwrap_or_default().split(',') {
        let name = HeaderName::from_bytes(name.trim().as_bytes());
        if let Some(name) = name.ok().filter(|name| name.as_str().starts_with(MIRRORED)) {
            allowed.push_str(", ");
            allowed.push_str(name.as_str());
        }
    }
    allowed
}

/// Lets the page read the answer.
pub(super) fn allow(response: &mut Response, origin: HeaderValue) {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
}
