//! The one writer: whole lines, in the order in which they were told, and a bounded number of bytes that wait for a
//! client that does not read.

use std::{
    io::{self, BufWriter, Write},
    sync::Arc,
    thread,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

/// How many bytes may wait to be written: so much may be asked for by a client that reads when it has asked for all.
const WAITING: u32 = 8 << 20;
/// What a message costs beside its bytes.
const OVERHEAD: usize = 128;
/// How much is written at once, in bytes.
const CHUNK: usize = 64 << 10;

/// A message and its share of what may wait; none where nothing more comes.
type Queued = Option<(Vec<u8>, OwnedSemaphorePermit)>;

/// The way out; clones are one.
#[derive(Clone)]
pub(in crate::mcp) struct Output {
    queue: mpsc::UnboundedSender<Queued>,
    room: Arc<Semaphore>,
    over: CancellationToken,
}

impl Output {
    /// Writes what it is told to `output`, by a thread of its own: nobody can end a write that nobody reads.
    ///
    /// # Errors
    /// There is no thread to be had.
    pub(super) fn to(output: impl Write + Send + 'static) -> io::Result<Self> {
        let (queue, queued) = mpsc::unbounded_channel();
        let (room, over) = (Arc::new(Semaphore::new(WAITING as usize)), CancellationToken::new());
        let told = over.clone();
        let write = move || {
            let _told = told.drop_guard();
            if let Err(error) = write(queued, BufWriter::with_capacity(CHUNK, output)) {
                tracing::debug!(%error, "the client does not read any more");
            }
        };
        thread::Builder::new().name("stdout".into()).spawn(write)?;
        Ok(Self { queue, room, over })
    }

    /// Tells the client a message, when there is room for it. Who has left is told nothing.
    pub(in crate::mcp) async fn tell(&self, message: Vec<u8>) {
        let size = u32::try_from(message.len() + OVERHEAD).unwrap_or(WAITING).min(WAITING);
        tokio::select! {
            biased;
            () = self.over.cancelled() => {}
            room = self.room.clone().acquire_many_owned(size) => {
                // The writer ends when its client has left.
                let _ = room.map(|room| self.queue.send(Some((message, room))));
            }
        }
    }

    /// Waits until there is room for more.
    pub(super) async fn room(&self) {
        tokio::select! {
            biased;
            () = self.over.cancelled() => {}
            _ = self.room.acquire() => {}
        }
    }

    /// Says that nothing more comes.
    pub(super) fn end(&self) {
        // Where the writer has ended there is nobody to tell.
        let _ = self.queue.send(None);
    }

    /// Waits until everything is written, or nobody reads any more.
    pub(super) async fn over(&self) {
        self.over.cancelled().await;
    }
}

fn write(mut queued: mpsc::UnboundedReceiver<Queued>, mut output: impl Write) -> io::Result<()> {
    loop {
        let next = match queued.try_recv() {
            Ok(next) => next,
            Err(_) => {
                output.flush()?;
                queued.blocking_recv().flatten()
            }
        };
        let Some((message, _room)) = next else { return output.flush() };
        output.write_all(&message)?;
        output.write_all(b"\n")?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{io::Read, time::Duration};
    use tokio::time::timeout;

    #[tokio::test]
    async fn who_does_not_read_is_waited_for_and_gets_whole_lines_in_order() {
        let (mut read, write) = io::pipe().unwrap();
        let output = Output::to(write).unwrap();
        let told = tokio::spawn({
            let output = output.clone();
            async move {
                for n in 0..40 {
                    output.tell(format!("{n}:{}", "x".repeat(1 << 20)).into_bytes()).await;
                }
                output.end();
            }
        });
        while output.room.available_permits() > 1 << 20 {
            tokio::task::yield_now().await;
        }
        assert!(!told.is_finished(), "40 MiB do not wait in 8");
        let read = tokio::task::spawn_blocking(move || {
            let mut text = String::new();
            read.read_to_string(&mut text).unwrap();
            text
        });
        let text = read.await.unwrap();
        assert!(text.ends_with('\n'));
        for (n, line) in text.lines().enumerate() {
            assert!(line.starts_with(&format!("{n}:xx")) && line.ends_with('x'));
        }
        assert_eq!(text.lines().count(), 40);
    }

    #[tokio::test]
    async fn who_has_left_is_not_waited_for() {
        let (read, write) = io::pipe().unwrap();
        let output = Output::to(write).unwrap();
        drop(read);
        let told = async {
            for _ in 0..100 {
                output.tell(vec![b'x'; 1 << 20]).await;
            }
            output.over().await;
            output.room().await;
        };
        timeout(Duration::from_secs(60), told).await.unwrap();
    }
}
