//! Where a request came from, for whoever tells of it.

use crate::seam::Trace;
use http::Extensions;
use std::net::IpAddr;

/// The client's address and the trace of one request; stands in the request's extensions.
#[derive(Clone, Debug)]
pub struct Source {
    /// The client's address; none where nobody can tell, and over stdio.
    pub client: Option<IpAddr>,
    /// The trace that the request belongs to.
    pub trace: Trace,
}

impl Default for Source {
    /// From nobody knows where, in a trace of its own.
    fn default() -> Self {
        Self { client: None, trace: Trace::new(None) }
    }
}

impl Source {
    /// That of a request, from its extensions.
    #[must_use]
    pub fn of(extensions: &Extensions) -> Self {
        extensions.get().cloned().unwrap_or_default()
    }

    /// The address as logs show it.
    #[must_use]
    pub fn address(&self) -> String {
        self.client.map_or_else(|| "unknown".to_owned(), |client| client.to_string())
    }
}
