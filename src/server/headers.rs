//! What every answer carries for the browser's sake.

use http::{HeaderValue, header};
use poem::Response;

/// No sniffing, no framing, no referrer, nothing stored unless the route says so; of `/mcp` nothing at all.
pub(super) fn add(response: &mut Response, path: &str) {
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    if path == "/mcp" {
        headers.remove(header::CACHE_CONTROL);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}
