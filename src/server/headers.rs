//! What every answer carries for the browser's sake.

use http::{HeaderValue, header};
use poem::Response;

const NO_FRAMES: HeaderValue = HeaderValue::from_static("frame-ancestors 'none'");
const NOTHING: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
/// A year, in seconds.
const HTTPS_ONLY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// No sniffing, no framing; no referrer and nothing stored unless the route says so; of `/mcp` nothing at all. A browser
/// that came by https once comes by nothing else.
pub(super) fn add(response: &mut Response, path: &str, https: bool) {
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::REFERRER_POLICY).or_insert(HeaderValue::from_static("no-referrer"));
    if headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        // Every policy holds: what a page allows itself allows nobody to frame it.
        headers.append(header::CONTENT_SECURITY_POLICY, NO_FRAMES);
    } else {
        headers.insert(header::CONTENT_SECURITY_POLICY, NOTHING);
    }
    if https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HTTPS_ONLY);
    }
    if path == "/mcp" {
        headers.remove(header::CACHE_CONTROL);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_is_kept_to_and_a_pages_own_policy_still_allows_no_frames() {
        for https in [true, false] {
            let mut response =
                Response::builder().header("content-security-policy", "default-src 'self'").finish();
            add(&mut response, "/docs", https);
            let said = response.header("strict-transport-security");
            assert_eq!(said, https.then_some("max-age=31536000"));
            let policies = response.headers().get_all("content-security-policy");
            let policies: Vec<&HeaderValue> = policies.iter().collect();
            assert_eq!(policies, ["default-src 'self'", "frame-ancestors 'none'"]);
        }
    }

    #[test]
    fn only_mcp_is_never_stored_whatever_a_route_says() {
        for (path, stored) in [("/mcp", "no-store"), ("/assets", "max-age=60")] {
            let mut response = Response::builder().header("cache-control", "max-age=60").finish();
            add(&mut response, path, false);
            assert_eq!(response.header("cache-control"), Some(stored), "{path}");
        }
    }
}
