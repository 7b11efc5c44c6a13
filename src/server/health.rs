//! `GET /health`: whether the server is up, for load balancers and people.

use super::refusal::Refusal;
use crate::telemetry::Source;
use http::{HeaderValue, Method, StatusCode, header};
use poem::{Body, Endpoint, Request, Response};
use serde_json::json;

/// Answers with the server's state; no secrets, no names of tools.
#[derive(Clone, Copy, Debug)]
pub struct Health {
    /// Whether callers sign in, or may.
    pub auth_enabled: bool,
    /// Whether addresses are looked at.
    pub ip_protection: bool,
}

impl Endpoint for Health {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let message = "this address has no such method; it has GET and HEAD";
            let refusal = Refusal::new(StatusCode::METHOD_NOT_ALLOWED, message);
            let mut response = refusal.response(request.uri().path(), &Source::of(request.extensions()));
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            return Ok(response);
        }
        let body = json!({
            "status": "healthy",
            "service": crate::mcp::SERVER_NAME,
            "version": env!("CARGO_PKG_VERSION"),
            "authEnabled": self.auth_enabled,
            "ipProtection": self.ip_protection,
        });
        Ok(Response::builder().content_type("application/json").body(Body::from_string(body.to_string())))
    }
}
