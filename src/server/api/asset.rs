//! What is the same for everybody and stays so for a while.

use super::super::problem::Problem;
use crate::telemetry::Source;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, header};
use poem::{Endpoint, Request, Response};
use sha2::{Digest as _, Sha256};

/// For how long it is taken for the newest.
const STORED: &str = "public, max-age=300";

/// A text with what tells it from another.
#[derive(Clone)]
pub(super) struct Asset {
    kind: &'static str,
    body: Bytes,
    tag: String,
    /// What a page may load; none for what is no page.
    policy: Option<&'static str>,
}

impl Asset {
    pub(super) fn new(kind: &'static str, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        let digest = Sha256::digest(&body);
        let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(digest.get(..18).unwrap_or_default()));
        Self { kind, body, tag, policy: None }
    }

    /// The same as a page that may load no more than this policy says.
    pub(super) fn within(self, policy: &'static str) -> Self {
        Self { policy: Some(policy), ..self }
    }

    /// Answers GET and HEAD, and spares the text to who has it.
    pub(super) fn response(&self, request: &Request) -> Response {
        if ![Method::GET, Method::HEAD].contains(request.method()) {
            let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "only GET is answered here");
            let mut response = problem.response(&Source::of(request.extensions()));
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            return response;
        }
        let known =
            request.headers().get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        let mut known = known.flat_map(|value| value.split(','));
        let has = known
            .any(|tag| matches!(tag.trim().trim_start_matches("W/"), tag if tag == self.tag || tag == "*"));
        let mut response = Response::builder()
            .header(header::ETAG, &self.tag)
            .header(header::CACHE_CONTROL, STORED)
            .status(if has { StatusCode::NOT_MODIFIED } else { StatusCode::OK });
        if let Some(policy) = self.policy {
            response = response.header(header::CONTENT_SECURITY_POLICY, policy);
        }
        match has {
            true => response.finish(),
            false => response.content_type(self.kind).body(self.body.clone()),
        }
    }
}

impl Endpoint for Asset {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        Ok(self.response(&request))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(method: Method, tag: Option<&str>) -> Response {
        let asset = Asset::new("text/plain", "words");
        let mut request = Request::builder().method(method);
        if let Some(tag) = tag {
            request = request.header("if-none-match", tag.replace("IT", &asset.tag));
        }
        asset.response(&request.finish())
    }

    #[test]
    fn who_has_it_is_spared_it() {
        for tag in ["IT", "W/IT", "\"a\", IT", "*"] {
            let answer = ask(Method::GET, Some(tag));
            assert_eq!((answer.status().as_u16(), answer.content_type()), (304, None), "{tag}");
            assert!(answer.header("etag").is_some());
        }
        for tag in [None, Some("\"a\""), Some("")] {
            assert_eq!(ask(Method::GET, tag).status(), 200, "{tag:?}");
        }
        let answer = ask(Method::POST, None);
        assert_eq!((answer.status().as_u16(), answer.header("allow")), (405, Some("GET, HEAD")));
    }
}
