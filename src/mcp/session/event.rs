//! Events: messages as they stand on a client's stream, and the ids by which it comes back for those it missed.

use bytes::Bytes;
use rmcp::model::RequestId;
use serde::Serialize;
use std::{fmt, str::FromStr, time::Duration};
use tokio::time::Instant;

/// Where an event stands: on which stream of its session, and there in which place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct EventId {
    pub(super) stream: u64,
    /// From 1 on; 0 is the stream's beginning.
    pub(super) place: u64,
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.stream, self.place)
    }
}

impl FromStr for EventId {
    type Err = NoId;

    fn from_str(text: &str) -> Result<Self, NoId> {
        let (stream, place) = text.split_once('.').ok_or(NoId)?;
        let number = |text: &str| match text.bytes().all(|byte| byte.is_ascii_digit()) {
            true => text.parse().map_err(|_| NoId),
            false => Err(NoId),
        };
        Ok(Self { stream: number(stream)?, place: number(place)? })
    }
}

/// A text that names no event.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoId;

/// What an event is to its client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Something said on the way: a client can do without.
    Note,
    /// A request of the server's, of this id.
    Question(RequestId),
    /// The answer to the client's request of this id.
    Answer(RequestId),
    /// What was put in the place of an answer that found no room.
    Lost,
    /// The connection ends here, and the stream goes on.
    Parting,
}

/// One event that is kept.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) id: EventId,
    pub(super) kind: Kind,
    pub(super) since: Instant,
    /// As it is sent, byte for byte.
    pub(super) sent: Bytes,
}

/// What an event counts for beside its own bytes.
const BESIDE: usize = 128;

impl Event {
    /// How many bytes it counts for.
    pub(super) fn size(&self) -> usize {
        self.sent.len() + BESIDE
    }
}

/// A message as it is sent.
pub(super) fn message(id: EventId, message: &impl Serialize) -> Bytes {
    let mut sent = format!("id: {id}\ndata: ").into_bytes();
    let before = sent.len();
    if serde_json::to_writer(&mut sent, message).is_err() {
        sent.truncate(before);
    }
    sent.extend_from_slice(b"\n\n");
    sent.into_boxed_slice().into()
}

/// The message in an event that [`message`] made.
pub(super) fn data(sent: &Bytes) -> Bytes {
    const DATA: &[u8] = b"\ndata: ";
    let begin = sent.windows(DATA.len()).position(|here| here == DATA);
    let begin = begin.map_or(sent.len(), |begin| begin + DATA.len());
    sent.slice(begin..sent.len().saturating_sub(2).max(begin))
}

/// An event without a message: from here a client that loses its connection comes back, after so long (MCP 2025-11-25,
/// Streamable HTTP).
pub(super) fn blank(id: EventId, back_in: Duration) -> Bytes {
    format!("id: {id}\nretry: {}\ndata: \n\n", back_in.as_millis()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_id_is_two_numbers() {
        let id = EventId { stream: 7, place: 12 };
        assert_eq!(id.to_string(), "7.12");
        assert_eq!("7.12".parse(), Ok(id));
        for bad in ["", "7", "7.", ".1", "7.1.2", "+7.1", "-7.1", "7/1", "a.b", "7.18446744073709551616"] {
            assert!(bad.parse::<EventId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_message_is_sent_with_its_id_and_found_again() {
        let sent = message(EventId { stream: 1, place: 2 }, &json!({ "a": "\ndata: b\n\n" }));
        assert_eq!(sent, "id: 1.2\ndata: {\"a\":\"\\ndata: b\\n\\n\"}\n\n");
        assert_eq!(data(&sent), "{\"a\":\"\\ndata: b\\n\\n\"}");
        let blank = blank(EventId { stream: 1, place: 0 }, Duration::from_millis(1500));
        assert_eq!(blank, "id: 1.0\nretry: 1500\ndata: \n\n");
    }
}
