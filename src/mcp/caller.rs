//! Who asks: what a way in knows of a request's caller beside the message.

use crate::{
    seam::{Principal, Trace},
    telemetry::Source,
};
use http::Extensions;
use tokio_util::sync::CancellationToken;

/// The caller of one request.
#[derive(Clone, Debug)]
pub(super) struct Asker {
    pub(super) principal: Principal,
    pub(super) source: Source,
    /// Ends what the request began, where dropping its answer does not.
    pub(super) cancelled: CancellationToken,
}

impl Asker {
    /// The caller of a request over HTTP, as the bearer guard found them.
    pub(super) fn of(extensions: &Extensions) -> Self {
        let principal = extensions.get::<Principal>().cloned().unwrap_or(Principal::Anonymous);
        Self { principal, source: Source::of(extensions), cancelled: CancellationToken::new() }
    }

    /// The trace of a call: that of the message, where it names one, or else that of the request.
    pub(super) fn trace(&self, traceparent: Option<&str>) -> Trace {
        traceparent.map_or_else(|| self.source.trace.another(), |said| Trace::new(Some(said)))
    }
}
