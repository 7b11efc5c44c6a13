//! The routes of the server, and the guards in front of every route.

use super::{
    Doorman, Health, Site, access, api, bounded, connect,
    discovery::{self, Discovery},
    headers, host, origin,
    refusal::{Refusal, kept_out},
    unread::Unread,
};
use crate::{
    auth::{Guard, RESOURCE_DOCUMENT, SERVER_DOCUMENT},
    keys::Intake,
    seam::{ByteSize, ROUTES, Trace},
    telemetry::Source,
};
use futures_util::FutureExt;
use http::StatusCode;
use poem::{
    Endpoint, EndpointExt, IntoResponse, Request, Response, Route,
    endpoint::{BoxEndpoint, make_sync},
    error::NotFoundError,
};
use std::{panic::AssertUnwindSafe, sync::Arc};

/// The largest body of a request about signing in.
pub(super) const SIGN_IN: ByteSize = ByteSize(64 << 10);

/// Where signed-in users store keys of their own.
const KEYS: &str = "/api/keys";

/// `/mcp` behind the guard, `/health`, and where callers sign in, the documents that tell how, and where they may store
/// keys, the way in for those; anything else is not found.
pub fn routes<E: Endpoint<Output = Response> + 'static>(
    mcp: E,
    health: Health,
    guard: &Guard,
    intake: Option<&Intake>,
) -> Route {
    let routes = Route::new().at("/mcp", guard.protect(mcp)).at("/health", health);
    let routes = match intake {
        Some(intake) => routes.at(KEYS, api::keys(intake, guard)),
        // As the TypeScript server answers it.
        None => routes.at(KEYS, make_sync(|_| "Not Found".with_status(StatusCode::NOT_FOUND))),
    };
    if !guard.is_on() {
        return routes;
    }
    let routes = match guard.authorization_server() {
        Some(server) => routes.nest_no_strip(ROUTES, bounded(server, SIGN_IN)),
        None => routes,
    };
    routes
        .at(RESOURCE_DOCUMENT, Discovery::Resource(guard.clone()))
        .at(discovery::RESOURCE_ROOT, Discovery::Resource(guard.clone()))
        .at(SERVER_DOCUMENT, Discovery::Server(guard.clone()))
}

/// A pack's endpoint as one that always answers.
pub fn responding(endpoint: BoxEndpoint<'static>) -> impl Endpoint<Output = Response> {
    endpoint.map_to_response()
}

/// The endpoint behind the guards of addresses, Host and Origin, with the headers that every answer carries. It always
/// answers: an endpoint that fails or panics ends as a 500 in the form of the route, whose reason is in the log alone.
/// It finds the request's [`Source`] in its extensions.
pub fn guarded<E: Endpoint<Output = Response> + 'static>(
    inner: E,
    site: Arc<Site>,
    doorman: Arc<Doorman>,
) -> impl Endpoint<Output = Response> {
    Guarded { inner, site, doorman }
}

struct Guarded<E> {
    inner: E,
    site: Arc<Site>,
    doorman: Arc<Doorman>,
}

impl<E: Endpoint<Output = Response>> Guarded<E> {
    /// Who may not ask is refused here; what a page that may is answered, even that there is nothing, it can read.
    async fn answer(&self, request: Request, path: &str, source: &Source) -> Result<Response, Refusal> {
        host::check(&request, &self.site)?;
        let page = match path {
            // An authorization server lets pages of any origin get tokens and shows its own to none: it decides itself,
            // as the page does that takes keys.
            path if path.starts_with(ROUTES) || connect::is_page(path) => {
                return Ok(self.inside(request, path, source).await);
            }
            path if discovery::is_public(path) || api::is_public(path) => {
                Some(http::HeaderValue::from_static("*"))
            }
            _ => origin::check(&request, &self.site)?,
        };
        let mut response = match origin::preflight(&request) {
            Some(response) => response,
            None => self.inside(request, path, source).await,
        };
        if let Some(page) = page {
            origin::allow(&mut response, page);
        }
        Ok(response)
    }

    async fn inside(&self, request: Request, path: &str, source: &Source) -> Response {
        match AssertUnwindSafe(self.inner.call(request)).catch_unwind().await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => failed(error, path, source),
            Err(_) => FAILED.response(path, source),
        }
    }
}

impl<E: Endpoint<Output = Response>> Endpoint for Guarded<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let (client, kept) = self.doorman.judge(request.remote_addr(), request.headers());
        let source = Source { client, trace: Trace::new(request.header("traceparent")) };
        let (path, line) = (request.uri().path().to_owned(), access::Line::begin(&request, &source));
        let unread = Unread::watch(&mut request);
        let mut response = match kept {
            Some(kept) => {
                self.doorman.tell(kept, &source);
                kept_out(kept, &source)
            }
            None => {
                request.extensions_mut().insert(source.clone());
                let answered = self.answer(request, &path, &source).await;
                answered.unwrap_or_else(|refusal| refusal.response(&path, &source))
            }
        };
        headers::add(&mut response, &path, self.site.is_https());
        if let Some(unread) = unread {
            unread.settle(&mut response).await;
        }
        if let Some(line) = line {
            line.end(response.status());
        }
        Ok(response)
    }
}

