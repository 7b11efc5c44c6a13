//! Bodies: bounded in size and time before anything reads them.

use bytes::{Bytes, BytesMut};
use http::{StatusCode, header};
use http_body_util::{BodyExt as _, combinators::BoxBody};
use hyper::body::Body as _;
use poem::Request;
use std::{io, time::Duration};

/// A body must have come in whole within this time.
const TIME: Duration = Duration::from_secs(30);

/// Why a body is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It is larger than is taken.
    TooLarge,
    /// It did not come in time.
    TooSlow,
    /// It ended before its end, or came in pieces that are none.
    BrokenOff,
}

impl Unread {
    /// The status to answer with.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::BrokenOff => StatusCode::BAD_REQUEST,
        }
    }

    /// What is wrong, in words.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::TooLarge => "the body is larger than `server.max_body` allows",
            Self::TooSlow => "the body came too slowly",
            Self::BrokenOff => "the body broke off",
        }
    }
}

/// Takes the body of a request, of at most so many bytes.
///
/// # Errors
/// It is too large, which a declared length tells before a byte is read; too slow; or broken.
pub async fn read_body(request: &mut Request, most: usize) -> Result<Bytes, Unread> {
    let declared = request.header(header::CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
    if declared.is_some_and(|length| length > most as u64) {
        return Err(Unread::TooLarge);
    }
    tokio::time::timeout(TIME, read(request.take_body().into(), most)).await.map_err(|_| Unread::TooSlow)?
}

/// A body of one piece, as most are, is not copied.
async fn read(mut body: BoxBody<Bytes, io::Error>, most: usize) -> Result<Bytes, Unread> {
    let Some(first) = piece(&mut body).await? else { return Ok(Bytes::new()) };
    if first.len() > most {
        return Err(Unread::TooLarge);
    }
    if body.is_end_stream() {
        return Ok(first);
    }
    let Some(second) = piece(&mut body).await? else { return Ok(first) };
    let mut whole = BytesMut::from(first);
    let mut next = Some(second);
    while let Some(more) = next {
        if whole.len().saturating_add(more.len()) > most {
            return Err(Unread::TooLarge);
        }
        whole.extend_from_slice(&more);
        next = piece(&mut body).await?;
    }
    Ok(whole.freeze())
}

/// The next piece of a body; none at its end.
async fn piece(body: &mut BoxBody<Bytes, io::Error>) -> Result<Option<Bytes>, Unread> {
    while let Some(frame) = body.frame().await {
        if let Ok(piece) = frame.map_err(|_| Unread::BrokenOff)?.into_data() {
            return Ok(Some(piece));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::{StreamExt, stream};
    use poem::Body;

    /// What becomes of a body that comes in these pieces, and then not at all where it `hangs`.
    async fn of(pieces: &[Result<&'static str, ()>], hangs: bool) -> Result<String, Unread> {
        let pieces: Vec<_> =
            pieces.iter().map(|piece| piece.map_err(|()| io::Error::other("gone"))).collect();
        let end = if hangs { stream::pending().boxed() } else { stream::empty().boxed() };
        let body = Body::from_bytes_stream(stream::iter(pieces).chain(end));
        let mut request = Request::builder().body(body);
        let read = read_body(&mut request, 6).await?;
        Ok(String::from_utf8(read.to_vec()).unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn only_a_whole_body_of_the_right_size_is_read() {
        assert_eq!(of(&[], false).await, Ok(String::new()));
        assert_eq!(of(&[Ok("whole")], false).await, Ok("whole".into()));
        assert_eq!(of(&[Ok("in"), Ok("pie"), Ok("c")], false).await, Ok("inpiec".into()));
        assert_eq!(of(&[Ok("too big")], false).await, Err(Unread::TooLarge));
        assert_eq!(of(&[Ok("too"), Ok(" big")], true).await, Err(Unread::TooLarge));
        assert_eq!(of(&[Ok("a"), Err(())], false).await, Err(Unread::BrokenOff));
        assert_eq!(of(&[Ok("a")], true).await, Err(Unread::TooSlow));
    }

    #[tokio::test]
    async fn a_length_over_the_limit_is_refused_before_a_byte_is_read() {
        for length in ["7", "18446744073709551615"] {
            let body = Body::from_bytes_stream(stream::pending::<io::Result<Bytes>>());
            let mut request = Request::builder().header("content-length", length).body(body);
            assert_eq!(read_body(&mut request, 6).await, Err(Unread::TooLarge), "{length}");
        }
    }
}
