//! Bodies of endpoints that read none themselves: bounded before they get them.

use super::refusal::Refusal;
use crate::{mcp::read_body, seam::ByteSize, telemetry::Source};
use poem::{Endpoint, Request, Response};

/// The endpoint with its bodies bounded in size and time: it gets them as bytes at hand.
pub struct Bounded<E> {
    inner: E,
    most: usize,
}

/// Bounds the bodies that an endpoint gets.
pub const fn bounded<E: Endpoint<Output = Response>>(inner: E, most: ByteSize) -> Bounded<E> {
    Bounded { inner, most: most.0 }
}

impl<E: Endpoint<Output = Response>> Endpoint for Bounded<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        match read_body(&mut request, self.most).await {
            Ok(body) => {
                request.set_body(body);
                self.inner.call(request).await
            }
            Err(unread) => {
                let refusal = Refusal::new(unread.status(), unread.message());
                Ok(refusal.response(request.uri().path(), &Source::of(request.extensions())))
            }
        }
    }
}
