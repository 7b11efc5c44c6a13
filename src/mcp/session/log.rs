//! What a session keeps of what it says: every stream's events, in a bounded number of bytes and of events.
//!
//! A stream is read by one connection at a time. What a connection was given is kept for a while, as it may never have
//! arrived; what none was given is kept until one comes for it, or until its room is needed.

use super::event::{self, Event, EventId, Kind};
use bytes::Bytes;
use rmcp::model::RequestId;
use serde::Serialize;
use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};
use tokio::{sync::Notify, time::Instant};

/// The stream that belongs to no request.
pub(super) const OWN: u64 = 0;
/// The most requests of one session that may be under way.
pub(super) const UNDER_WAY: usize = 256;

/// The events of one session.
#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) events: VecDeque<Event>,
    pub(super) bytes: usize,
    /// The most bytes that may be kept, beside what a connection is about to take.
    pub(super) most: usize,
    pub(super) streams: HashMap<u64, Stream>,
    under_way: HashMap<RequestId, u64>,
    last: u64,
    over: bool,
}

/// How one stream stands.
#[derive(Debug, Default)]
pub(super) struct Stream {
    /// The place of its newest event.
    pub(super) newest: u64,
    /// The place of the newest event that a connection was given.
    pub(super) given: u64,
    /// The place of the newest question that was given up for want of room.
    pub(super) lost: u64,
    /// The connection that reads it, by number; none where nobody does.
    pub(super) reader: Option<u64>,
    readers: u64,
    pub(super) ended: bool,
    news: Arc<Notify>,
}

/// Where a connection reads.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) at: EventId,
    reader: u64,
    pub(super) news: Arc<Notify>,
}

/// What a connection finds next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// An event, after which the connection may have to end.
    Event { sent: Bytes, parting: bool },
    /// Nothing yet.
    Wait,
    /// Nothing any more, on this connection.
    End,
}

/// Why no request can begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unbegun {
    /// One of its id is under way.
    Twice,
    /// As many are under way as may be.
    Full,
}

impl Log {
    /// Keeps at most so many bytes.
    pub(super) fn new(most: usize) -> Self {
        let streams = HashMap::from([(OWN, Stream::default())]);
        Self { most, streams, ..Self::default() }
    }

    /// How many bytes are kept.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Begins the stream of a request.
    ///
    /// # Errors
    /// Its id is in use; too many are under way.
    pub(super) fn begin(&mut self, request: RequestId) -> Result<u64, Unbegun> {
        if self.under_way.contains_key(&request) {
            return Err(Unbegun::Twice);
        }
        if self.under_way.len() >= UNDER_WAY {
            return Err(Unbegun::Full);
        }
        self.last += 1;
        self.streams.insert(self.last, Stream::default());
        self.under_way.insert(request, self.last);
        Ok(self.last)
    }

    /// The stream of a request that is under way.
    pub(super) fn of(&self, request: &RequestId) -> Option<u64> {
        self.under_way.get(request).copied()
    }

    /// The stream on which this question was asked; the session's own where that one has ended.
    pub(super) fn asked(&self, question: &RequestId) -> u64 {
        let of = |event: &&Event| matches!(&event.kind, Kind::Question(id) if id == question);
        let stream = self.events.iter().find(of).map(|event| event.id.stream);
        let open = |stream: &u64| self.streams.get(stream).is_some_and(|stream| !stream.ended);
        stream.filter(open).unwrap_or(OWN)
    }

    /// Whether a request is under way, or a connection open.
    pub(super) fn is_busy(&self) -> bool {
        !self.under_way.is_empty() || self.streams.values().any(|stream| stream.reader.is_some())
    }

    /// The answer to a request: the last event of its stream. Nobody waits for one that is not under way.
    pub(super) fn answer(&mut self, request: &RequestId, message: &impl Serialize) {
        if let Some(stream) = self.under_way.remove(request) {
            self.push(stream, Kind::Answer(request.clone()), |id| event::message(id, message));
            self.end(stream);
        }
    }

