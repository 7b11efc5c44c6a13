//! The routes below `/oauth/`, and which pages may call them.

use super::{
    answer::{Fault, json_response, open, preflight},
    authorize::authorize,
    consent::consent,
    metadata::Client,
    pages,
    params::Params,
    provider::Office,
    token::{revoke, token},
};
use crate::seam::{ProtectedResource, ROUTES};
use http::{HeaderValue, Method, StatusCode, header};
use poem::{Endpoint, Request, Response, error::NotFoundError};
use serde_json::Value;
use std::sync::Arc;

/// The authorization server's endpoint.
pub struct Routes(pub Arc<Office>);

impl Endpoint for Routes {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let here = request.extensions().get::<ProtectedResource>().cloned().unwrap_or_default();
        let path = request.uri().path().strip_prefix(ROUTES).unwrap_or_default().to_owned();
        let method = match path.as_str() {
            "authorize" | "jwks" => "GET",
            "consent" | "token" | "register" | "revoke" => "POST",
            _ => return Err(NotFoundError.into()),
        };
        // What a person sees is for no other page; what programs ask for is for those of every origin.
        let is_page = matches!(path.as_str(), "authorize" | "consent");
        let asks = request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        let mut response = match request.method() {
            &Method::OPTIONS if asks && !is_page => preflight(method),
            said if said.as_str() != method => not_allowed(method),
            _ if path == "authorize" => authorize(&self.0, &request, &here).await,
            _ if path == "jwks" => json_response(StatusCode::OK, &self.0.grants.signer().keys()),
            _ if path == "register" => self.register(&mut request).await,
            _ => match form(&mut request).await {
                Ok(form) if path == "token" => token(&self.0, &request, &form, &here),
                Ok(form) if path == "revoke" => revoke(&self.0, &request, &form),
                Ok(form) => consent(&self.0, &request, &form, &here),
                Err(fault) if is_page => pages::problem(&fault),
                Err(fault) => fault.response(),
            },
        };
        if !is_page {
            open(&mut response);
        }
        Ok(response)
    }
}

impl Routes {
    /// `POST /oauth/register`: a new client (RFC 7591 section 3).
    async fn register(&self, request: &mut Request) -> Response {
        let client = match document(request).await.and_then(|document| Client::read(&document)) {
            Ok(client) => client,
            Err(fault) => return fault.response(),
        };
        let mut told = client.told();
        let (id, now) = self.0.clients.register(client);
        if let Some(told) = told.as_object_mut() {
            told.insert("client_id".into(), id.into());
            told.insert("client_id_issued_at".into(), now.as_second().into());
        }
        json_response(StatusCode::CREATED, &told)
    }
}

async fn document(request: &mut Request) -> Result<Value, Fault> {
    let body = body(request, "application/json").await?;
    serde_json::from_slice(&body).map_err(|_| Fault::new("invalid_client_metadata", "the body is no JSON"))
}

async fn form(request: &mut Request) -> Result<Params, Fault> {
    Params::read(&body(request, "application/x-www-form-urlencoded").await?)
}

/// The body of a request, which was bounded before.
async fn body(request: &mut Request, kind: &'static str) -> Result<Vec<u8>, Fault> {
    let said = request.header(header::CONTENT_TYPE).unwrap_or_default();
    if !said.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(kind) {
        return Err(Fault::malformed(format!("the body must be `{kind}`")));
    }
    request.take_body().into_vec().await.map_err(|_| Fault::malformed("the body broke off"))
}

fn not_allowed(method: &'static str) -> Response {
    let status = StatusCode::METHOD_NOT_ALLOWED;
    let fault = Fault { status, ..Fault::malformed(format!("only {method} is answered here")) };
    let mut response = fault.response();
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(method));
    response
}
