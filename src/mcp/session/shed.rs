//! What a session lets go of: the oldest first, and nothing that is on its way where another thing will do.

use super::{
    event::{self, Event, Kind},
    log::{Log, OWN, Stream},
};
use rmcp::model::RequestId;
use serde_json::{Value, json};
use std::time::Duration;

/// The most events that one session keeps.
const EVENTS: usize = 1024;
/// How long an event is kept after a connection was given it, once its stream is at its end.
const KEPT: Duration = Duration::from_secs(60);

impl Log {
    /// Lets go of as much as one session may not keep.
    pub(super) fn make_room(&mut self) {
        while self.events.len() > EVENTS {
            let spare = |event: &Event| event.kind == Kind::Note || self.is_given(event);
            self.drop_at(self.events.iter().position(spare).unwrap_or(0));
        }
        while self.bytes > self.most && self.shed(false) {}
    }

    /// Whether a connection was given this event, or none will ever come for it.
    fn is_given(&self, event: &Event) -> bool {
        self.streams.get(&event.id.stream).is_none_or(|stream| event.id.place <= stream.given)
    }

    /// Lets go of what was given long ago, on streams that have ended and on the session's own.
    pub(super) fn tidy(&mut self) {
        let mut at = 0;
        while let Some(event) = self.events.get(at) {
            let ended = |stream: &Stream| stream.ended || event.id.stream == OWN;
            let old = event.since.elapsed() >= KEPT && self.is_given(event);
            if old && self.streams.get(&event.id.stream).is_none_or(ended) {
                self.drop_at(at);
            } else {
                at += 1;
            }
        }
    }

    /// Lets go of the oldest event, or makes it small: an answer that nobody was given becomes an error that says so.
    /// The newest stays, and what a connection is about to take, unless `even_awaited`. False where there is nothing to let go of.
    pub(super) fn shed(&mut self, even_awaited: bool) -> bool {
        let awaited = |event: &Event| {
            let reader = |stream: &Stream| stream.reader.is_some();
            self.streams.get(&event.id.stream).is_some_and(reader)
        };
        let may = |event: &Event| {
            self.is_given(event) || event.kind != Kind::Lost && (even_awaited || !awaited(event))
        };
        let most = if even_awaited { self.events.len() } else { self.events.len().saturating_sub(1) };
        let at = self.events.iter().take(most).position(may);
        // Even what stands in the place of answers is too much when there is nothing else.
        let Some(at) = at.or(even_awaited.then_some(0)) else { return false };
        let given = self.events.get(at).is_none_or(|event| self.is_given(event));
        match self.events.get_mut(at) {
            Some(Event { id, kind, sent, .. }) if !given && matches!(kind, Kind::Answer(_)) => {
                let Kind::Answer(request) = std::mem::replace(kind, Kind::Lost) else { return false };
                let error = event::message(*id, &lost(&request));
                self.bytes = self.bytes + error.len() - sent.len();
                *sent = error;
            }
            Some(_) => self.drop_at(at),
            None => return false,
        }
        true
    }

    fn drop_at(&mut self, at: usize) {
        let Some(event) = self.events.remove(at) else { return };
        self.bytes -= event.size();
        if let Some(stream) = self.streams.get_mut(&event.id.stream)
            && matches!(event.kind, Kind::Question(_))
        {
            stream.lost = event.id.place;
        }
        self.forget(event.id.stream);
    }

    /// Forgets a stream that has ended, where nobody reads it and nothing of it is left.
    pub(super) fn forget(&mut self, number: u64) {
        let gone = |stream: &Stream| stream.ended && stream.reader.is_none();
        let left = self.events.iter().any(|event| event.id.stream == number);
        if self.streams.get(&number).is_some_and(gone) && !left {
            self.streams.remove(&number);
        }
    }
}

