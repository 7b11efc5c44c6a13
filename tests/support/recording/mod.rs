//! What servers under test send, kept as it goes over the wire and held against the schema of its revision.
//!
//! A server listens at 127.0.0.1; before it, at the same port of `[::1]`, which it is called by as well, stands a proxy
//! that its clients are given. One that listens at 127.0.0.2 has its proxy at 127.0.0.1, for clients that cannot read
//! `[::1]`. Pipes are heard where the test holds them. When a server has ended, every message that it sent must be one that
//! MCP's own schema of the revision allows there. `tests/run` fetches the schemas; where they are not, nothing is judged.

pub mod http;
pub mod lines;
pub mod messages;
pub mod proxy;
pub mod schemas;
pub mod stdio;
mod tasks;

use super::canary;
use messages::Sent;
use proxy::Proxy;
use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};
use tokio::net::TcpListener;

/// A server's recording.
pub struct Recording {
    /// `[::1]:PORT` or `127.0.0.1:PORT`, where clients reach the server.
    pub authority: String,
    proxy: Proxy,
}

impl Recording {
    /// Records a server that listens at this address; none where the machine has no `[::1]`, which CI must have. An error
    /// where somebody is at the port already.
    pub fn of(server: SocketAddr) -> io::Result<Option<Self>> {
        let other = server.ip() != IpAddr::V4(Ipv4Addr::LOCALHOST);
        let name = if other { Ipv4Addr::LOCALHOST.into() } else { IpAddr::V6(Ipv6Addr::LOCALHOST) };
        let before = SocketAddr::from((name, server.port()));
        match Proxy::between(before, server) {
            Ok(proxy) => Ok(Some(Self { authority: before.to_string(), proxy })),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(error),
            Err(error) => {
                assert!(std::env::var_os("CI").is_none(), "nothing can be recorded: {before}: {error}");
                Ok(None)
            }
        }
    }

    /// A listener for a server in this process, and its recording.
    pub async fn listener() -> (TcpListener, Option<Self>) {
        loop {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            if let Ok(recording) = Self::of(listener.local_addr().unwrap()) {
                return (listener, recording);
            }
        }
    }

    /// Ends the recording; the test fails where the server has sent what its revision does not allow.
    pub fn judged(&self, ended: bool) -> Vec<Sent> {
        let (sent, faults) = if std::thread::panicking() { Default::default() } else { self.sent(ended) };
        without(&faults);
        sent
    }

    /// What the server sent, and what is wrong with it. A server that has not `ended` is cut off from its clients.
    fn sent(&self, ended: bool) -> (Vec<Sent>, Vec<String>) {
        let (mut exchanges, mut faults) = (Vec::new(), Vec::new());
        for tape in self.proxy.tapes(ended) {
            if canary::is_in(&tape.told.lock().unwrap()) {
                faults.push("an answer shows a key".to_owned());
            }
            match http::exchanges(&tape.asked.lock().unwrap(), &tape.told.lock().unwrap()) {
                Ok(read) => exchanges.extend(read),
                Err(fault) => faults.push(fault),
            }
        }
        let (sent, strange) = messages::sent(&exchanges);
        faults.extend(strange);
        faults.extend(judged(&sent));
        (sent, faults)
    }
}

/// Fails the test where there are faults.
fn without(faults: &[String]) {
    assert!(faults.is_empty(), "{} faults in what the server sent:\n{}", faults.len(), faults.join("\n\n"));
}

/// What is wrong with these messages.
pub fn judged(sent: &[Sent]) -> Vec<String> {
    let (mut faults, mut tasks) = (Vec::new(), Vec::new());
    for sent in sent {
        let Some(schema) = schemas::of(sent.revision) else { return faults };
        let wrong = schema.faults(sent);
        if schema.is_of_tasks(sent) {
            tasks.push(sent);
        }
        if !wrong.is_empty() {
            let message: String = sent.message.to_string().chars().take(2000).collect();
            let asked = sent.asked.as_ref().map(ToString::to_string).unwrap_or_default();
            faults.push(format!("{} {}: {wrong:#?}\n{message}\nanswers {asked}", sent.revision, sent.kind()));
        }
    }
    faults.extend(tasks::fault(&tasks));
    faults
}
