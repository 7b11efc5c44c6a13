//! What `/api/keys` answers instead, and every status that there is.

use super::shapes::ErrorBody;
use crate::{
    keys::{EnterError, VaultError},
    seam::StoreError,
    telemetry::Source,
};
use http::{HeaderName, HeaderValue, StatusCode, header};
use poem::{IntoResponse, Response};
use poem_openapi::{
    ApiResponse,
    payload::{Json, Payload, PlainText},
    registry::{MetaHeader, MetaMediaType, MetaResponse, MetaResponses, Registry},
    types::Type,
};

/// A status with the TypeScript server's body, and the header that goes with it.
#[derive(Debug)]
pub(super) struct Failure {
    status: StatusCode,
    code: &'static str,
    description: String,
    header: Option<(HeaderName, HeaderValue)>,
    trace: String,
}

impl Failure {
    /// A request that is not taken.
    pub(super) fn new(status: StatusCode, description: impl Into<String>, source: &Source) -> Self {
        let code = match status {
            StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
            StatusCode::FORBIDDEN => "forbidden",
            StatusCode::TOO_MANY_REQUESTS => "too_many_requests",
            StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE => "temporarily_unavailable",
            status if status.is_server_error() => "server_error",
            _ => "invalid_request",
        };
        let (description, trace) = (description.into(), source.trace.to_string());
        Self { status, code, description, header: None, trace }
    }

    pub(super) fn with(self, name: HeaderName, value: HeaderValue) -> Self {
        Self { header: Some((name, value)), ..self }
    }

    /// What a user is told whose key is not stored, told or deleted.
    pub(super) fn of(error: &EnterError, source: &Source) -> Self {
        let (status, description) = match error {
            EnterError::NotSignedIn => (StatusCode::FORBIDDEN, error.to_string()),
            EnterError::NoKey
            | EnterError::BadKey
            | EnterError::BadAddress(_)
            | EnterError::NoAddress
            | EnterError::Refused(_)
            | EnterError::NotThere(_)
            | EnterError::Vault(VaultError::TooLong(_)) => (StatusCode::BAD_REQUEST, error.to_string()),
            EnterError::TooOften { .. } => (StatusCode::TOO_MANY_REQUESTS, error.to_string()),
            EnterError::Unreachable(_) => (StatusCode::BAD_GATEWAY, error.to_string()),
            EnterError::Limited { .. }
            | EnterError::Vault(VaultError::Busy | VaultError::Store(StoreError::Unavailable { .. })) => {
                (StatusCode::SERVICE_UNAVAILABLE, error.to_string())
            }
            EnterError::Vault(VaultError::Store(StoreError::TooLarge)) => {
                (StatusCode::PAYLOAD_TOO_LARGE, error.to_string())
            }
            EnterError::Vault(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
        };
        let failure = Self::new(status, description, source);
        match error.retry_after() {
            Some(seconds) => failure.with(header::RETRY_AFTER, HeaderValue::from(seconds)),
            None => failure,
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (error, error_description, trace_id) = (self.code.to_owned(), self.description, self.trace);
        let body = Json(ErrorBody { error, error_description, trace_id });
        let mut response = body.with_status(self.status).into_response();
        if let Some((name, value)) = self.header {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

impl From<Failure> for poem::Error {
    fn from(failure: Failure) -> Self {
        Self::from_response(failure.into_response())
    }
}

/// One status in the description of this interface, and the header that it has.
type Declared = (StatusCode, &'static str, Option<&'static str>);

/// What every operation may answer, by the guards in front too.
const ALWAYS: [Declared; 10] = [
    (StatusCode::BAD_REQUEST, "The request cannot be read.", None),
    (
        StatusCode::UNAUTHORIZED,
        "Nobody is signed in, or the access token is not good.",
        Some("WWW-Authenticate"),
    ),
    (
        StatusCode::FORBIDDEN,
        "The access token lacks the scope, or the page or address may not ask.",
        Some("WWW-Authenticate"),
    ),
    (StatusCode::NOT_FOUND, "Sign-in is off, or nothing takes keys here.", None),
    (StatusCode::METHOD_NOT_ALLOWED, "Another method is asked for.", Some("Allow")),
    (StatusCode::REQUEST_TIMEOUT, "The body came too slowly.", None),
    (StatusCode::PAYLOAD_TOO_LARGE, "The body is too large.", None),
    (StatusCode::TOO_MANY_REQUESTS, "You ask too often.", Some("Retry-After")),
    (StatusCode::INTERNAL_SERVER_ERROR, "The server fails, or a stored key does not open.", None),
    (
        StatusCode::SERVICE_UNAVAILABLE,
        "The store, the sign-in service or the service behind the key has no time.",
        Some("Retry-After"),
    ),
];

/// What there is beside it where a body is read and a key tried.
const OF_ENTRIES: [Declared; 2] = [
    (StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body is not application/json.", None),
    (StatusCode::BAD_GATEWAY, "The service does not answer, so that the key cannot be tried.", None),
];

fn declared((status, description, name): &Declared) -> MetaResponse {
    // The TypeScript server's answer where there is nothing.
    let (content_type, schema) = match *status {
        StatusCode::NOT_FOUND => (PlainText::<String>::CONTENT_TYPE, PlainText::<String>::schema_ref()),
        _ => (Json::<ErrorBody>::CONTENT_TYPE, ErrorBody::schema_ref()),
    };
    let header = name.map(|name| MetaHeader {
        name: name.to_owned(),
        description: None,
        required: false,
        deprecated: false,
        schema: String::schema_ref(),
    });
    MetaResponse {
        description,
        status: Some(status.as_u16()),
        status_range: None,
        content: vec![MetaMediaType { content_type, schema }],
        headers: header.into_iter().collect(),
    }
}

impl ApiResponse for Failure {
    fn meta() -> MetaResponses {
        MetaResponses { responses: ALWAYS.iter().map(declared).collect() }
    }

    fn register(registry: &mut Registry) {
        ErrorBody::register(registry);
    }
}

/// A [`Failure`] where a body is read and a key tried.
#[derive(Debug)]
pub(super) struct NotTaken(Failure);

impl From<Failure> for NotTaken {
    fn from(failure: Failure) -> Self {
        Self(failure)
    }
}

impl From<NotTaken> for poem::Error {
    fn from(NotTaken(failure): NotTaken) -> Self {
        failure.into()
    }
}

impl ApiResponse for NotTaken {
    fn meta() -> MetaResponses {
        MetaResponses { responses: ALWAYS.iter().chain(&OF_ENTRIES).map(declared).collect() }
    }

    fn register(registry: &mut Registry) {
        Failure::register(registry);
    }
}
