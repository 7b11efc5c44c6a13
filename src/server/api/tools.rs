//! `POST /api/tools/{name}`: a tool called without MCP. The body is its arguments, the answer its structured answer; the
//! caller, the scopes, the limits and the log are those of any call.
//!
//! | order | what is looked at | what is answered otherwise |
//! |---|---|---|
//! | 1 | method | 405 with `Allow` |
//! | 2 | who calls (`auth`) | 401 and what else the guard says |
//! | 3 | keys that the caller sends | 400 |
//! | 4 | whether a signed-in caller has the tool's scope | 403 with the way to get it |
//! | 5 | Content-Type, Content-Encoding; the body | 415; 413, 408, 400 |
//! | 6 | the tool, its arguments, and what comes of the call | 404, 422, …: `status` |

use super::super::{problem::Problem, refusal::json_response};
use crate::{
    auth::Guard,
    mcp::{Plain, Unfit},
    registry::{Answer, Asked, Incoming, Refused, Registry},
    seam::{Capabilities, Challenge, ErrorKind, Principal, Silent, ToolError},
    telemetry::Source,
};
use http::{HeaderValue, Method, StatusCode, header};
use poem::{Endpoint, Request, Response, Route};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Where tools are called, with the place of a name.
const PATH: &str = "/api/tools/:name";
/// After how many seconds a server that is about to stop has been replaced.
const REPLACED: u64 = 5;

/// Answers calls of the registry's tools.
pub struct Tools {
    registry: Arc<Registry>,
    plain: Plain,
    guard: Guard,
}

impl Tools {
    /// Calls these tools, for callers whom this guard lets in.
    #[must_use]
    pub const fn new(registry: Arc<Registry>, plain: Plain, guard: Guard) -> Self {
        Self { registry, plain, guard }
    }

    /// Takes its place among the routes.
    pub fn mount(self, routes: Route) -> Route {
        let guard = self.guard.clone();
        routes.at(PATH, OnlyPost(guard.protect(self)))
    }

    async fn answer(&self, request: &mut Request, source: &Source) -> Result<Response, Problem> {
        let name = request.raw_path_param("name").unwrap_or_default().to_owned();
        let principal = request.extensions().get::<Principal>().cloned().unwrap_or(Principal::Anonymous);
        let keys = self.plain.keys(request)?;
        if self.guard.is_on()
            && let Some((name, lacking)) = self.registry.lacking(Asked::Tool(&name), &principal, &keys).await
        {
            return Ok(self.guard.insufficient(request, &name, lacking));
        }
        let incoming = Incoming {
            name,
            arguments: self.plain.arguments(request).await?,
            principal,
            keys,
            app: None,
            capabilities: Capabilities::default(),
            caller: Arc::new(Silent),
            // Who leaves lets go of the call itself.
            cancelled: CancellationToken::new(),
            progress: None,
            log: None,
            trace: source.trace.another(),
            client: source.client,
        };
        Ok(match self.registry.call(incoming).await {
            Ok(Answer { error: Some(error), .. }) => failed(&error, source),
            Ok(answer) => json_response(StatusCode::OK, &body(answer)),
            Err(refused @ Refused::Unknown { .. }) => {
                Problem::new(StatusCode::NOT_FOUND, &refused.to_string()).response(source)
            }
            Err(refused @ Refused::Closing) => {
                let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, &refused.to_string());
                later(problem.response(source), REPLACED)
            }
        })
    }
}

impl Endpoint for Tools {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let source = Source::of(request.extensions());
        let answered = self.answer(&mut request, &source).await;
        Ok(answered.unwrap_or_else(|problem| problem.response(&source)))
    }
}

impl From<Unfit> for Problem {
    fn from(unfit: Unfit) -> Self {
        Self::new(unfit.status, &unfit.message)
    }
}

/// What a program gets: what the tool's output schema describes, or the blocks of a tool that has none.
fn body(answer: Answer) -> Value {
    answer.structured.unwrap_or_else(|| json!({ "content": answer.content }))
}

/// What HTTP says to a tool's error.
const fn status(error: &ToolError) -> StatusCode {
    if error.is_late() {
        return StatusCode::GATEWAY_TIMEOUT;
    }
    match error.kind() {
        ErrorKind::Input => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::Ambiguous | ErrorKind::Conflict => StatusCode::CONFLICT,
        ErrorKind::Denied => StatusCode::FORBIDDEN,
        // More than is done in one call is no better later.
        ErrorKind::Limited if error.retry_after().is_none() => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::Limited => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::Upstream => StatusCode::BAD_GATEWAY,
        ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn failed(error: &ToolError, source: &Source) -> Response {
    let problem = Problem::new(status(error), error.message())
        .with("kind", Some(error.kind().name()))
        .with("hint", error.next())
        .with("connect", error.connect().map(|connect| connect.url.as_str()));
    let response = problem.response(source);
    match error.retry_after() {
        Some(seconds) => later(response, seconds),
        None => response,
    }
}

fn later(mut response: Response, seconds: u64) -> Response {
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// An endpoint that takes nothing but POST: another method is no use to anybody, whoever asks.
struct OnlyPost<E>(E);

impl<E: Endpoint<Output = Response>> Endpoint for OnlyPost<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        if *request.method() == Method::POST {
            return self.0.call(request).await;
        }
        let problem =
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "a tool is called by POST, with its arguments");
        let mut response = problem.response(&Source::of(request.extensions()));
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_error_has_its_status() {
        for (error, told) in [
            (ToolError::input("x"), 422),
            (ToolError::not_found("x"), 404),
            (ToolError::ambiguous("x"), 409),
            (ToolError::conflict("x"), 409),
            (ToolError::denied("x"), 403),
            (ToolError::limited("more than is done at once"), 422),
            (ToolError::limited("too often").again_in(7), 429),
            (ToolError::upstream("no answer in time").late(), 504),
            (ToolError::upstream("x"), 502),
            (ToolError::internal("x"), 500),
        ] {
            assert_eq!(status(&error).as_u16(), told, "{error}");
        }
    }

    #[tokio::test]
    async fn an_error_says_what_is_wrong_what_to_do_and_when() {
        let source = Source::default();
        let error = ToolError::limited("too often").hint("wait").again_in(7);
        let mut response = failed(&error, &source);
        assert_eq!(response.header("retry-after"), Some("7"));
        assert_eq!(response.content_type(), Some("application/problem+json"));
        let told: Value = response.take_body().into_json().await.unwrap();
        let trace = source.trace.to_string();
        let expected = json!({ "type": "about:blank", "title": "Too Many Requests", "status": 429,
            "detail": "too often", "kind": "limited", "hint": "wait", "trace_id": trace });
        assert_eq!(told, expected);
    }
}
