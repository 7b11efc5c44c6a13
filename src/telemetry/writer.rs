//! Lines on their way out: a thread of its own writes them, and no call ever waits for it.

use std::{
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};
use tracing_subscriber::fmt::MakeWriter;

/// How many lines may wait; more are counted and left out.
const WAITING: usize = 8192;

/// From so many bytes on no more lines are written together.
const AT_ONCE: usize = 64 << 10;

/// How long lines may gather after others were written, so that a busy server wakes nobody for each.
const REST: Duration = Duration::from_millis(1);

/// How long the end of the program waits for what is left to be written.
const LAST_WORDS: Duration = Duration::from_secs(2);

enum Message {
    Line(Vec<u8>),
    End,
}

/// Takes lines without waiting.
#[derive(Clone)]
pub(super) struct Lines {
    queue: SyncSender<Message>,
    lost: Arc<AtomicUsize>,
}

/// Writes what is left when it is dropped.
pub(super) struct Flush {
    queue: SyncSender<Message>,
    done: Receiver<()>,
}

/// How it is told in the log that so many lines of it are missing.
type LeftOut = fn(usize) -> String;

/// Starts the thread of this name that writes to `out`.
///
/// # Errors
/// The system gives no thread.
pub(super) fn start(
    name: &str,
    out: impl Write + Send + 'static,
    left_out: LeftOut,
) -> io::Result<(Lines, Flush)> {
    start_with(name, out, left_out, WAITING)
}

fn start_with(
    name: &str,
    mut out: impl Write + Send + 'static,
    left_out: LeftOut,
    waiting: usize,
) -> io::Result<(Lines, Flush)> {
    let (queue, lines) = sync_channel(waiting);
    let (tell, done) = sync_channel(1);
    let lost = Arc::new(AtomicUsize::new(0));
    let counted = lost.clone();
    thread::Builder::new().name(name.into()).spawn(move || {
        write_all(&mut out, &lines, &counted, left_out);
        // Nobody waits any more where the time for it was over.
        let _ = tell.send(());
    })?;
    Ok((Lines { queue: queue.clone(), lost }, Flush { queue, done }))
}

/// Lines that wait are written together. Those that cannot be written are counted with those that found no room.
fn write_all(out: &mut impl Write, lines: &Receiver<Message>, lost: &AtomicUsize, left_out: LeftOut) {
    let mut goes_on = true;
    while goes_on && let Ok(Message::Line(mut bytes)) = lines.recv() {
        let mut count = 1;
        while bytes.len() < AT_ONCE && goes_on {
            match lines.try_recv() {
                Ok(Message::Line(line)) => {
                    bytes.extend_from_slice(&line);
                    count += 1;
                }
                Ok(Message::End) => goes_on = false,
                Err(_) => break,
            }
        }
        if out.write_all(&bytes).is_err() {
            lost.fetch_add(count, Ordering::Relaxed);
        } else {
            tell_lost(out, lost, left_out);
        }
        if goes_on {
            thread::sleep(REST);
        }
    }
    tell_lost(out, lost, left_out);
    let _ = out.flush();
}

fn tell_lost(out: &mut impl Write, lost: &AtomicUsize, left_out: LeftOut) {
    let lines = lost.swap(0, Ordering::Relaxed);
    if lines > 0 && out.write_all(left_out(lines).as_bytes()).is_err() {
        lost.fetch_add(lines, Ordering::Relaxed);
    }
}

impl Lines {
    /// Takes a whole line, or counts it where there is no room.
    pub(super) fn send(&self, line: Vec<u8>) {
        if self.queue.try_send(Message::Line(line)).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Write for Lines {
    /// The formatter hands over a whole line at once.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.send(line.to_vec());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Drop for Flush {
    fn drop(&mut self) {
        let end = Instant::now() + LAST_WORDS;
        let mut message = Message::End;
        while let Err(TrySendError::Full(back)) = self.queue.try_send(message) {
            message = back;
            if Instant::now() >= end {
                return;
            }
            thread::sleep(Duration::from_millis(5));
        }
        let left = end.saturating_duration_since(Instant::now());
        // Where nobody reads the log the time runs out, and the program ends all the same.
        let _ = self.done.recv_timeout(left);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{
        Mutex,
        mpsc::{Sender, channel},
    };

    /// Writes into memory; tells before each time, and waits for leave.
    struct Slow {
        written: Arc<Mutex<Vec<u8>>>,
        begins: Sender<()>,
        leave: Receiver<()>,
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.begins.send(());
            let _ = self.leave.recv();
            self.written.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn left_out(lines: usize) -> String {
        format!("{lines} left out\n")
    }

    /// It, what it wrote, how it gets leave, and what it tells.
    type Held = (Slow, Arc<Mutex<Vec<u8>>>, SyncSender<()>, Receiver<()>);

    fn slow() -> Held {
        let ((go, leave), (begins, begun)) = (sync_channel(0), channel());
        let written = Arc::default();
        (Slow { written: Arc::clone(&written), begins, leave }, written, go, begun)
    }

    #[test]
    fn what_waits_is_written_at_the_end() {
        let (out, written, go, _begun) = slow();
        let (mut lines, flush) = start_with("test", out, left_out, 16).unwrap();
        for line in ["one\n", "two\n", "three\n"] {
            lines.write_all(line.as_bytes()).unwrap();
        }
        drop(go);
        drop(flush);
        assert_eq!(*written.lock().unwrap(), b"one\ntwo\nthree\n");
    }

    #[test]
    fn lines_over_the_bound_are_left_out_and_counted_and_nobody_waits() {
        let (out, written, go, begun) = slow();
        let (mut lines, flush) = start_with("test", out, left_out, 2).unwrap();
        lines.write_all(b"line\n").unwrap();
        begun.recv().unwrap();
        for _ in 0..99 {
            lines.write_all(b"line\n").unwrap();
        }
        drop(go);
        drop(flush);
        let written = String::from_utf8(written.lock().unwrap().clone()).unwrap();
        let kept = written.lines().filter(|line| *line == "line").count();
        assert_eq!(kept, 3, "{written}");
        assert!(written.contains(&left_out(97)), "{written}");
    }

    #[test]
    fn what_waits_is_written_together() {
        let (out, written, go, begun) = slow();
        let (mut lines, flush) = start_with("test", out, left_out, 16).unwrap();
        lines.write_all(b"one\n").unwrap();
        begun.recv().unwrap();
        lines.write_all(b"two\n").unwrap();
        lines.write_all(b"three\n").unwrap();
        go.send(()).unwrap();
        begun.recv().unwrap();
        go.send(()).unwrap();
        drop(flush);
        assert!(begun.recv().is_err(), "nothing was left for a third time");
        assert_eq!(*written.lock().unwrap(), b"one\ntwo\nthree\n");
    }
}
