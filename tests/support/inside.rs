//! Servers of a test's own tools, in its own process, and recorded there.

use super::recording::{
    Recording,
    lines::{Lines, Noted},
};
use poem::Endpoint;
use std::{
    net::Shutdown,
    os::unix::net::UnixStream,
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};
use tokio_util::sync::CancellationToken;
use twenty_mcp::{
    mcp::{Asking, Door, PipeLimits, SessionLimits, lines},
    registry::Registry,
    seam::{ByteSize, Sealer},
    server,
};

/// The longest that a server may take to end whose client has left.
const TIME: Duration = Duration::from_secs(60);

/// A server that is stopped when dropped; the test fails where it has sent what its revision of MCP does not allow.
pub struct Served {
    pub url: String,
    stop: CancellationToken,
    recording: Option<Recording>,
}

impl Served {
    /// Serves a registry; what stands before its door is made of it.
    pub async fn start<E: Endpoint + 'static>(
        registry: Registry,
        limits: SessionLimits,
        before: impl FnOnce(Door) -> E,
    ) -> Self {
        let (listener, recording) = Recording::listener().await;
        let bound = listener.local_addr().unwrap().to_string();
        let url = format!("http://{}/mcp", recording.as_ref().map_or(&bound, |before| &before.authority));
        let (stop, asking) = (CancellationToken::new(), Asking::new(Sealer::default()));
        let door = Door::new(Arc::new(registry), asking, limits, ByteSize(4 << 20), stop.clone()).unwrap();
        tokio::spawn(server::serve(listener, before(door), stop.clone(), Duration::from_secs(1)));
        Self { url, stop, recording }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop.cancel();
        self.recording.take().map(|recording| recording.judged(false));
    }
}

/// The recording of a server at the other end of a pipe, which is hung up when this is dropped; the test fails where it
/// has sent what its revision of MCP does not allow.
pub struct OverPipe {
    client: UnixStream,
    lines: Arc<Lines>,
    open: Mutex<mpsc::Receiver<()>>,
}

/// A client's end of a pipe to a server of its own, and the recording.
pub fn pipe(registry: Registry) -> (UnixStream, OverPipe) {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let (open, ended) = mpsc::channel();
    let kept = Arc::<Lines>::default();
    let pipes = (Noted::new(theirs.try_clone().unwrap(), &kept, &open), Noted::new(theirs, &kept, &open));
    let (asking, limits) = (Asking::new(Sealer::default()), PipeLimits::default());
    tokio::spawn(lines(Arc::new(registry), asking, limits, pipes, CancellationToken::new()));
    let client = ours.try_clone().unwrap();
    (ours, OverPipe { client, lines: kept, open: Mutex::new(ended) })
}

/// The same for a client that does not block.
pub fn async_pipe(registry: Registry) -> (tokio::net::UnixStream, OverPipe) {
    let (client, server) = pipe(registry);
    client.set_nonblocking(true).unwrap();
    (tokio::net::UnixStream::from_std(client).unwrap(), server)
}

impl Drop for OverPipe {
    fn drop(&mut self) {
        let _ = self.client.shutdown(Shutdown::Both);
        if !std::thread::panicking() {
            let ended = self.open.lock().unwrap().recv_timeout(TIME);
            assert_eq!(ended, Err(mpsc::RecvTimeoutError::Disconnected), "a server outlasts its client");
            self.lines.judged();
        }
    }
}
