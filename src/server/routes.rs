//! The routes of the server, and the guards in front of every route.

use super::{Guards, body, headers, health::Health, host, origin, refusal::Refusal};
use http::StatusCode;
use poem::{Endpoint, Request, Response, Route, error::NotFoundError};

/// `/mcp` and `/health`; anything else is not found.
pub fn routes(
    mcp: impl Endpoint<Output = Response> + 'static,
    auth_enabled: bool,
) -> impl Endpoint<Output = Response> {
    Route::new().at("/mcp", mcp).at("/health", Health { auth_enabled })
}

/// The endpoint behind Host, Origin and body guards, with the headers that every answer carries.
pub fn guarded<E: Endpoint<Output = Response> + 'static>(
    inner: E,
    guards: Guards,
) -> impl Endpoint<Output = Response> {
    Guarded { inner, guards }
}

struct Guarded<E> {
    inner: E,
    guards: Guards,
}

impl<E: Endpoint<Output = Response>> Guarded<E> {
    async fn answer(&self, mut request: Request) -> Result<Response, Refusal> {
        let site = &self.guards.site;
        host::check(&request, site)?;
        let page = origin::check(&request, site)?;
        let mut response = match origin::preflight(&request) {
            Some(response) => response,
            None => {
                body::bound(&mut request, self.guards.max_body.0).await?;
                self.inner.call(request).await.or_else(failed)?
            }
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
