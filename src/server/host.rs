//! Host: only names of ours, so that no page can reach us under a name of its own (DNS rebinding).

use super::{Site, refusal::Refusal};
use http::{HeaderMap, HeaderName, StatusCode, header};
use poem::Request;

/// The one value of a header that may stand once.
pub(super) fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, ()> {
    let mut all = headers.get_all(name).iter();
    match (all.next(), all.next()) {
        (Some(value), None) => value.to_str().map(Some).map_err(|_| ()),
        (Some(_), Some(_)) => Err(()),
        (None, _) => Ok(None),
    }
}

/// Checks the Host header and the request target's own authority (absolute form, HTTP/2 `:authority`): with an
/// absolute target the header counts for nothing (RFC 9112, section 3.2.2), so every one that is there must be ours.
pub(super) fn check(request: &Request, site: &Site) -> Result<(), Refusal> {
    let said = single(request.headers(), &header::HOST)
        .map_err(|()| Refusal::new(StatusCode::BAD_REQUEST, "Host must stand once"))?;
    let target = request.uri().authority().map(http::uri::Authority::as_str);
    if said.is_none() && target.is_none() {
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "Host is missing"));
    }
    if !said.into_iter().chain(target).all(|authority| site.answers_to(authority)) {
        let message = "this host is not served here; the operator can add it to `server.allowed_hosts`";
        return Err(Refusal::new(StatusCode::FORBIDDEN, message));
    }
    Ok(())
}
