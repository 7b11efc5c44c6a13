//! The routes of the server, and the guards in front of every route.

use super::{Site, headers, health::Health, host, origin, refusal::Refusal};
use http::StatusCode;
use poem::{Endpoint, EndpointExt, Request, Response, Route, endpoint::BoxEndpoint, error::NotFoundError};
use std::sync::Arc;

/// `/mcp` and `/health`; anything else is not found.
pub fn routes(
    mcp: impl Endpoint<Output = Response> + 'static,
    auth_enabled: bool,
) -> impl Endpoint<Output = Response> {
    Route::new().at("/mcp", mcp).at("/health", Health { auth_enabled })
}

/// A pack's endpoint as one that always answers.
pub fn responding(endpoint: BoxEndpoint<'static>) -> impl Endpoint<Output = Response> {
    endpoint.map_to_response()
}

/// The endpoint behind the guards of Host and Origin, with the headers that every answer carries.
pub fn guarded<E: Endpoint<Output = Response> + 'static>(
    inner: E,
    site: Arc<Site>,
) -> impl Endpoint<Output = Response> {
    Guarded { inner, site }
}

struct Guarded<E> {
    inner: E,
    site: Arc<Site>,
}

impl<E: Endpoint<Output = Response>> Guarded<E> {
    async fn answer(&self, request: Request) -> Result<Response, Refusal> {
        let site = &self.site;
        host::check(&request, site)?;
        let page = origin::check(&request, site)?;
        let mut response = match origin::preflight(&request) {
            Some(response) => response,
            None => self.inner.call(request).await.or_else(failed)?,
        };
        if let Some(page) = page {
            origin::allow(&mut response, page);
        }
        Ok(response)
    }
}

impl<E: Endpoint<Output = Response>> Endpoint for Guarded<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let path = request.uri().path().to_owned();
        let mut response = match self.answer(request).await {
            Ok(response) => response,
            Err(refusal) => refusal.response(&path),
        };
        headers::add(&mut response);
        Ok(response)
    }
}

fn failed(error: poem::Error) -> Result<Response, Refusal> {
    if error.is::<NotFoundError>() {
        return Err(Refusal::new(StatusCode::NOT_FOUND, "there is nothing here; MCP is at /mcp"));
    }
    Ok(error.into_response())
}