const FAILED: Refusal =
    Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "the server failed; its log has the reason");

fn failed(error: poem::Error, path: &str, source: &Source) -> Response {
    if error.is::<NotFoundError>() {
        let refusal = Refusal::new(
            StatusCode::NOT_FOUND,
            "there is nothing here; MCP is at /mcp, tools for plain HTTP below /api/tools/",
        );
        return refusal.response(path, source);
    }
    if error.is_from_response() || !error.status().is_server_error() {
        return error.into_response();
    }
    tracing::error!(%error, trace = %source.trace, "a route failed");
    FAILED.response(path, source)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        seam::{AuthMode, ByteSize},
        server::bounded,
    };
    use poem::{endpoint::make, http::Method};
    use serde_json::{Value, json};

    /// Lets in who names a caller: a token would not get past the guard.
    struct SignedIn<E>(E);

    impl<E: Endpoint<Output = Response>> Endpoint for SignedIn<E> {
        type Output = Response;

        async fn call(&self, request: Request) -> poem::Result<Response> {
            match request.headers().contains_key("x-caller") {
                true => self.0.call(request).await,
                false => Ok(StatusCode::UNAUTHORIZED.into()),
            }
        }
    }

    /// Tells the length of the body on `/mcp`; queries make it fail.
    fn app() -> impl Endpoint<Output = Response> {
        let mcp = make(|mut request: Request| async move {
            match request.uri().query() {
                Some("fail") => {
                    Err(poem::Error::from_string("key in /var/lib", StatusCode::INTERNAL_SERVER_ERROR))
                }
                Some("panic") => panic!("on purpose"),
                _ => Ok(request.take_body().into_vec().await?.len().to_string()),
            }
        });
        let health = Health { auth_enabled: true, ip_protection: false };
        let off = Guard::new(AuthMode::Off, Vec::new());
        let routes = routes(SignedIn(bounded(mcp.map_to_response(), ByteSize(8))), health, &off, None);
        let origins = ["https://app.example".to_owned()];
        let site = Site::new(None, "127.0.0.1:4000".parse().unwrap(), &[], &origins);
        guarded(routes, Arc::new(site), Arc::default())
    }

    async fn ask(method: Method, uri: &str, headers: &[(&str, &str)], body: &str) -> Response {
        let mut request = Request::builder().method(method).uri_str(uri).header("host", "localhost:4000");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        app().call(request.body(body.to_owned())).await.unwrap()
    }

    async fn json(response: Response) -> Value {
        response.into_body().into_json().await.unwrap()
    }

    #[tokio::test]
    async fn who_is_not_signed_in_learns_nothing_of_the_body() {
        let large = "x".repeat(9);
        assert_eq!(ask(Method::POST, "/mcp", &[], &large).await.status(), 401);
        let signed_in = [("x-caller", "x")];
        assert_eq!(ask(Method::POST, "/mcp", &signed_in, &large).await.status(), 413);
        let response = ask(Method::POST, "/mcp", &signed_in, "12345678").await;
        assert_eq!(response.into_body().into_string().await.unwrap(), "8");
    }

    #[tokio::test]
    async fn a_failure_is_a_500_without_its_reason() {
        for uri in ["/mcp?fail", "/mcp?panic"] {
            let response = ask(Method::POST, uri, &[("x-caller", "x")], "").await;
            assert_eq!(response.status(), 500, "{uri}");
            let told = json(response).await;
            let trace = told["error"]["data"]["trace_id"].as_str().unwrap();
            let message = format!("the server failed; its log has the reason (trace {trace})");
            let error = json!({ "code": -32603, "message": message, "data": { "trace_id": trace } });
            assert_eq!(told, json!({ "jsonrpc": "2.0", "error": error }), "{uri}");
        }
    }

    #[tokio::test]
    async fn an_allowed_page_can_read_a_refusal_and_others_cannot() {
        let page = [("origin", "https://app.example")];
        let response = ask(Method::GET, "/nothing", &page, "").await;
        assert_eq!(response.status(), 404);
        assert_eq!(response.header("access-control-allow-origin"), Some("https://app.example"));
        let response = ask(Method::GET, "/nothing", &[("origin", "https://evil.example")], "").await;
        assert_eq!(response.status(), 403);
        assert_eq!(response.header("access-control-allow-origin"), None);
    }

    #[tokio::test]
    async fn a_preflight_allows_mirrored_arguments_and_needs_no_token() {
        let headers = [
            ("origin", "https://app.example"),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "authorization, mcp-param-city, x-evil"),
        ];
        let response = ask(Method::OPTIONS, "/mcp", &headers, "").await;
        assert_eq!(response.status(), 204);
        let allowed = response.header("access-control-allow-headers").unwrap();
        assert!(allowed.contains("Authorization") && allowed.ends_with(", mcp-param-city"), "{allowed}");
    }

    #[tokio::test]
    async fn nothing_of_mcp_is_stored() {
        for (uri, headers) in [("/mcp", &[("x-caller", "x")][..]), ("/health", &[])] {
            let response = ask(Method::GET, uri, headers, "").await;
            assert_eq!(response.header("cache-control"), Some("no-store"), "{uri}");
        }
    }
}
