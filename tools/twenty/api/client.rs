//! Requests to a workspace: in time, at the allowed rate, repeated only where that is safe.

use super::{
    coalesce::{Coalescer, Read},
    errors::{ApiError, GraphqlError, from_graphql, from_status},
    limiter::{Limiter, Rate},
    transport::{Reply, Transport},
};
use crate::{
    seam::{Common, Credential, ErrorKind, ToolError, Upstream},
    tools::twenty::sandbox::workspace::Sandbox,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::{sync::Arc, time::Duration};

/// How often one request is sent at the most.
const TRIES: u32 = 4;
/// The first pause before a request is sent again; doubled each time, and jittered by half.
const PAUSE: Duration = Duration::from_millis(200);

/// Which of Twenty's GraphQL endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Api {
    /// Records.
    Core,
    /// Objects and fields.
    Metadata,
}

impl Api {
    /// The endpoint's path.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Core => "/graphql",
            Self::Metadata => "/metadata",
        }
    }
}

/// One GraphQL operation.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The document.
    pub document: String,
    /// Its variables.
    pub variables: Map<String, Value>,
    /// Whether it may be sent twice without harm.
    pub repeatable: bool,
}

impl Operation {
    /// A query: sending it twice does no harm.
    #[must_use]
    pub fn query(document: impl Into<String>, variables: Map<String, Value>) -> Self {
        Self { document: document.into(), variables, repeatable: true }
    }

    /// A mutation: sent again only where it was surely not processed.
    #[must_use]
    pub fn mutation(document: impl Into<String>, variables: Map<String, Value>) -> Self {
        Self { document: document.into(), variables, repeatable: false }
    }
}

/// The way to every workspace that this pack reaches.
pub struct Client {
    transport: Transport,
    limiter: Limiter,
    reads: Coalescer,
}

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    data: Option<Value>,
    #[serde(default)]
    errors: Vec<GraphqlError>,
}

impl Client {
    /// A client that keeps to a rate and may reach into a sandbox.
    ///
    /// # Errors
    /// The machine's TLS cannot be set up.
    pub fn new(rate: Option<Rate>, sandbox: Option<Arc<Sandbox>>) -> Result<Self, reqwest::Error> {
        Ok(Self {
            transport: Transport::new(sandbox)?,
            limiter: Limiter::new(rate),
            reads: Coalescer::default(),
        })
    }

    /// Sends one operation with a credential and returns its `data`. Data beside errors is an error that
    /// holds it. Identical
    /// queries under way at once are sent once.
    ///
    /// # Errors
    /// See [`ApiError`]; a missing key and a deadline in the past are refusals.
    pub async fn post(
        &self,
        cx: &Common,
        credential: &Credential,
        api: Api,
        operation: &Operation,
    ) -> Result<Value, ApiError> {
        if credential.key.is_none() && credential.upstream != Upstream::Sandbox {
            return Err(ApiError::Refused(
                ToolError::denied("no API key for Twenty is configured")
                    .hint(
                        "set `tools.twenty.api_key` or TWENTY_API_KEY, start with --sandbox, or, where nobody must sign \
                         in, send a key of your own in the header `X-Twenty-Api-Key`",
                    ),
            ));
        }
        let body = json!({ "query": operation.document, "variables": operation.variables }).to_string();
        if operation.repeatable {
            let read = Read { credential: credential.id(), api, body: body.clone() };
            let answer = self.reads.join(read, || self.persist(cx, credential, api, &body, true));
            return tokio::select! {
                answer = answer => answer,
                () = cx.cancelled.cancelled() => Err(ApiError::Refused(ToolError::limited("the call was cancelled"))),
                () = cx.deadline.passed() => {
                    Err(ApiError::Refused(ToolError::upstream("Twenty did not answer in time").late()))
                }
            };
        }
        let _writing = self.reads.write(credential.id());
        self.persist(cx, credential, api, &body, false).await
    }

