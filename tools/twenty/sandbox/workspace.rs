//! The embedded workspace as a server: from a request to an answer.

use std::{sync::Arc, time::Instant};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method, StatusCode,
    header::{ALLOW, CONTENT_TYPE, RETRY_AFTER},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value as Json, json};

use super::{
    api::{
        core::Core,
        errors::refusal,
        graphql::{Api, Document},
    },
    engine::{fault::Fault, resolve::Engine},
    error::SandboxError,
    gate::{Gate, Stop},
    metadata::source::Metadata,
    model::parse::table,
    seed::seeder::fill,
    settings::{Profile, SandboxSettings},
};

/// Where the card of the server is; it needs no key.
pub const CARD_PATH: &str = "/.well-known/mcp/server-card.json";
/// Where records are asked for.
pub const CORE_PATH: &str = "/graphql";
/// Where objects and fields are asked for.
pub const METADATA_PATH: &str = "/metadata";

/// More people than this do not fit beside the server.
const PEOPLE_MAX: u32 = 20_000;

/// A Twenty workspace inside this process. Shared by `Arc`; all state is inside.
pub struct Sandbox {
    core: Api<Core>,
    metadata: Api<Metadata>,
    gate: Gate,
    profile: Profile,
}

/// A request, free of any HTTP library.
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path, without a query.
    pub path: String,
    /// The value of the Authorization header: `Bearer …`.
    pub authorization: Option<SecretString>,
    /// The body. Whoever reads it from the network bounds it.
    pub body: Bytes,
}

/// An answer, free of any HTTP library.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body: JSON.
    pub body: Bytes,
}

impl Sandbox {
    /// Makes a workspace and fills it.
    ///
    /// # Errors
    /// When the settings ask for too many people, or the embedded table or schema is wrong.
    pub fn new(settings: &SandboxSettings) -> Result<Sandbox, SandboxError> {
        if settings.people > PEOPLE_MAX {
            let message = format!("people: at most {PEOPLE_MAX}, not {}", settings.people);
            return Err(SandboxError::Settings(message));
        }
        let table = Arc::new(table(settings.profile)?);
        let store = fill(&table, settings.people);
        let engine = Arc::new(Engine::new(table, store));
        Ok(Sandbox {
            metadata: Metadata::api(Arc::clone(&engine))?,
            core: Core::api(engine)?,
            gate: Gate::new(settings),
            profile: settings.profile,
        })
    }

    /// Answers a request: delay and faults as the settings want them, then what the path asks for.
    pub async fn answer(&self, request: Request) -> Answer {
        if !self.gate.latency().is_zero() {
            tokio::time::sleep(self.gate.latency()).await;
        }
        self.answered(&request)
    }

    /// Requests to the two GraphQL endpoints so far, whatever came of them.
    pub fn requests(&self) -> u64 {
        self.gate.answered()
    }

    /// The version of Twenty that the workspace says it is.
    pub fn version(&self) -> &'static str {
        match self.profile {
            Profile::Current => "2.43.0",
            Profile::Legacy => "1.4.0",
        }
    }

    fn answered(&self, request: &Request) -> Answer {
        let allowed = match request.path.as_str() {
            CARD_PATH => Method::GET,
            CORE_PATH | METADATA_PATH => Method::POST,
            path => {
                return Answer::error(
                    StatusCode::NOT_FOUND,
                    "NOT_FOUND",
                    &format!("Cannot {} {path}", request.method),
                );
            }
        };
        if request.method != allowed {
            let mut answer =
                Answer::error(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", "Method not allowed");
            if let Ok(method) = HeaderValue::from_str(allowed.as_str()) {
                answer.headers.insert(ALLOW, method);
            }
            return answer;
        }
        if request.path == CARD_PATH {
            return Answer::json(StatusCode::OK, &json!({ "name": "Twenty", "version": self.version() }));
        }
        let key = request.authorization.as_ref().and_then(bearer).unwrap_or_default();
        if let Err(stop) = self.gate.pass(&key, Instant::now()) {
            return stopped(stop);
        }
        if key.is_empty() {
            return Answer::error(
                StatusCode::UNAUTHORIZED,
                "UNAUTHENTICATED",
                "Missing authentication token",
            );
        }
        let document: Document = match serde_json::from_slice(&request.body) {
            Ok(document) => document,
            Err(error) => {
                let fault = Fault::input("BAD_REQUEST", format!("The body is no GraphQL request: {error}"));
                return Answer::json(StatusCode::BAD_REQUEST, &refusal(&fault));
            }
        };
        let json = if request.path == CORE_PATH {
            self.core.execute(&document)
        } else {
            self.metadata.execute(&document)
        };
        Answer::json(StatusCode::OK, &json)
    }
}

impl Answer {
    fn json(status: StatusCode, json: &Json) -> Answer {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
        Answer { status, headers, body: Bytes::from(json.to_string()) }
    }

    /// An answer that is nothing but an error, in the form that GraphQL errors have.
    pub fn error(status: StatusCode, code: &'static str, message: &str) -> Answer {
        Answer::json(status, &refusal(&Fault { message: message.to_owned(), code, sub_code: code }))
    }
}

fn stopped(stop: Stop) -> Answer {
    match stop {
        Stop::Unavailable => Answer::error(
            StatusCode::SERVICE_UNAVAILABLE,
            "INTERNAL_SERVER_ERROR",
            "Service temporarily unavailable",
        ),
        Stop::Limited { retry_after } => {
            let message = "Limit reached: too many requests for this API key";
            let mut answer = Answer::error(StatusCode::TOO_MANY_REQUESTS, "LIMIT_REACHED", message);
            answer.headers.insert(RETRY_AFTER, HeaderValue::from(retry_after));
            answer
        }
    }
}

fn bearer(authorization: &SecretString) -> Option<String> {
    let (scheme, token) = authorization.expose_secret().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}
