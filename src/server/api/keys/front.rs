//! In front of `/api/keys`: who is let in, and what is looked at before a request is read.

use super::{KeysApi, failure::Failure};
use crate::{
    auth::Guard,
    keys::Intake,
    mcp::read_body,
    seam::{Access, Need, Principal},
    telemetry::Source,
};
use http::{HeaderValue, Method, StatusCode, header};
use poem::{Endpoint, EndpointExt as _, IntoEndpoint as _, IntoResponse as _, Request, Response};
use poem_openapi::{OpenApiService, error::ParseRequestPayloadError};

/// The largest body that is read, in bytes: room for a key and an address.
const MOST: usize = 16 << 10;
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, DELETE");

/// `/api/keys` for the users whom the guard lets in. Who is not signed in learns nothing else.
pub fn keys(intake: &Intake, guard: &Guard) -> impl Endpoint<Output = Response> + use<> {
    let guard = guard.clone().of_pages().for_users();
    let service = OpenApiService::new(KeysApi, "twenty-mcp", env!("CARGO_PKG_VERSION"));
    let api = service.into_endpoint().data(intake.clone()).map_to_response();
    guard.protect(Front { api, guard: guard.clone(), pack: intake.provider().to_owned() })
}

struct Front<E> {
    api: E,
    guard: Guard,
    pack: String,
}

impl<E: Endpoint<Output = Response>> Front<E> {
    /// Looks at a request before the interface does.
    async fn look(&self, request: &mut Request, source: &Source) -> Result<(), Response> {
        let refused = |status, message: &str| Failure::new(status, message, source);
        let access = match *request.method() {
            Method::HEAD => {
                // Whoever sends the answer leaves out its body.
                request.set_method(Method::GET);
                Access::Read
            }
            Method::GET => Access::Read,
            Method::POST | Method::DELETE => Access::Write,
            _ => {
                let refused =
                    refused(StatusCode::METHOD_NOT_ALLOWED, "GET, POST and DELETE are answered here");
                return Err(refused.with(header::ALLOW, METHODS).into_response());
            }
        };
        let principal = request.extensions().get().unwrap_or(&Principal::Anonymous);
        if let Some(need) = Need::new(&self.pack, access).filter(|need| !need.is_met_by(principal)) {
            return Err(self.guard.lacking(request, need.scope));
        }
        if request.method() == Method::POST && !is_json(request) {
            let refused = refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send the key as application/json");
            return Err(refused.into_response());
        }
        let body = read_body(request, MOST).await;
        request.set_body(body.map_err(|unread| {
            let message = match unread.status() {
                StatusCode::PAYLOAD_TOO_LARGE => "the body is larger than 16 KiB",
                _ => unread.message(),
            };
            refused(unread.status(), message).into_response()
        })?);
        Ok(())
    }
}

fn is_json(request: &Request) -> bool {
    let said = request.content_type().and_then(|said| said.split(';').next());
    said.is_some_and(|said| said.trim().eq_ignore_ascii_case("application/json"))
}

impl<E: Endpoint<Output = Response>> Endpoint for Front<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let source = Source::of(request.extensions());
        if let Err(refused) = self.look(&mut request, &source).await {
            return Ok(refused);
        }
        match self.api.call(request).await {
            // What it says may quote the body, and a key with it.
            Err(error) if error.is::<ParseRequestPayloadError>() => {
                let message = "expected a JSON object with the texts `apiKey` and, where need be, `baseUrl`, and nothing else";
                Ok(Failure::new(StatusCode::BAD_REQUEST, message, &source).into_response())
            }
            answered => answered,
        }
    }
}