/// What stands in the place of an answer.
fn lost(request: &RequestId) -> Value {
    let message = "the answer was not fetched in time, and its room was needed; ask again, for less at once";
    json!({ "jsonrpc": "2.0", "id": request, "error": { "code": -32603, "message": message } })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mcp::session::{event::EventId, log::Next};

    fn request(id: i64) -> RequestId {
        RequestId::Number(id)
    }

    fn answered(log: &mut Log, id: i64, size: usize) -> u64 {
        let stream = log.begin(request(id)).unwrap();
        log.answer(&request(id), &"a".repeat(size));
        stream
    }

    /// What a client is told that comes back for a stream.
    fn told(log: &mut Log, stream: u64) -> Option<String> {
        let mut place = log.resume(EventId { stream, place: 0 })?;
        let told = match log.next(&mut place) {
            Next::Event { sent, .. } => String::from_utf8(sent.to_vec()).unwrap(),
            other => panic!("{other:?}"),
        };
        log.leave(&place);
        Some(told)
    }

    #[test]
    fn the_oldest_answers_make_room_and_their_clients_are_told_so() {
        let mut log = Log::new(10_000);
        let streams: Vec<u64> = (0..5).map(|id| answered(&mut log, id, 4_000)).collect();
        assert!(log.bytes() <= 10_000, "{}", log.bytes());
        let lost = told(&mut log, streams[0]).unwrap();
        assert!(lost.contains(r#""id":0,"error":{"code":-32603,"message":"the answer was not"#), "{lost}");
        assert!(told(&mut log, streams[4]).unwrap().contains("aaaa"));
    }

    #[test]
    fn what_a_connection_is_about_to_take_stays_unless_all_sessions_keep_too_much() {
        let mut log = Log::new(1_000);
        let stream = log.begin(request(1)).unwrap();
        let mut place = log.open(stream).unwrap();
        log.answer(&request(1), &"a".repeat(5_000));
        let other = answered(&mut log, 2, 5_000);
        assert!(log.bytes() > 10_000, "the newest stays, whatever its size");
        answered(&mut log, 3, 10);
        assert!(told(&mut log, other).unwrap().contains("-32603"), "nobody was there to take it");
        assert!(log.bytes() > 5_000);
        while log.bytes() > 1_000 && log.shed(true) {}
        let Next::Event { sent, .. } = log.next(&mut place) else { panic!("an answer") };
        assert!(sent.ends_with(b"}}\n\n") && sent.len() < 300);
        while log.shed(true) {}
        assert_eq!(log.bytes(), 0);
        log.leave(&place);
        assert!(told(&mut log, stream).is_none() && told(&mut log, other).is_none(), "they are forgotten");
        assert_eq!(log.streams.len(), 1);
    }

    #[test]
    fn events_are_bounded_in_number_and_notes_go_first() {
        let mut log = Log::new(usize::MAX);
        let stream = answered(&mut log, 1, 10);
        let talking = log.begin(request(2)).unwrap();
        for _ in 0..EVENTS * 2 {
            log.push(talking, Kind::Note, |id| event::message(id, &"note"));
        }
        assert_eq!(log.events.len(), EVENTS);
        assert!(told(&mut log, stream).unwrap().contains("aaaa"));
        assert!(log.resume(EventId { stream: talking, place: 1 }).is_some(), "notes may be missing");
        log.push(talking, Kind::Question(request(70)), |id| event::message(id, &"question"));
        while log.shed(true) {}
        assert!(log.resume(EventId { stream: talking, place: 1 }).is_none(), "a question may not");
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_given_is_kept_for_a_while_after_its_streams_end() {
        let mut log = Log::new(usize::MAX);
        let (given, waits) = (answered(&mut log, 1, 10), answered(&mut log, 2, 10));
        told(&mut log, given);
        log.tidy();
        assert!(told(&mut log, given).is_some());
        tokio::time::advance(KEPT).await;
        log.tidy();
        assert!(told(&mut log, given).is_none());
        assert!(told(&mut log, waits).is_some(), "nobody came for it yet");
    }
}