    /// Ends a request without an answer: its client gave it up.
    pub(super) fn give_up(&mut self, request: &RequestId) {
        if let Some(stream) = self.under_way.remove(request) {
            self.end(stream);
        }
    }

    fn end(&mut self, number: u64) {
        if let Some(stream) = self.streams.get_mut(&number) {
            stream.ended = true;
            stream.news.notify_one();
        }
        self.forget(number);
    }

    /// Adds an event to a stream, and lets go of older ones where room is needed.
    pub(super) fn push(&mut self, number: u64, kind: Kind, make: impl FnOnce(EventId) -> Bytes) {
        let Some(stream) = self.streams.get_mut(&number).filter(|stream| !stream.ended && !self.over) else {
            return;
        };
        stream.newest += 1;
        let id = EventId { stream: number, place: stream.newest };
        let event = Event { id, kind, since: Instant::now(), sent: make(id) };
        stream.news.notify_one();
        self.bytes += event.size();
        self.events.push_back(event);
        self.make_room();
    }

    /// Ends the connection that reads a stream; it is told to come back in so long.
    pub(super) fn part(&mut self, number: u64, back_in: Duration) {
        if self.streams.get(&number).is_some_and(|stream| stream.reader.is_some()) {
            self.push(number, Kind::Parting, |id| event::blank(id, back_in));
        }
    }

    /// Opens a stream to a connection, in the place of the one that reads it.
    fn take(&mut self, at: EventId) -> Option<Place> {
        let stream = self.streams.get_mut(&at.stream)?;
        stream.readers += 1;
        stream.reader = Some(stream.readers);
        stream.news.notify_one();
        Some(Place { at, reader: stream.readers, news: stream.news.clone() })
    }

    /// Opens a stream from what no connection was given yet.
    pub(super) fn open(&mut self, stream: u64) -> Option<Place> {
        let place = self.streams.get(&stream)?.given;
        self.take(EventId { stream, place })
    }

    /// Opens a stream from behind this event; none where the event or what followed it is no longer kept.
    pub(super) fn resume(&mut self, after: EventId) -> Option<Place> {
        let stream = self.streams.get(&after.stream)?;
        let known = after.place <= stream.newest && after.place >= stream.lost;
        known.then(|| self.take(after)).flatten()
    }

    /// What stands next at this place.
    pub(super) fn next(&mut self, place: &mut Place) -> Next {
        let Some(stream) = self.streams.get_mut(&place.at.stream) else { return Next::End };
        if stream.reader != Some(place.reader) || self.over {
            return Next::End;
        }
        let given = stream.given;
        let next = |event: &&Event| {
            let behind = event.id.stream == place.at.stream && event.id.place > place.at.place;
            // A parting that a connection was given already parts no second one.
            behind && (event.kind != Kind::Parting || event.id.place > given)
        };
        let Some(event) = self.events.iter().find(next) else {
            return if stream.ended { Next::End } else { Next::Wait };
        };
        place.at = event.id;
        stream.given = stream.given.max(event.id.place);
        Next::Event { sent: event.sent.clone(), parting: event.kind == Kind::Parting }
    }

    /// A connection has ended.
    pub(super) fn leave(&mut self, place: &Place) {
        if let Some(stream) = self.streams.get_mut(&place.at.stream)
            && stream.reader == Some(place.reader)
        {
            stream.reader = None;
            self.forget(place.at.stream);
        }
    }

