//! One session: its client's messages on their way to rmcp, and what rmcp says to it.

use super::{
    event::{self, EventId, Kind},
    log::{Log, OWN, Unbegun},
    open::Open,
    own::Offer,
    reader::Reader,
};
use crate::mcp::caller::Owner;
use rmcp::{
    RoleServer,
    model::{
        ClientJsonRpcMessage, GetExtensions, JsonRpcMessage, ProtocolVersion, RequestId,
        ServerJsonRpcMessage, ServerNotification, ServerResult,
    },
    service::OriginatingRequestId,
    transport::Transport,
};
use serde::Serialize;
use std::{
    convert::Infallible,
    future::ready,
    sync::{
        Arc, Mutex, OnceLock, PoisonError, Weak,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// How many messages of its client may wait for rmcp.
const WAITING: usize = 16;
/// How often is looked whether a session has anything to let go of, or is over.
const LOOK: Duration = Duration::from_secs(15);

/// A session.
#[derive(Debug)]
pub(super) struct Conversation {
    id: String,
    owner: Owner,
    open: Weak<Open>,
    inbox: mpsc::Sender<ClientJsonRpcMessage>,
    log: Mutex<Log>,
    kept: AtomicUsize,
    touched: Mutex<Instant>,
    revision: OnceLock<ProtocolVersion>,
    ended: CancellationToken,
}

/// A session's end where rmcp speaks and hears.
pub(super) struct Link {
    of: Arc<Conversation>,
    inbox: mpsc::Receiver<ClientJsonRpcMessage>,
    offer: Offer,
}

impl Conversation {
    /// A session that `ended` ends, and which keeps at most so many bytes.
    pub(super) fn new(
        owner: Owner,
        open: Weak<Open>,
        most: usize,
        ended: CancellationToken,
    ) -> (Arc<Self>, Link) {
        let (tell, inbox) = mpsc::channel(WAITING);
        let of = Arc::new(Self {
            id: Uuid::new_v4().to_string(),
            owner,
            open,
            inbox: tell,
            log: Mutex::new(Log::new(most)),
            kept: AtomicUsize::new(0),
            touched: Mutex::new(Instant::now()),
            revision: OnceLock::new(),
            ended,
        });
        (of.clone(), Link { of, inbox, offer: Offer::default() })
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn is_of(&self, owner: &Owner) -> bool {
        self.owner.is_same(owner)
    }

    /// Ends when the session does.
    pub(super) const fn ended(&self) -> &CancellationToken {
        &self.ended
    }

    /// Whether `initialize` was answered with a result.
    pub(super) fn has_begun(&self) -> bool {
        self.revision.get().is_some()
    }

    /// Whether its client knows that a stream may end before its answer, and begin with an event without a message
    /// (since MCP 2025-11-25).
    pub(super) fn comes_back(&self) -> bool {
        self.revision.get().is_some_and(|revision| *revision >= ProtocolVersion::V_2025_11_25)
    }

    /// How many bytes it keeps.
    pub(super) fn kept(&self) -> usize {
        self.kept.load(Ordering::Relaxed)
    }

    /// Begins a request, and gives the stream of its answer.
    ///
    /// # Errors
    /// No request can begin, or none of this id.
    pub(super) fn begin(self: &Arc<Self>, request: RequestId) -> Result<(u64, Reader), Unbegun> {
        let begun = self.with(|log| {
            let stream = log.begin(request)?;
            Ok((stream, log.open(stream)))
        });
        let (stream, place) = begun?;
        // A stream that has just begun is there.
        let reader = place.map(|place| Reader::new(self.clone(), place)).ok_or(Unbegun::Full)?;
        Ok((stream, reader))
    }

    /// Opens the stream that belongs to no request.
    pub(super) fn open(self: &Arc<Self>) -> Option<Reader> {
        let place = self.with(|log| log.open(OWN))?;
        Some(Reader::new(self.clone(), place))
    }

    /// Opens a stream from behind an event; none where that is no longer kept, or never was.
    pub(super) fn resume(self: &Arc<Self>, after: EventId) -> Option<Reader> {
        let place = self.with(|log| log.resume(after))?;
        Some(Reader::new(self.clone(), place))
    }

    /// Ends a request that its client gave up.
    pub(super) fn give_up(&self, request: &RequestId) {
        self.with(|log| log.give_up(request));
    }

    /// Says something on a stream.
    pub(super) fn note(&self, stream: u64, message: &impl Serialize) {
        self.with(|log| log.push(stream, Kind::Note, |id| event::message(id, message)));
    }

    /// Lets the connection go that reads a stream.
    pub(super) fn part(&self, stream: u64, back_in: Duration) {
        if self.comes_back() {
            self.with(|log| log.part(stream, back_in));
        }
    }

    /// Hands a message of the client's on; lost where the session has ended.
    pub(super) async fn tell(&self, message: ClientJsonRpcMessage) {
        // rmcp is gone only when the session is.
        let _ = self.inbox.send(message).await;
    }

    /// Does something with what is kept, and counts it anew.
    pub(super) fn with<T>(&self, change: impl FnOnce(&mut Log) -> T) -> T {
        let (done, before, now) = self.counted(change);
        if let Some(open) = self.open.upgrade() {
            open.recount(before, now);
        }
        done
    }

    /// Lets go of at least so many bytes, as far as there are; false where there is nothing to let go of.
    pub(super) fn shed(&self, bytes: usize) -> (bool, usize, usize) {
        self.counted(|log| {
            let (least, mut any) = (log.bytes().saturating_sub(bytes), false);
            while log.bytes() > least && log.shed(true) {
                any = true;
            }
            any
        })
    }

    fn counted<T>(&self, change: impl FnOnce(&mut Log) -> T) -> (T, usize, usize) {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let done = change(&mut log);
        let before = self.kept.swap(log.bytes(), Ordering::Relaxed);
        (done, before, log.bytes())
    }

    /// Notes that its client is there.
    pub(super) fn touch(&self) {
        *self.touched.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Lets go of what is old, until nothing was said, no request was under way and no connection was open for so long.
    pub(super) async fn idles(&self, idle: Duration) {
        loop {
            sleep(LOOK.min(idle)).await;
            let busy = self.with(|log| {
                log.tidy();
                log.is_busy()
            });
            if busy {
                self.touch();
            }
            if self.touched.lock().unwrap_or_else(PoisonError::into_inner).elapsed() >= idle {
                return;
            }
        }
    }

    /// Ends it: every stream, and every request under way.
    pub(super) fn end(&self) {
        self.ended.cancel();
        self.with(Log::close);
    }

    fn said(&self, message: &ServerJsonRpcMessage) {
        match message {
            JsonRpcMessage::Response(response) => self.with(|log| log.answer(&response.id, message)),
            JsonRpcMessage::Error(error) => {
                if let Some(id) = &error.id {
                    self.with(|log| log.answer(id, message));
                }
            }
            JsonRpcMessage::Request(request) => self.with(|log| {
                let of = request.request.extensions().get::<OriginatingRequestId>();
                let stream = of.and_then(|of| log.of(&of.0)).unwrap_or(OWN);
                let kind = Kind::Question(request.id.clone());
                log.push(stream, kind, |id| event::message(id, message));
            }),
            JsonRpcMessage::Notification(note) => self.with(|log| {
                let taken_back = match &note.notification {
                    ServerNotification::CancelledNotification(of) => of.params.request_id.as_ref(),
                    _ => None,
                };
                let stream = taken_back.map_or(OWN, |question| log.asked(question));
                log.push(stream, Kind::Note, |id| event::message(id, message));
            }),
        }
    }
}

impl Link {
    /// The same, which tells its client of this.
    pub(super) fn offering(self, offer: Offer) -> Self {
        Self { offer, ..self }
    }
}

impl Transport<RoleServer> for Link {
    type Error = Infallible;

    fn send(
        &mut self,
        mut message: ServerJsonRpcMessage,
    ) -> impl Future<Output = Result<(), Infallible>> + Send + 'static {
        if let JsonRpcMessage::Response(response) = &mut message {
            if let ServerResult::InitializeResult(begun) = &response.result {
                // It begins once.
                let _ = self.of.revision.set(begun.protocol_version.clone());
            }
            self.offer.tell(&mut response.result);
        }
        self.of.said(&message);
        ready(Ok(()))
    }

    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        self.inbox.recv().await
    }

    async fn close(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mcp::caller::Asker;
    use http::Extensions;
    use tokio::time::timeout;

    #[tokio::test(start_paused = true)]
    async fn a_session_idles_when_nobody_is_there_and_nothing_is_under_way() {
        let (owner, idle) = (Asker::of(&Extensions::new()).owner(), Duration::from_mins(5));
        let (one, _link) = Conversation::new(owner, Weak::new(), 1000, CancellationToken::new());
        let idles = |wait| timeout(wait, one.idles(idle));
        let (long, request) = (Duration::from_hours(1), RequestId::Number(1));
        let (_, reader) = one.begin(request.clone()).unwrap();
        assert!(idles(long).await.is_err(), "a request is under way");
        one.with(|log| log.answer(&request, &"done"));
        assert!(idles(long).await.is_err(), "its connection is open");
        drop(reader);
        assert!(idles(idle - LOOK).await.is_err());
        one.touch();
        assert!(idles(idle - LOOK).await.is_err());
        assert!(idles(LOOK * 3).await.is_ok());
    }
}
