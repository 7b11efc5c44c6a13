//! Asks the services behind a provider: bounded in size and time, and never sent elsewhere.

use super::{
    WebAddress,
    strangers::{Outside, may_be_asked},
};
use crate::seam::{AuthError, SetupError};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method, StatusCode, header};
use reqwest::RequestBuilder;
use serde_json::Value;
use std::time::Duration;

/// The largest document that is read, in bytes.
const MOST: usize = 256 << 10;
/// How long a document may take to come.
const LONGEST: Duration = Duration::from_secs(5);
/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(3);
/// The longest that anybody is told to wait, in seconds.
const LONGEST_WAIT: u64 = 3600;

/// Why there is no answer. The texts are for the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Nobody answers just now, or has no time to: it may be better later.
    #[error("{reason}")]
    Unavailable {
        /// What is the matter.
        reason: String,
        /// Seconds after which it is worth to ask again.
        retry_after: u64,
    },
    /// There is nothing at this address.
    #[error("{0}")]
    Missing(String),
    /// What is there cannot be what the operator meant.
    #[error("{0}")]
    Wrong(String),
}

impl Fault {
    /// Nobody answers, and says until when.
    #[must_use]
    pub fn unavailable(reason: impl Into<String>) -> Self {
        Self::Unavailable { reason: reason.into(), retry_after: 10 }
    }
}

/// An answer, read whole.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status: neither 429 nor one of the server's own faults.
    pub status: StatusCode,
    body: Bytes,
    at: String,
}

impl Answer {
    /// The JSON document in it.
    ///
    /// # Errors
    /// It is none.
    pub fn json(&self) -> Result<Value, Fault> {
        serde_json::from_slice(&self.body)
            .map_err(|_| Fault::Wrong(format!("what is at {} is no JSON", self.at)))
    }
}

impl From<Fault> for AuthError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Unavailable { retry_after, .. } => Self::Unavailable { retry_after },
            Fault::Missing(reason) | Fault::Wrong(reason) => Self::Misconfigured(reason),
        }
    }
}

/// Fetches documents. Follows no redirects: an address is asked because the operator named it, or somebody whom the
/// operator trusts; or, by a fetcher for strangers, because it is nobody's secret.
#[derive(Clone)]
pub struct Fetcher {
    http: reqwest::Client,
    for_strangers: bool,
    most: usize,
}

impl Fetcher {
    /// A fetcher with connections of its own.
    ///
    /// # Errors
    /// TLS cannot be set up on this machine.
    pub fn new() -> Result<Self, SetupError> {
        Self::of(reqwest::Client::builder(), false)
    }

    /// A fetcher for addresses that anybody may name: it asks this machine and what is outside of its network, and
    /// nothing between them; no proxy is asked either, which would find another way.
    ///
    /// # Errors
    /// TLS cannot be set up on this machine.
    pub fn for_strangers() -> Result<Self, SetupError> {
        Self::of(reqwest::Client::builder().no_proxy().dns_resolver(Outside::resolver()), true)
    }

