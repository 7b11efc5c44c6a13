//! How a request travels: over HTTP, or straight into the embedded workspace.

use super::{client::Api, errors::ApiError};
use crate::{
    seam::{Common, Credential, Inside, ToolError, Upstream, may_be_asked, outside_alone},
    tools::twenty::sandbox::workspace::{Request, Sandbox},
};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode, header};
use std::{sync::Arc, time::Duration};
use url::Url;

/// The largest answer that is read.
const MOST: usize = 32 << 20;
/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(10);

/// An answer as it came.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    /// Seconds until the next request is welcome.
    pub(super) retry_after: Option<u64>,
    pub(super) body: Bytes,
}

pub(super) struct Transport {
    http: reqwest::Client,
    /// For addresses that users named.
    outside: reqwest::Client,
    sandbox: Option<Arc<Sandbox>>,
}

impl Transport {
    pub(super) fn new(sandbox: Option<Arc<Sandbox>>) -> Result<Self, reqwest::Error> {
        let builder = || {
            reqwest::Client::builder()
                .user_agent(concat!("twenty-mcp/", env!("CARGO_PKG_VERSION")))
                .redirect(reqwest::redirect::Policy::none())
                .connect_timeout(CONNECT)
                .tcp_nodelay(true)
        };
        Ok(Self { http: builder().build()?, outside: outside_alone(builder()).build()?, sandbox })
    }

    pub(super) async fn send(
        &self,
        cx: &Common,
        credential: &Credential,
        api: Api,
        body: &str,
    ) -> Result<Reply, ApiError> {
        let sent = async {
            match &credential.upstream {
                Upstream::Url(base) => over_http(&self.http, cx, credential, base, api, body).await,
                Upstream::Public(base) => {
                    may_be_asked(base).map_err(no_key_goes)?;
                    over_http(&self.outside, cx, credential, base, api, body).await
                }
                Upstream::Sandbox => self.inside(credential, api, body).await,
            }
        };
        tokio::select! {
            reply = sent => reply,
            // It is on its way, and may still be processed.
            () = cx.cancelled.cancelled() => Err(ApiError::Unsure(ToolError::limited("the call was cancelled"))),
            () = cx.deadline.passed() => {
                Err(ApiError::Unsure(ToolError::upstream("Twenty did not answer in time").late()))
            }
        }
    }

    async fn inside(&self, credential: &Credential, api: Api, body: &str) -> Result<Reply, ApiError> {
        let Some(sandbox) = &self.sandbox else {
            return Err(ApiError::Refused(ToolError::internal("there is no sandbox in this configuration")));
        };
        let key = credential.key.as_ref().map_or("sandbox", |key| key.expose());
        let answer = sandbox
            .answer(Request {
                method: http::Method::POST,
                path: api.path().to_owned(),
                authorization: Some(format!("Bearer {key}").into()),
                body: Bytes::copy_from_slice(body.as_bytes()),
            })
            .await;
        Ok(Reply { status: answer.status, retry_after: retry_after(&answer.headers), body: answer.body })
    }
}

async fn over_http(
    client: &reqwest::Client,
    cx: &Common,
    credential: &Credential,
    base: &Url,
    api: Api,
    body: &str,
) -> Result<Reply, ApiError> {
    let url = format!("{}{}", base.as_str().trim_end_matches('/'), api.path());
    let mut request = client
        .post(url)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "application/json")
        .header("traceparent", cx.trace.traceparent());
    if let Some(key) = &credential.key {
        request = request.bearer_auth(key.expose());
    }
    let mut response = request.body(body.to_owned()).send().await.map_err(|error| {
        if Inside::is_why(&error) {
            no_key_goes(Inside)
        } else if error.is_connect() {
            ApiError::Unsent(ToolError::upstream("Twenty cannot be reached").hint(format_args!(
                "is `tools.twenty.base_url` right, and does {} answer?",
                base.host_str().unwrap_or_default()
            )))
        } else {
            ApiError::Unsure(ToolError::upstream("the connection to Twenty broke off"))
        }
    })?;
    let (status, retry_after) = (response.status(), retry_after(response.headers()));
    let broke = |_| ApiError::Unsure(ToolError::upstream("Twenty's answer broke off"));
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(broke)? {
        if body.len().saturating_add(chunk.len()) > MOST {
            return Err(ApiError::Refused(
                ToolError::upstream("Twenty's answer is larger than 32 MiB").hint("ask for less at once"),
            ));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Reply { status, retry_after, body: body.freeze() })
}

/// No key goes to such an address.
fn no_key_goes(inside: Inside) -> ApiError {
    ApiError::Elsewhere(ToolError::denied(inside))
}

/// `Retry-After` in seconds, given as such or as a date (RFC 9110, section 10.2.3).
fn retry_after(headers: &HeaderMap) -> Option<u64> {
    let said = headers.get(header::RETRY_AFTER)?.to_str().ok()?;
    if let Ok(seconds) = said.parse() {
        return Some(seconds);
    }
    let at = jiff::fmt::rfc2822::parse(said).ok()?.timestamp();
    u64::try_from(at.as_second() - jiff::Timestamp::now().as_second()).ok()
}
