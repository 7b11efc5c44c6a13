//! `GET /health`: whether the server is up, for load balancers and people.

use http::{Method, StatusCode, header};
use poem::{Body, Endpoint, Request, Response};
use serde_json::json;

/// Answers with the server's state; no secrets, no names of tools.
pub(super) struct Health {
    pub(super) auth_enabled: bool,
}

impl Endpoint for Health {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let answer = Response::builder().status(StatusCode::METHOD_NOT_ALLOWED);
            return Ok(answer.header(header::ALLOW, "GET, HEAD").finish());
        }
        let body = json!({
            "status": "healthy",
            "service": crate::mcp::SERVER_NAME,
            "version": env!("CARGO_PKG_VERSION"),
            "authEnabled": self.auth_enabled,
        });
        Ok(Response::builder().content_type("application/json").body(Body::from_string(body.to_string())))
    }
}
