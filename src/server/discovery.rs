//! The documents that tell clients where to sign in: for everybody, pages of any origin among them.

use super::refusal::Refusal;
use crate::{
    auth::{Guard, RESOURCE_DOCUMENT, SERVER_DOCUMENT},
    seam::AuthError,
    telemetry::Source,
};
use http::{HeaderValue, Method, StatusCode, header};
use poem::{Body, Endpoint, Request, Response};
use std::sync::Arc;

/// The protected-resource document in the form for a resource without a path.
pub(super) const RESOURCE_ROOT: &str = "/.well-known/oauth-protected-resource";

/// Whether a path is one of these documents: they say nothing that is not for everybody, and a client in a page asks
/// for them before anybody could have allowed its origin.
pub(super) fn is_public(path: &str) -> bool {
    [RESOURCE_DOCUMENT, RESOURCE_ROOT, SERVER_DOCUMENT].contains(&path)
}

/// Answers with one of the documents.
pub(super) enum Discovery {
    /// About this server.
    Resource(Guard),
    /// About the authorization server, as it tells itself.
    Server(Guard),
}

impl Endpoint for Discovery {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let (path, source) = (request.uri().path(), Source::of(request.extensions()));
        if ![Method::GET, Method::HEAD].contains(request.method()) {
            let refusal = Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "only GET is answered here");
            let mut response = refusal.response(path, &source);
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            return Ok(response);
        }
        let document = match self {
            Self::Resource(guard) => Ok(Some(Arc::new(guard.resource_document(&request)))),
            Self::Server(guard) => guard.server_document(&request).await,
        };
        Ok(match document {
            Ok(Some(document)) => Response::builder()
                .content_type("application/json")
                .body(Body::from_string(document.to_string())),
            Ok(None) => {
                let message = "no provider of this server has an authorization server of its own";
                Refusal::new(StatusCode::NOT_FOUND, message).response(path, &source)
            }
            Err(AuthError::Misconfigured(reason)) => {
                tracing::error!(%reason, "the authorization server's document cannot be relayed");
                let message = "the server's sign-in is misconfigured; its log has the reason";
                Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, message).response(path, &source)
            }
            Err(_) => {
                let message = "the sign-in service cannot be reached just now; try again shortly";
                let mut response =
                    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, message).response(path, &source);
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
                response
            }
        })
    }
}
