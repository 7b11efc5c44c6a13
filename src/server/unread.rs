//! What is left of a request's body when its answer is ready.
//!
//! hyper takes in no more of it than has come by then, and closes the connection of a request that has not ended. A
//! client that is told 401 before it has sent its body would not learn that, and would lose its next request.

use http::{HeaderValue, Version, header};
use http_body_util::{BodyExt as _, combinators::BoxBody};
use hyper::body::{Body, Bytes, Frame, SizeHint};
use poem::{Request, Response};
use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

/// The most bytes that are still taken in for the connection's sake.
const MOST: u64 = 64 << 10;
/// How long they are waited for.
const TIME: Duration = Duration::from_secs(1);

type Inner = BoxBody<Bytes, io::Error>;

/// The body of a request that is being answered, once nobody reads it any more.
pub(super) struct Unread(Arc<Mutex<Option<Inner>>>);

impl Unread {
    /// Lends a request its own body. `None` where there is nothing to send, or, in HTTP/2, no connection at stake.
    pub(super) fn watch(request: &mut Request) -> Option<Self> {
        if request.version() >= Version::HTTP_2 {
            return None;
        }
        let body: Inner = request.take_body().into();
        if body.is_end_stream() {
            return None;
        }
        let back = Arc::new(Mutex::new(None));
        request.set_body(poem::Body::from(BoxBody::new(Lent { body: Some(body), back: back.clone() })));
        Some(Self(back))
    }

    /// Takes in a small rest, so that the connection stays; of a larger or slower one the answer says that it is the
    /// last on its connection (RFC 9112 section 9.6).
    pub(super) async fn settle(self, response: &mut Response) {
        let Some(body) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
        if !matches!(tokio::time::timeout(TIME, ends(body)).await, Ok(true)) {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
    }
}

async fn ends(mut body: Inner) -> bool {
    let mut left = MOST;
    loop {
        if body.size_hint().lower() > left {
            return false;
        }
        match body.frame().await {
            None => return true,
            Some(Err(_)) => return false,
            Some(Ok(frame)) => {
                let taken = frame.data_ref().map_or(0, Bytes::len) as u64;
                match left.checked_sub(taken) {
                    Some(rest) => left = rest,
                    None => return false,
                }
            }
        }
    }
}

/// Goes back when it is dropped before its end.
struct Lent {
    body: Option<Inner>,
    back: Arc<Mutex<Option<Inner>>>,
}

impl Body for Lent {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let polled = Pin::new(body).poll_frame(cx);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.body = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let rest = self.body.take().filter(|body| !body.is_end_stream());
        *self.back.lock().unwrap_or_else(PoisonError::into_inner) = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::{StreamExt, stream};

    /// Whether an answer is the last on its connection, given after so many pieces of the body were `read`; the body
    /// comes in these pieces, and then not at all where it `hangs`.
    async fn is_last(pieces: &[usize], read: usize, hangs: bool) -> bool {
        let sent: Vec<_> = pieces.iter().map(|length| Ok::<_, io::Error>(vec![b'x'; *length])).collect();
        let end = if hangs { stream::pending().boxed() } else { stream::empty().boxed() };
        let mut request =
            Request::builder().body(poem::Body::from_bytes_stream(stream::iter(sent).chain(end)));
        let unread = Unread::watch(&mut request).unwrap();
        let mut body = request.take_body().into_bytes_stream();
        for _ in 0..read {
            body.next().await;
        }
        drop(body);
        let mut response = Response::default();
        unread.settle(&mut response).await;
        response.header("connection") == Some("close")
    }

    #[tokio::test(start_paused = true)]
    async fn a_small_rest_is_taken_in_and_any_other_ends_the_connection() {
        assert!(!is_last(&[9, 9], 3, false).await, "read to its end");
        assert!(!is_last(&[9, 9], 0, false).await);
        assert!(!is_last(&[9, 9], 1, false).await);
        assert!(!is_last(&[99_999, 64 << 10], 1, false).await, "just small enough");
        assert!(is_last(&[99_999, 64 << 10, 1], 1, false).await);
        assert!(is_last(&[9], 0, true).await);
        assert!(is_last(&[9], 1, true).await);
    }

    #[tokio::test]
    async fn nothing_is_lent_where_nothing_comes_or_no_connection_is_at_stake() {
        assert!(Unread::watch(&mut Request::builder().finish()).is_none());
        let mut request = Request::builder().version(Version::HTTP_2).body("x");
        assert!(Unread::watch(&mut request).is_none());
        assert_eq!(request.take_body().into_string().await.unwrap(), "x");
    }
}