    /// Ends every stream, and keeps nothing.
    pub(super) fn close(&mut self) {
        self.over = true;
        self.streams.values().for_each(|stream| stream.news.notify_one());
        self.streams.clear();
        self.under_way.clear();
        self.events.clear();
        self.bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn request(id: i64) -> RequestId {
        RequestId::Number(id)
    }

    fn note(log: &mut Log, stream: u64, text: &str) {
        log.push(stream, Kind::Note, |id| event::message(id, &text));
    }

    /// The places of all that stands at this one.
    fn read(log: &mut Log, place: &mut Place) -> Vec<u64> {
        std::iter::from_fn(|| matches!(log.next(place), Next::Event { .. }).then_some(place.at.place))
            .collect()
    }

    #[test]
    fn a_stream_is_given_once_and_in_order_and_again_from_where_it_broke_off() {
        let mut log = Log::new(1 << 20);
        let (one, two) = (log.begin(request(1)).unwrap(), log.begin(request(2)).unwrap());
        let mut place = log.open(one).unwrap();
        note(&mut log, one, "a");
        note(&mut log, two, "of another");
        note(&mut log, one, "b");
        assert_eq!(read(&mut log, &mut place), [1, 2]);
        assert_eq!(log.next(&mut place), Next::Wait);
        log.leave(&place);
        note(&mut log, one, "c");
        log.answer(&request(1), &json!({}));
        let mut place = log.resume(EventId { stream: one, place: 1 }).unwrap();
        assert_eq!(read(&mut log, &mut place), [2, 3, 4]);
        assert_eq!(log.next(&mut place), Next::End);
        note(&mut log, one, "after the end");
        assert_eq!(log.next(&mut place), Next::End);
        for (stream, place) in [(one, 5), (3, 0), (OWN, 1)] {
            assert!(log.resume(EventId { stream, place }).is_none(), "{stream}.{place} never was");
        }
    }

    #[test]
    fn a_stream_is_read_by_the_connection_that_came_last() {
        let mut log = Log::new(1 << 20);
        let mut first = log.open(OWN).unwrap();
        note(&mut log, OWN, "a");
        assert_eq!(read(&mut log, &mut first), [1]);
        let mut second = log.open(OWN).unwrap();
        note(&mut log, OWN, "b");
        assert_eq!(log.next(&mut first), Next::End);
        log.leave(&first);
        assert!(log.is_busy(), "the second is still there");
        assert_eq!(read(&mut log, &mut second), [2], "what was given is not given again");
    }

    #[test]
    fn an_id_is_one_requests_until_it_is_answered_or_given_up_and_requests_are_bounded() {
        let mut log = Log::new(1 << 20);
        for id in 0..UNDER_WAY {
            log.begin(request(i64::try_from(id).unwrap())).unwrap();
        }
        assert_eq!(log.begin(request(7)), Err(Unbegun::Twice));
        assert_eq!(log.begin(request(-1)), Err(Unbegun::Full));
        log.answer(&request(7), &json!({}));
        log.give_up(&request(8));
        assert!(log.begin(request(7)).is_ok() && log.begin(request(8)).is_ok());
        assert_eq!(log.streams.len(), UNDER_WAY + 2, "the one that was answered is kept");
    }

    #[test]
    fn who_is_let_go_comes_back_for_the_rest_and_is_let_go_once() {
        let mut log = Log::new(1 << 20);
        let stream = log.begin(request(1)).unwrap();
        log.part(stream, Duration::from_secs(1));
        assert_eq!(log.bytes(), 0, "nobody is there to be let go");
        let mut place = log.open(stream).unwrap();
        log.part(stream, Duration::from_secs(1));
        assert!(matches!(log.next(&mut place), Next::Event { parting: true, .. }));
        log.leave(&place);
        log.answer(&request(1), &json!({}));
        for from in [0, 1] {
            let mut place = log.resume(EventId { stream, place: from }).unwrap();
            assert_eq!(read(&mut log, &mut place), [2], "from {from}");
        }
    }

    #[test]
    fn a_question_is_taken_back_where_it_was_asked() {
        let mut log = Log::new(1 << 20);
        let stream = log.begin(request(1)).unwrap();
        log.push(stream, Kind::Question(request(70)), |id| event::message(id, &json!({})));
        assert_eq!((log.asked(&request(70)), log.asked(&request(71))), (stream, OWN));
        log.answer(&request(1), &json!({}));
        assert_eq!(log.asked(&request(70)), OWN);
    }
}
