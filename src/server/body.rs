//! Bodies: bounded in size and time before anything reads them.

use super::refusal::Refusal;
use crate::{seam::ByteSize, telemetry::Source};
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, TryStreamExt};
use http::{StatusCode, header};
use poem::{Endpoint, Request, Response};
use std::{io, pin::pin, time::Duration};

/// A body must have come in whole within this time.
const TIME: Duration = Duration::from_secs(30);

const TOO_LARGE: Refusal =
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is larger than `server.max_body` allows");

/// The endpoint with its bodies bounded: it gets them as bytes at hand. It stands behind the bearer guard, so that a
/// caller without a token hears of that first.
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
        match bound(&mut request, self.most).await {
            Ok(()) => self.inner.call(request).await,
            Err(refusal) => Ok(refusal.response(request.uri().path(), &Source::of(request.extensions()))),
        }
    }
}

/// Reads the body, and puts it back as bytes at hand.
async fn bound(request: &mut Request, most: usize) -> Result<(), Refusal> {
    let declared = request.header(header::CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
    if declared.is_some_and(|length| length > most as u64) {
        return Err(TOO_LARGE);
    }
    let stream = request.take_body().into_bytes_stream();
    let body = tokio::time::timeout(TIME, read(stream, most))
        .await
        .map_err(|_| Refusal::new(StatusCode::REQUEST_TIMEOUT, "the body came too slowly"))??;
    request.set_body(body);
    Ok(())
}

async fn read(stream: impl Stream<Item = io::Result<Bytes>>, most: usize) -> Result<Bytes, Refusal> {
    let mut stream = pin!(stream);
    let broken = |_| Refusal::new(StatusCode::BAD_REQUEST, "the body broke off");
    let Some(first) = stream.try_next().await.map_err(broken)? else { return Ok(Bytes::new()) };
    if first.len() > most {
        return Err(TOO_LARGE);
    }
    let Some(second) = stream.try_next().await.map_err(broken)? else { return Ok(first) };
    let mut body = BytesMut::from(first);
    let mut next = Some(second);
    while let Some(chunk) = next {
        if body.len().saturating_add(chunk.len()) > most {
            return Err(TOO_LARGE);
        }
        body.extend_from_slice(&chunk);
        next = stream.try_next().await.map_err(broken)?;
    }
    Ok(body.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::{StreamExt, stream};
    use poem::Body;

    /// What becomes of a body that comes in these pieces, and then not at all where it `hangs`.
    async fn of(pieces: &[Result<&'static str, ()>], hangs: bool) -> Result<String, StatusCode> {
        let pieces: Vec<_> =
            pieces.iter().map(|piece| piece.map_err(|()| io::Error::other("gone"))).collect();
        let end = if hangs { stream::pending().boxed() } else { stream::empty().boxed() };
        let body = Body::from_bytes_stream(stream::iter(pieces).chain(end));
        let mut request = Request::builder().body(body);
        bound(&mut request, 6).await.map_err(|refusal| refusal.status)?;
        Ok(request.take_body().into_string().await.unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn only_a_whole_body_of_the_right_size_is_handed_on() {
        assert_eq!(of(&[], false).await, Ok(String::new()));
        assert_eq!(of(&[Ok("whole")], false).await, Ok("whole".into()));
        assert_eq!(of(&[Ok("in"), Ok("pie"), Ok("c")], false).await, Ok("inpiec".into()));
        assert_eq!(of(&[Ok("too big")], false).await, Err(StatusCode::PAYLOAD_TOO_LARGE));
        assert_eq!(of(&[Ok("too"), Ok(" big")], true).await, Err(StatusCode::PAYLOAD_TOO_LARGE));
        assert_eq!(of(&[Ok("a"), Err(())], false).await, Err(StatusCode::BAD_REQUEST));
        assert_eq!(of(&[Ok("a")], true).await, Err(StatusCode::REQUEST_TIMEOUT));
    }

    #[tokio::test]
    async fn a_length_over_the_limit_is_refused_before_a_byte_is_read() {
        for length in ["7", "18446744073709551615"] {
            let body = Body::from_bytes_stream(stream::pending::<io::Result<Bytes>>());
            let mut request = Request::builder().header("content-length", length).body(body);
            let refusal = bound(&mut request, 6).await.unwrap_err();
            assert_eq!(refusal.status, StatusCode::PAYLOAD_TOO_LARGE, "{length}");
        }
    }
}