    /// Sends a body until it is answered, as often and as long as that is safe.
    async fn persist(
        &self,
        cx: &Common,
        credential: &Credential,
        api: Api,
        body: &str,
        repeatable: bool,
    ) -> Result<Value, ApiError> {
        let mut tries = 0;
        loop {
            tries += 1;
            self.limiter.turn(credential.id(), cx.deadline.at()).await.map_err(ApiError::Refused)?;
            let error = match self.once(cx, credential, api, body, repeatable).await {
                Ok(data) => return Ok(data),
                Err(error) => told_of(credential, error),
            };
            let again = match &error {
                ApiError::Limited(_) | ApiError::Unsent(_) => true,
                ApiError::Unsure(_) => repeatable,
                ApiError::Stale(_)
                | ApiError::Refused(_)
                | ApiError::Elsewhere(_)
                | ApiError::Partly { .. } => false,
            };
            let wait = match &error {
                ApiError::Limited(Some(seconds)) => Duration::from_secs(*seconds),
                _ => PAUSE * 2_u32.pow(tries - 1) * rand::random_range(50..150) / 100,
            };
            if !again || tries == TRIES || wait >= cx.left() {
                return Err(error);
            }
            tracing::debug!(tries, "a request to Twenty is sent again");
            tokio::time::sleep(wait).await;
        }
    }

    async fn once(
        &self,
        cx: &Common,
        credential: &Credential,
        api: Api,
        body: &str,
        repeatable: bool,
    ) -> Result<Value, ApiError> {
        // What is no verdict of Twenty's says nothing of whether a change was made.
        let unclear = |error| if repeatable { ApiError::Refused(error) } else { ApiError::Unsure(error) };
        cx.count_upstream_request();
        let Reply { status, retry_after, body } = self.transport.send(cx, credential, api, body).await?;
        cx.note_upstream_status(status.as_u16());
        let Ok(mut body) = serde_json::from_slice::<Body>(&body) else {
            return Err(if status.is_success() {
                let error = ToolError::upstream("the address answers with something else than GraphQL")
                    .hint("check `tools.twenty.base_url`");
                if repeatable { ApiError::Elsewhere(error) } else { ApiError::Unsure(error) }
            } else {
                from_status(status, retry_after)
            });
        };
        if let Some(key) = &credential.key {
            body.errors.iter_mut().for_each(|error| error.hide(key.expose()));
        }
        match body.data {
            _ if status == http::StatusCode::SERVICE_UNAVAILABLE
                || status == http::StatusCode::TOO_MANY_REQUESTS =>
            {
                Err(from_status(status, retry_after))
            }
            data if !body.errors.is_empty() => Err(match (data, from_graphql(&body.errors, retry_after)) {
                // Sent again it would change a second time what is changed already.
                (Some(data), error) if !repeatable && some_made(&data) => {
                    ApiError::Partly { data: Box::new(data), error: Box::new(error.into()) }
                }
                (_, ApiError::Refused(error)) if error.kind() == ErrorKind::Upstream => unclear(error),
                (_, error) => error,
            }),
            Some(data) => Ok(data),
            None if status.is_success() => Err(unclear(ToolError::upstream("Twenty's answer holds no data"))),
            None => Err(from_status(status, retry_after)),
        }
    }
}

/// What is wrong with an address, told to whoever can change it.
fn told_of(credential: &Credential, error: ApiError) -> ApiError {
    match (error, &credential.upstream) {
        (ApiError::Elsewhere(error), Upstream::Public(_)) => {
            ApiError::Elsewhere(error.hint("store your key again, with the address of your workspace"))
        }
        (ApiError::Unsent(error), Upstream::Public(_)) => {
            ApiError::Unsent(error.hint("is the address right that was stored with your key?"))
        }
        (error, _) => error,
    }
}

/// Whether an answer beside errors holds anything.
fn some_made(data: &Value) -> bool {
    data.as_object().is_some_and(|roots| roots.values().any(|root| !root.is_null()))
}
