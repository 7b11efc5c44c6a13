//! What one line is, and who answers it.

use super::{
    Id, Output,
    input::Line,
    under_way::{Requests, UnderWay},
};
use crate::{
    mcp::{
        Asking,
        caller::Asker,
        door::{Fault, Message, Said},
        revisions::VERSION_KEY,
        session::{PipeSession, check},
        stateless::{Event, Reply, Stateless},
    },
    registry::Registry,
    seam::ByteSize,
};
use futures_util::StreamExt;
use serde_json::value::RawValue;
use std::sync::Arc;
use tokio::{
    sync::mpsc::Receiver,
    time::{Instant, timeout_at},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// One client at the other end of a pipe.
pub(super) struct Pipe {
    output: Output,
    stateless: Arc<Stateless>,
    session: PipeSession,
    requests: Requests,
    /// Answers under way.
    answers: TaskTracker,
    /// Ends subscriptions, in good order.
    quiet: CancellationToken,
    /// Ends every request where it stands.
    enough: CancellationToken,
    most: ByteSize,
}

impl Pipe {
    /// # Errors
    /// A tool's definition is no MCP tool.
    pub(super) fn new(
        registry: Arc<Registry>,
        asking: Asking,
        output: Output,
        most: ByteSize,
    ) -> Result<Self, serde_json::Error> {
        let (answers, quiet, enough) =
            (TaskTracker::new(), CancellationToken::new(), CancellationToken::new());
        let stateless = Arc::new(Stateless::new(registry.clone(), asking, quiet.clone()));
        let tasks = stateless.tasks().apart();
        Ok(Self {
            session: PipeSession::new(registry, output.clone(), answers.clone(), tasks)?,
            stateless,
            requests: Requests::new(enough.clone()),
            output,
            answers,
            quiet,
            enough,
            most,
        })
    }

    /// Takes line after line, until no more come. Nothing new is begun while what was answered waits to be read.
    pub(super) async fn serve(&mut self, mut lines: Receiver<Line>) {
        loop {
            self.output.room().await;
            let Some(line) = lines.recv().await else { return };
            let taken = match &line {
                Line::Whole(line) => self.take(line).await,
                Line::TooLong => Err(Fault::invalid(format!("a line has at most {} bytes", self.most.0))),
            };
            if let Err(fault) = taken
                && !fault.is_of_a_notification()
            {
                tracing::debug!("a line is refused");
                self.output.tell(fault.message()).await;
            }
        }
    }

    async fn take(&mut self, line: &[u8]) -> Result<(), Fault> {
        if line.trim_ascii().is_empty() {
            return Ok(());
        }
        match Message::read(line)? {
            Message::Request(id, said) => {
                let asked = self.asked(line, id, said).await;
                asked.map_err(|fault| fault.of(id))
            }
            Message::Notification(said) => self.told(line, said).await,
            Message::Response { id: Some(_) } if !self.session.is_open() => {
                Err(Fault::invalid("a request is expected: nothing was asked"))
            }
            // An error without an id is the client's answer to a fault of its own, and no answer to that is due.
            Message::Response { id: None } => Ok(()),
            Message::Response { id: Some(_) } => self.session.tell(line).await,
        }
    }

    async fn asked(&mut self, line: &[u8], id: &RawValue, said: Said<'_>) -> Result<(), Fault> {
        let under_way = self.requests.begin(id, line.len()).await?;
        if is_stateless(&said) {
            self.answer(id.to_owned(), said.into_owned(), under_way);
            return Ok(());
        }
        let begins = said.method == "initialize";
        if begins {
            // MCP 2025-11-25, Cancellation: `initialize` is not taken back.
            under_way.lasts();
        }
        if begins || self.session.is_open() {
            let kind = check(id, said)?;
            return self.session.ask(line, id, under_way, kind).await;
        }
        if said.method == "ping" {
            let _waits = under_way.answered();
            self.output.tell(format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#).into_bytes()).await;
            return Ok(());
        }
        Err(Fault::params("`_meta` is missing: say the revision there, or begin with `initialize`"))
    }

    async fn told(&self, line: &[u8], mut said: Said<'_>) -> Result<(), Fault> {
        if said.method == "notifications/cancelled" {
            // Whichever revision it was asked in. What is unknown, answered or malformed is ignored (MCP 2026-07-28,
            // Cancellation).
            if let Some(id) = said.params.take("requestId").as_ref().and_then(Id::named)
                && self.requests.take_back(&id)
            {
                self.session.take_back(&id).await;
            }
            return Ok(());
        }
        if self.session.is_open() && !is_stateless(&said) {
            return self.session.tell(line).await.map_err(Fault::of_a_notification);
        }
        if said.is_note() { Ok(()) } else { Err(Fault::invalid("a request needs an id")) }
    }

    /// Answers a request of the stateless revision, beside whatever else is under way.
    fn answer(&self, id: Box<RawValue>, said: Said<'static>, under_way: UnderWay) {
        let (stateless, output) = (self.stateless.clone(), self.output.clone());
        let taken_back = under_way.taken_back().clone();
        self.answers.spawn(async move {
            tokio::select! {
                biased;
                // A call that is taken back may still say so in the log.
                () = answered(&stateless, &output, &id, said, under_way) => {}
                () = taken_back.cancelled() => {}
            }
        });
    }

    /// Ends subscriptions and session, and waits until then for the answers under way.
    pub(super) async fn end(&mut self, until: Instant) {
        self.quiet.cancel();
        self.session.close();
        self.answers.close();
        if timeout_at(until, self.answers.wait()).await.is_err() {
            self.enough.cancel();
        }
    }
}

/// Whether a message says a revision, which those with sessions do not.
fn is_stateless(said: &Said<'_>) -> bool {
    said.meta.as_ref().is_some_and(|meta| meta.has(VERSION_KEY))
}

/// Tells what a request is answered with, message by message; nothing once it is taken back.
async fn answered(
    stateless: &Stateless,
    output: &Output,
    id: &RawValue,
    said: Said<'static>,
    mut under_way: UnderWay,
) {
    let taken_back = under_way.taken_back().clone();
    let listens = said.method == "subscriptions/listen";
    let asker = Asker { cancelled: taken_back.clone(), ..Asker::local() };
    let last = match stateless.serve(id, said, None, asker).await {
        Ok(Reply::Message(message)) => Some(message),
        Err(fault) => Some(fault.of(id).message()),
        Ok(Reply::Events(mut events)) => {
            if listens {
                under_way.stand_aside();
            }
            loop {
                match events.next().await {
                    Some(Event::Message(message)) if !taken_back.is_cancelled() => output.tell(message).await,
                    Some(Event::Message(_) | Event::Alive) => {}
                    Some(Event::Answer(message)) => break Some(message),
                    None => break None,
                }
            }
        }
    };
    if let (Some(message), Some(_waits)) = (last, under_way.answered()) {
        output.tell(message).await;
    }
}