    fn of(builder: reqwest::ClientBuilder, for_strangers: bool) -> Result<Self, SetupError> {
        let http = builder
            .user_agent(concat!("twenty-mcp/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT)
            .timeout(LONGEST)
            .build();
        let http = http.map_err(|error| SetupError::at(&[], format!("TLS cannot be set up: {error}")))?;
        Ok(Self { http, for_strangers, most: MOST })
    }

    /// The same, which reads answers of so many bytes.
    #[must_use]
    pub fn up_to(self, most: usize) -> Self {
        Self { most, ..self }
    }

    /// The JSON document at an address.
    ///
    /// # Errors
    /// There is none, or it cannot be had.
    pub async fn json(&self, address: &WebAddress) -> Result<Value, Fault> {
        let answer = self.send(self.request(Method::GET, address), address).await?;
        let at = address.as_str();
        match answer.status {
            StatusCode::OK => answer.json(),
            StatusCode::NOT_FOUND | StatusCode::GONE => {
                Err(Fault::Missing(format!("there is nothing at {at}")))
            }
            status => Err(Fault::Wrong(format!("{at} answers {status}, not a document"))),
        }
    }

    /// A request that is not sent yet, which asks for JSON.
    pub fn request(&self, method: Method, address: &WebAddress) -> RequestBuilder {
        self.http.request(method, address.url().clone()).header(header::ACCEPT, "application/json")
    }

    /// Sends a request that goes to `address`.
    ///
    /// # Errors
    /// Nobody answers in time, or has no time to (429, 5xx); or the answer is too large.
    pub async fn send(&self, request: RequestBuilder, address: &WebAddress) -> Result<Answer, Fault> {
        let at = address.as_str();
        if self.for_strangers && !may_be_asked(address.url()) {
            return Err(Fault::Wrong(format!("{at} is inside of this network")));
        }
        let broke = |error: reqwest::Error| {
            Fault::unavailable(format!("{at} cannot be asked: {}", error.without_url()))
        };
        let mut response = request.send().await.map_err(broke)?;
        let status = response.status();
        if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
            let retry_after = retry_after(response.headers()).unwrap_or(10);
            return Err(Fault::Unavailable { reason: format!("{at} answers {status}"), retry_after });
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(broke)? {
            if body.len().saturating_add(chunk.len()) > self.most {
                let most = self.most >> 10;
                return Err(Fault::Wrong(format!("the document at {at} is larger than {most} KiB")));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, body: body.freeze(), at: at.to_owned() })
    }
}

/// How long somebody asks us to wait; a date is not read.
fn retry_after(headers: &HeaderMap) -> Option<u64> {
    let seconds: u64 = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(seconds.clamp(1, LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    /// What becomes of this answer; any second request would hang.
    async fn fetch(answer: impl Into<Vec<u8>>) -> Result<Value, Fault> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/x", listener.local_addr().unwrap());
        let answer = answer.into();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = [0; 1024];
            let _ = stream.read(&mut asked).await;
            let _ = stream.write_all(&answer).await;
        });
        Fetcher::new().unwrap().json(&WebAddress::parse(&address).unwrap()).await
    }

    fn said(status: &str, body: &str) -> String {
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
    }

    #[tokio::test]
    async fn rule_22_only_a_document_of_bounded_size_is_taken() {
        assert_eq!(fetch(said("200 OK", "{}")).await, Ok(serde_json::json!({})));
        let large = format!("[{}0]", "0,".repeat(MOST / 2));
        for answer in [
            said("200 OK", "<html>"),
            said("200 OK", &large),
            said("200 OK", &"[".repeat(10_000)),
            said("403 Forbidden", "{}"),
            said("302 Found\r\nLocation: /elsewhere", "{}"),
        ] {
            let fault = fetch(answer).await.unwrap_err();
            assert!(matches!(fault, Fault::Wrong(_)), "{fault}");
        }
        for answer in
            [said("503 x", ""), said("429 x", ""), "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{".into()]
        {
            let fault = fetch(answer).await.unwrap_err();
            assert!(matches!(fault, Fault::Unavailable { retry_after: 10, .. }), "{fault}");
        }
        assert!(matches!(fetch(said("404 Not Found", "")).await, Err(Fault::Missing(_))));
    }

    #[tokio::test]
    async fn who_asks_us_to_wait_is_believed_within_bounds() {
        for (said_so, seconds) in [("7", 7), ("0", 1), ("99999999", LONGEST_WAIT), ("soon", 10), ("-1", 10)] {
            let answer = said(&format!("429 x\r\nRetry-After: {said_so}"), "");
            let fault = fetch(answer).await.unwrap_err();
            assert_eq!(AuthError::from(fault), AuthError::Unavailable { retry_after: seconds }, "{said_so}");
        }
    }

    #[tokio::test]
    async fn nobody_there_is_no_fault_of_the_operator() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = WebAddress::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        drop(listener);
        let fault = Fetcher::new().unwrap().json(&address).await.unwrap_err();
        assert_eq!(AuthError::from(fault), AuthError::UNAVAILABLE);
    }
}
