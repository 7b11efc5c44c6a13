//! The access log: one line a request, at debug. Never a query string, which may hold a secret.

use crate::telemetry::Source;
use http::StatusCode;
use poem::Request;
use std::time::Instant;

/// The most characters of a path that a line shows.
const SHOWN: usize = 200;

/// A request under way; none unless somebody reads the lines.
pub(super) struct Line {
    method: http::Method,
    path: String,
    client: String,
    since: Instant,
}

impl Line {
    pub(super) fn begin(request: &Request, source: &Source) -> Option<Self> {
        tracing::enabled!(tracing::Level::DEBUG).then(|| Self {
            method: request.method().clone(),
            path: request.uri().path().chars().take(SHOWN).collect(),
            client: source.address(),
            since: Instant::now(),
        })
    }

    pub(super) fn end(self, status: StatusCode) {
        let (ms, status) = (self.since.elapsed().as_millis(), status.as_u16());
        tracing::debug!(method = %self.method, path = self.path, status, ms, client = self.client, "request");
    }
}
