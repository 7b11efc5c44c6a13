//! A TCP proxy before a server: it passes bytes on as they come, untouched, and keeps a copy of both directions.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, LazyLock, Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
        mpsc,
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpSocket, TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    runtime::{Builder, Runtime},
};
use tokio_util::sync::CancellationToken;

/// Bytes that are kept of one server, both directions together.
const ROOM: usize = 256 << 20;
/// Bytes that are kept of what one connection asks. What comes after cannot be read, so that it may be answered with errors
/// alone.
const ASKED: usize = 16 << 20;
/// The longest that connections may take to end once their server has ended.
const TIME: Duration = Duration::from_secs(60);

/// Threads of its own: tests block theirs.
static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap());

/// What went over one connection.
#[derive(Default)]
pub struct Tape {
    /// From the client.
    pub asked: Mutex<Vec<u8>>,
    /// From the server.
    pub told: Mutex<Vec<u8>>,
}

#[derive(Default)]
struct Tapes {
    all: Mutex<Vec<Arc<Tape>>>,
    kept: AtomicUsize,
}

impl Tapes {
    fn told(&self, tape: &Tape, bytes: &[u8]) {
        if self.kept.fetch_add(bytes.len(), Relaxed) < ROOM {
            tape.told.lock().unwrap().extend_from_slice(bytes);
        }
    }

    fn asked(&self, tape: &Tape, bytes: &[u8]) {
        let mut asked = tape.asked.lock().unwrap();
        let bytes = &bytes[..bytes.len().min(ASKED - asked.len())];
        if self.kept.fetch_add(bytes.len(), Relaxed) < ROOM {
            asked.extend_from_slice(bytes);
        }
    }
}

/// A proxy that runs until it is asked for what it has kept.
pub struct Proxy {
    tapes: Arc<Tapes>,
    accepting: CancellationToken,
    cut: CancellationToken,
    /// Disconnected when servers have said their last on every connection.
    open: Mutex<mpsc::Receiver<()>>,
}

impl Proxy {
    /// Listens at `address`, before the server at `server`.
    pub fn between(address: SocketAddr, server: SocketAddr) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let _entered = RUNTIME.enter();
        let listener = TcpListener::from_std(listener)?;
        let (open, ended) = mpsc::channel();
        let (tapes, accepting, cut) = (Arc::default(), CancellationToken::new(), CancellationToken::new());
        let accept = accept(listener, server, Arc::clone(&tapes), open, cut.clone());
        RUNTIME.spawn(accepting.clone().run_until_cancelled_owned(accept));
        Ok(Self { tapes, accepting, cut, open: Mutex::new(ended) })
    }

    /// What went over every connection. A server that has `ended` is heard to the end; one that has not is cut off.
    pub fn tapes(&self, ended: bool) -> Vec<Arc<Tape>> {
        self.accepting.cancel();
        if !ended {
            self.cut.cancel();
        }
        let heard = self.open.lock().unwrap().recv_timeout(TIME);
        assert_eq!(heard, Err(mpsc::RecvTimeoutError::Disconnected), "connections outlast their server");
        let kept = self.tapes.kept.load(Relaxed);
        assert!(kept <= ROOM, "{kept} bytes are too many to keep of one server");
        std::mem::take(&mut self.tapes.all.lock().unwrap())
    }
}

async fn accept(
    listener: TcpListener,
    server: SocketAddr,
    tapes: Arc<Tapes>,
    open: mpsc::Sender<()>,
    cut: CancellationToken,
) {
    while let Ok((client, from)) = listener.accept().await {
        let (tapes, tape, open) = (Arc::clone(&tapes), Arc::default(), open.clone());
        tapes.all.lock().unwrap().push(Arc::clone(&tape));
        let connection = async move {
            let server = connected(from, server).await;
            pass(client, server, &tape, &tapes, open).await;
        };
        tokio::spawn(cut.clone().run_until_cancelled_owned(connection));
    }
}

/// A connection to the server, from the address that the client has where that is one of IPv4.
async fn connected(from: SocketAddr, server: SocketAddr) -> io::Result<TcpStream> {
    if !from.is_ipv4() || from.ip() == Ipv4Addr::LOCALHOST {
        return TcpStream::connect(server).await;
    }
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::new(from.ip(), 0))?;
    socket.connect(server).await
}

/// Passes bytes on both ways until both have ended. Where one side breaks off, the other hears of it as it would have
/// without a proxy.
async fn pass(
    mut client: TcpStream,
    server: io::Result<TcpStream>,
    tape: &Tape,
    tapes: &Tapes,
    open: mpsc::Sender<()>,
) {
    let Ok(mut server) = server else {
        let _ = client.set_zero_linger();
        return;
    };
    let said = CancellationToken::new();
    let broken = {
        let (_, _) = (client.set_nodelay(true), server.set_nodelay(true));
        let ((from_client, to_client), (from_server, to_server)) = (client.split(), server.split());
        let telling = async {
            let ended = pump(from_server, to_client, |bytes| tapes.told(tape, bytes)).await;
            drop(open);
            said.cancel();
            ended
        };
        let asking = async {
            match pump(from_client, to_server, |bytes| tapes.asked(tape, bytes)).await {
                // A server that takes no more may have answered: that is passed on first.
                Err(Broken::Writing) => {
                    said.cancelled().await;
                    Err(Broken::Writing)
                }
                ended => ended,
            }
        };
        tokio::try_join!(telling, asking).is_err()
    };
    if broken {
        let (_, _) = (client.set_zero_linger(), server.set_zero_linger());
    }
}

enum Broken {
    Reading,
    Writing,
}

async fn pump(mut from: ReadHalf<'_>, mut to: WriteHalf<'_>, keep: impl Fn(&[u8])) -> Result<(), Broken> {
    let mut buffer = vec![0; 32 << 10];
    loop {
        let read = from.read(&mut buffer).await.map_err(|_| Broken::Reading)?;
        if read == 0 {
            let _ = to.shutdown().await;
            return Ok(());
        }
        keep(&buffer[..read]);
        to.write_all(&buffer[..read]).await.map_err(|_| Broken::Writing)?;
    }
}
