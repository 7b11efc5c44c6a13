//! Bytes over a socket, as they are, and what comes back.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};
use std::{
    io::{Read, Write},
    net::{Shutdown, TcpStream},
    time::Duration,
};

/// The longest that an answer may take.
const TIME: Duration = Duration::from_secs(20);

/// An answer, as it came.
#[derive(Debug, Default)]
pub struct Answer {
    pub status: u16,
    /// Lines of the head, in lower case.
    pub head: String,
    pub body: String,
}

impl Answer {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    /// The messages, whether one came alone or several on a stream.
    pub fn messages(&self) -> Vec<Value> {
        self.read()
    }

    /// The last message.
    pub fn message(&self) -> Option<Told> {
        self.read().pop()
    }

    fn read<T: DeserializeOwned>(&self) -> Vec<T> {
        match serde_json::from_str(&self.body) {
            Ok(alone) => vec![alone],
            Err(_) => {
                let events = self.body.lines().filter_map(|line| line.strip_prefix("data: "));
                events.filter_map(|event| serde_json::from_str(event).ok()).collect()
            }
        }
    }
}

/// A message of the server's; the id as it is written.
#[derive(Debug, Deserialize)]
pub struct Told {
    pub jsonrpc: String,
    pub id: Option<Box<RawValue>>,
    pub result: Option<Value>,
    pub error: Option<Value>,
}

/// Sends bytes, and nothing more where `ends`; reads to the end of the answer.
pub fn exchange(authority: &str, request: &[u8], ends: bool) -> Answer {
    let mut stream = TcpStream::connect(authority).unwrap();
    stream.set_read_timeout(Some(TIME)).unwrap();
    stream.set_write_timeout(Some(TIME)).unwrap();
    // A server that has refused already may close before everything is written.
    let _ = stream.write_all(request);
    if ends {
        let _ = stream.shutdown(Shutdown::Write);
    }
    let mut bytes = Vec::new();
    let mut chunk = [0; 16 << 10];
    while let Ok(read) = stream.read(&mut chunk) {
        bytes.extend_from_slice(&chunk[..read]);
        if read == 0 || is_whole(&bytes) {
            break;
        }
    }
    parse(&bytes)
}

/// Whether an answer of a declared length is there.
fn is_whole(bytes: &[u8]) -> bool {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    length.is_some_and(|length| bytes.len() >= end + 4 + length)
}

fn parse(bytes: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return Answer::default() };
    let head = head.to_lowercase();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
    let body = if head.contains("transfer-encoding: chunked") { joined(body) } else { body.to_owned() };
    Answer { status, head, body }
}

/// The pieces of a chunked body.
fn joined(mut rest: &str) -> String {
    let mut body = String::new();
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).unwrap_or_default();
        let Some(piece) = after.get(..size).filter(|_| size > 0) else { break };
        body.push_str(piece);
        rest = after.get(size + 2..).unwrap_or_default();
    }
    body
}
