//! Calls that say something on the way: answered with one message where they are quick and silent, else with a stream.

use super::reply::{Event, Reply, notification};
use crate::{
    mcp::door::Fault,
    seam::{BoxFuture, Caller},
};
use futures_util::{Stream, stream};
use serde_json::Value;
use std::{collections::VecDeque, time::Duration};
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};

/// After so long without a word a call's answer becomes a stream, so that nobody on the way gives up on it.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often a silent stream shows that it lives.
pub(super) const SIGN_OF_LIFE: Duration = Duration::from_secs(15);
/// How many notes may wait to be sent.
const WAITING: usize = 16;

/// A call's answer, as a message, while it is made.
type Running = BoxFuture<'static, Result<Vec<u8>, Fault>>;

/// A caller who hears notes on the stream of the call's own answer.
pub(super) struct Listener(mpsc::Sender<Vec<u8>>);

/// What a listener is told.
pub(super) struct Notes(mpsc::Receiver<Vec<u8>>);

/// A caller who listens, and what it is told.
pub(super) fn listener() -> (Listener, Notes) {
    let (tell, told) = mpsc::channel(WAITING);
    (Listener(tell), Notes(told))
}

impl Caller for Listener {
    fn notify<'a>(&'a self, method: &'static str, params: Value) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            // Whoever stopped listening is told nothing.
            let _ = self.0.send(notification(method, &params)).await;
        })
    }
}

/// Answers with what a call comes to, and with what it says on the way.
///
/// # Errors
/// The call is not answered with a result, and no stream has begun.
pub(super) async fn answer(mut run: Running, notes: Option<Notes>) -> Result<Reply, Fault> {
    let Some(Notes(mut notes)) = notes else { return silent(run).await };
    let mut first = VecDeque::new();
    tokio::select! {
        biased;
        Some(note) = notes.recv() => first.push_back(note),
        done = &mut run => match notes.try_recv() {
            Err(_) => return done.map(Reply::Message),
            Ok(note) => {
                first.push_back(note);
                run = Box::pin(std::future::ready(done));
            }
        },
        () = sleep(PATIENCE) => {}
    }
    let first = first.into_iter().map(Event::Message).collect();
    Ok(Reply::Events(Box::pin(events(run, notes, first))))
}

/// The same for a call that has nobody to tell anything.
async fn silent(mut run: Running) -> Result<Reply, Fault> {
    if let Ok(done) = timeout(PATIENCE, &mut run).await {
        return done.map(Reply::Message);
    }
    // Nobody tells anything on a channel whose other end is gone.
    let Notes(notes) = listener().1;
    Ok(Reply::Events(Box::pin(events(run, notes, VecDeque::new()))))
}

/// Notes as they come, then the answer. Notes and call are one task's: a call that waits for room is never stuck.
fn events(
    run: Running,
    notes: mpsc::Receiver<Vec<u8>>,
    first: VecDeque<Event>,
) -> impl Stream<Item = Event> + Send {
    stream::unfold((Some(run), notes, first), |(mut run, mut notes, mut queue)| async move {
        if let Some(event) = queue.pop_front() {
            return Some((event, (run, notes, queue)));
        }
        let call = run.as_mut()?;
        let event = tokio::select! {
            biased;
            Some(note) = notes.recv() => Event::Message(note),
            done = call => {
                run = None;
                while let Ok(note) = notes.try_recv() {
                    queue.push_back(Event::Message(note));
                }
                queue.push_back(Event::Answer(done.unwrap_or_else(|fault| fault.message())));
                queue.pop_front()?
            }
            () = sleep(SIGN_OF_LIFE) => Event::Alive,
        };
        Some((event, (run, notes, queue)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::StreamExt;
    use serde_json::json;

    /// What a call is answered with that notes so much, each time after a pause.
    async fn told(notes: usize, pause: Duration, fails: bool) -> Result<Vec<String>, Fault> {
        let (caller, heard) = listener();
        let run = Box::pin(async move {
            for n in 0..notes {
                sleep(pause).await;
                caller.notify("n", json!(n)).await;
            }
            sleep(pause).await;
            if fails { Err(Fault::invalid("failed")) } else { Ok(b"answer".to_vec()) }
        });
        Ok(match answer(run, Some(heard)).await? {
            Reply::Message(message) => vec![String::from_utf8(message).unwrap()],
            Reply::Events(events) => {
                let mut told = vec!["stream".to_owned()];
                let text = |event| match event {
                    Event::Message(message) | Event::Answer(message) => String::from_utf8(message).unwrap(),
                    Event::Alive => "alive".into(),
                };
                told.extend(events.map(text).collect::<Vec<_>>().await);
                told
            }
        })
    }

    #[tokio::test(start_paused = true)]
    async fn a_quick_silent_call_is_one_message() {
        assert_eq!(told(0, Duration::ZERO, false).await.unwrap(), ["answer"]);
        assert_eq!(told(0, Duration::from_secs(9), false).await.unwrap(), ["answer"]);
        assert!(told(0, Duration::ZERO, true).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_said_on_the_way_comes_before_the_answer() {
        for (notes, pause) in [(1, Duration::ZERO), (100, Duration::ZERO), (3, Duration::from_secs(1))] {
            let told = told(notes, pause, false).await.unwrap();
            assert_eq!(told.len(), notes + 2);
            assert_eq!((told[0].as_str(), told[notes + 1].as_str()), ("stream", "answer"));
            for (n, note) in told[1..=notes].iter().enumerate() {
                assert_eq!(*note, json!({ "jsonrpc": "2.0", "method": "n", "params": n }).to_string());
            }
        }
        let failed = told(1, Duration::ZERO, true).await.unwrap();
        assert!(failed[2].contains("-32600"), "{failed:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_silent_call_is_a_stream_that_lives() {
        assert_eq!(
            told(0, Duration::from_secs(41), false).await.unwrap(),
            ["stream", "alive", "alive", "answer"]
        );
    }
}
