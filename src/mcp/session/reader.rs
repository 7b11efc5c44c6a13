//! One connection's way through a stream, as server-sent events.

use super::{
    conversation::Conversation,
    event,
    log::{Next, Place},
};
use bytes::Bytes;
use futures_util::{Stream, stream};
use std::{io, sync::Arc, time::Duration};
use tokio::time::sleep;

/// In how long a client should come back that loses its connection.
const BACK_IN: Duration = Duration::from_secs(1);
/// How often a silent stream shows that it lives.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);

/// A connection that reads a stream; the stream is free for another one when this is dropped.
pub(super) struct Reader {
    of: Arc<Conversation>,
    place: Place,
    begun: bool,
    parted: bool,
}

impl Reader {
    pub(super) const fn new(of: Arc<Conversation>, place: Place) -> Self {
        Self { of, place, begun: false, parted: false }
    }

    /// The next event; none at the end of the stream, the connection or the session.
    pub(super) async fn event(&mut self) -> Option<Bytes> {
        while !self.parted {
            match self.of.with(|log| log.next(&mut self.place)) {
                Next::Event { sent, parting } => {
                    self.parted = parting;
                    return Some(sent);
                }
                Next::End => return None,
                Next::Wait => self.place.news.notified().await,
            }
        }
        None
    }

    /// What goes out on the connection, which holds `held` as long as it is open.
    pub(super) fn sent(self, held: impl Send + 'static) -> impl Stream<Item = io::Result<Bytes>> + Send {
        stream::unfold((self, held), |(mut reader, held)| async move {
            if !std::mem::replace(&mut reader.begun, true) && reader.of.comes_back() {
                return Some((Ok(event::blank(reader.place.at, BACK_IN)), (reader, held)));
            }
            let ended = reader.of.ended().clone();
            let sent = tokio::select! {
                biased;
                sent = reader.event() => sent?,
                () = ended.cancelled() => return None,
                () = sleep(SIGN_OF_LIFE) => Bytes::from_static(b":\n\n"),
            };
            Some((Ok(sent), (reader, held)))
        })
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.of.with(|log| log.leave(&self.place));
    }
}
