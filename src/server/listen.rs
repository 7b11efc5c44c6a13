//! The accept loop.
//!
//! poem's endpoints on hyper, without `poem::Server`: that one sets no `TCP_NODELAY`, has no time limit for a request's
//! head, and keeps a handler running after its client has gone, which MCP forbids.

use super::patient::Patient;
use http::uri::Scheme;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use poem::{
    Endpoint,
    web::{LocalAddr, RemoteAddr},
};
use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_util::{
    sync::CancellationToken,
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};

/// Connections open at once; further ones wait to be accepted.
const CONNECTIONS: usize = 8192;
/// A request's head must have come in whole within this time.
const HEAD: Duration = Duration::from_secs(30);
/// How long a client that had connected when the server was told to stop may take to ask.
const LAST: Duration = Duration::from_secs(1);
/// How often an HTTP/2 client that shows no sign of life is asked for one.
const PING: Duration = Duration::from_secs(60);
/// How long to wait when the machine can accept no connection just now.
const PAUSE: Duration = Duration::from_millis(50);

/// Serves an endpoint until `stop`; then lets nobody in any more than have connected already, gives requests under way
/// `grace` to end, and cuts off what is left.
///
/// # Errors
/// The listener does not know its own address.
pub async fn serve(
    listener: TcpListener,
    endpoint: impl Endpoint + 'static,
    stop: CancellationToken,
    grace: Duration,
) -> io::Result<()> {
    serve_telling(listener, endpoint, stop, grace, TaskTracker::new()).await
}

/// The same. `arrivals` has a token for everybody who was let in and is not answered yet: once the server has stopped and
/// it is empty, nobody comes with a request any more.
///
/// # Errors
/// As for [`serve`].
pub async fn serve_telling(
    listener: TcpListener,
    endpoint: impl Endpoint + 'static,
    stop: CancellationToken,
    grace: Duration,
    arrivals: TaskTracker,
) -> io::Result<()> {
    let (endpoint, local) = (Arc::new(endpoint), listener.local_addr()?);
    let (open, seats) = (TaskTracker::new(), Arc::new(Semaphore::new(CONNECTIONS)));
    let cut = CancellationToken::new();
    let begin = |(stream, peer): (TcpStream, SocketAddr), seat: OwnedSemaphorePermit| {
        // It has arrived before its first request has, and before its task begins.
        let arrival = (arrivals.token(), arrivals.clone());
        let (endpoint, stop) = (endpoint.clone(), stop.clone());
        let connection = cut.clone().run_until_cancelled_owned(async move {
            connection(stream, (local, peer), endpoint, stop, arrival).await;
            drop(seat);
        });
        open.spawn(connection);
    };
    let accepting = arrivals.token();
    while let Some((accepted, seat)) = stop.run_until_cancelled(accept(&listener, &seats)).await.flatten() {
        begin(accepted, seat);
    }
    for accepted in waiting(listener) {
        let Ok(seat) = seats.clone().try_acquire_owned() else { break };
        begin(accepted, seat);
    }
    drop(accepting);
    open.close();
    if tokio::time::timeout(grace, open.wait()).await.is_err() {
        tracing::warn!(
            connections = open.len(),
            "requests were still under way when the time to stop was over"
        );
        cut.cancel();
        open.wait().await;
    }
    Ok(())
}

/// The next connection, once there is a seat for it.
async fn accept(
    listener: &TcpListener,
    seats: &Arc<Semaphore>,
) -> Option<((TcpStream, SocketAddr), OwnedSemaphorePermit)> {
    let seat = seats.clone().acquire_owned().await.ok()?;
    loop {
        match listener.accept().await {
            Ok(accepted) => return Some((accepted, seat)),
            Err(error) => {
                tracing::warn!(%error, "no connection could be accepted");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Closes a listener; those who have connected to it and not been accepted: closing it alone would reset them.
fn waiting(listener: TcpListener) -> Vec<(TcpStream, SocketAddr)> {
    let Ok(listener) = listener.into_std() else { return Vec::new() };
    let accepted = std::iter::from_fn(|| listener.accept().ok());
    let usable = accepted.filter_map(|(stream, peer)| {
        stream.set_nonblocking(true).ok()?;
        Some((TcpStream::from_std(stream).ok()?, peer))
    });
    usable.take(CONNECTIONS).collect()
}

async fn connection<E: Endpoint + 'static>(
    stream: TcpStream,
    (local, peer): (SocketAddr, SocketAddr),
    endpoint: Arc<E>,
    stop: CancellationToken,
    (arrived, arrivals): (TaskTrackerToken, TaskTracker),
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    let asked = CancellationToken::new();
    let asks = asked.clone();
    let fresh = Mutex::new(Some(arrived));
    let service = service_fn(move |request: http::Request<Incoming>| {
        let arrived = fresh.lock().unwrap_or_else(PoisonError::into_inner).take();
        let arrived = arrived.unwrap_or_else(|| arrivals.token());
        asks.cancel();
        let endpoint = endpoint.clone();
        async move {
            let _until_answered = arrived;
            let addresses = (LocalAddr(local.into()), RemoteAddr(peer.into()));
            let request = (request, addresses.0, addresses.1, Scheme::HTTP).into();
            Ok::<http::Response<_>, Infallible>(endpoint.get_response(request).await.into())
        }
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(64)
        .max_header_list_size(32 << 10)
        .keep_alive_interval(PING);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(Patient::new(stream)), service));
    // hyper's limit begins where HTTP/1 is told from HTTP/2: it does not see a client that says nothing, or that opens
    // HTTP/2 and asks for nothing.
    let silent = async {
        if tokio::time::timeout(HEAD, asked.cancelled()).await.is_ok() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        ended = connection.as_mut() => return log(ended),
        () = silent => return,
        () = stop.cancelled() => {}
    }
    tokio::select! {
        ended = connection.as_mut() => return log(ended),
        _ = tokio::time::timeout(LAST, asked.cancelled()) => connection.as_mut().graceful_shutdown(),
    }
    log(connection.await);
}

fn log(ended: Result<(), Box<dyn std::error::Error + Send + Sync>>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke off");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use poem::{Request, endpoint::make};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    /// Tells through the channel when its handler begins, and when it ends before its time.
    async fn sleeper(stop: CancellationToken, grace: Duration) -> (SocketAddr, Events, Served) {
        struct Dropped(tokio::sync::mpsc::UnboundedSender<&'static str>);
        impl Drop for Dropped {
            fn drop(&mut self) {
                let _ = self.0.send("dropped");
            }
        }
        let (tell, told) = tokio::sync::mpsc::unbounded_channel();
        let endpoint = make(move |request: Request| {
            let tell = tell.clone();
            async move {
                let _ = tell.send("begun");
                let _dropped = Dropped(tell);
                let ms = request.uri().path().trim_start_matches('/').parse().unwrap();
                tokio::time::sleep(Duration::from_millis(ms)).await;
                "slept"
            }
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        (address, told, tokio::spawn(serve(listener, endpoint, stop, grace)))
    }

    type Events = tokio::sync::mpsc::UnboundedReceiver<&'static str>;
    type Served = tokio::task::JoinHandle<io::Result<()>>;

    async fn ask(address: SocketAddr, ms: u64) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(format!("GET /{ms} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes()).await.unwrap();
        stream
    }

    async fn rest(mut stream: TcpStream) -> String {
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer).await;
        answer
    }

    const AGES: u64 = 3_600_000;

    #[tokio::test]
    async fn a_client_that_leaves_ends_its_handler() {
        let (address, mut told, _) = sleeper(CancellationToken::new(), Duration::ZERO).await;
        let stream = ask(address, AGES).await;
        assert_eq!(told.recv().await, Some("begun"));
        drop(stream);
        assert_eq!(told.recv().await, Some("dropped"));
    }

    #[tokio::test]
    async fn a_client_that_only_listens_any_more_is_answered() {
        let (address, _told, _) = sleeper(CancellationToken::new(), Duration::ZERO).await;
        for _ in 0..50 {
            let mut stream = ask(address, 0).await;
            stream.shutdown().await.unwrap();
            assert!(rest(stream).await.ends_with("slept"));
        }
    }

    #[tokio::test]
    async fn stopping_finishes_requests_closes_idle_connections_and_accepts_no_more() {
        let stop = CancellationToken::new();
        let (address, mut told, served) = sleeper(stop.clone(), Duration::from_millis(AGES)).await;
        let mut idle = ask(address, 0).await;
        let mut answer = [0; 15];
        idle.read_exact(&mut answer).await.unwrap();
        let silent = TcpStream::connect(address).await.unwrap();
        while told.recv().await != Some("dropped") {}
        let busy = ask(address, 200).await;
        assert_eq!(told.recv().await, Some("begun"));
        stop.cancel();
        assert!(rest(busy).await.ends_with("slept"));
        assert!(rest(idle).await.ends_with("slept"), "the idle connection has ended");
        assert_eq!(rest(silent).await, "");
        served.await.unwrap().unwrap();
        assert!(TcpStream::connect(address).await.is_err());
    }

    #[tokio::test]
    async fn who_has_connected_before_the_stop_is_answered() {
        let stop = CancellationToken::new();
        let (address, _told, served) = sleeper(stop.clone(), Duration::from_millis(AGES)).await;
        let mut clients = Vec::new();
        for _ in 0..20 {
            clients.push(TcpStream::connect(address).await.unwrap());
        }
        stop.cancel();
        for client in &mut clients {
            client.write_all(b"GET /1 HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        }
        for client in clients {
            assert!(rest(client).await.ends_with("slept"));
        }
        served.await.unwrap().unwrap();
        assert!(TcpStream::connect(address).await.is_err());
    }

    #[tokio::test]
    async fn who_was_let_in_counts_as_an_arrival_until_the_answer() {
        let (stop, arrivals) = (CancellationToken::new(), TaskTracker::new());
        let (go, wait) = tokio::sync::watch::channel(false);
        let endpoint = make(move |_| {
            let mut wait = wait.clone();
            async move { wait.wait_for(|go| *go).await.map(|_| "gone").map_err(poem::error::InternalServerError) }
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let grace = Duration::from_millis(AGES);
        let served = tokio::spawn(serve_telling(listener, endpoint, stop.clone(), grace, arrivals.clone()));
        let client = ask(address, 0).await;
        stop.cancel();
        arrivals.close();
        while TcpStream::connect(address).await.is_ok() {}
        assert!(!arrivals.is_empty(), "one waits for its answer");
        go.send(true).unwrap();
        arrivals.wait().await;
        assert!(rest(client).await.ends_with("gone"));
        served.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn what_outlasts_the_grace_is_cut_off() {
        let stop = CancellationToken::new();
        let (address, mut told, served) = sleeper(stop.clone(), Duration::from_millis(10)).await;
        let busy = ask(address, AGES).await;
        assert_eq!(told.recv().await, Some("begun"));
        stop.cancel();
        served.await.unwrap().unwrap();
        assert_eq!(told.recv().await, Some("dropped"));
        assert_eq!(rest(busy).await, "");
    }

    #[tokio::test(start_paused = true)]
    async fn who_says_nothing_or_half_a_head_is_shown_out() {
        let (address, mut told, _) = sleeper(CancellationToken::new(), Duration::ZERO).await;
        for said in ["", "PRI * HT", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET / HTTP/1.1\r\nHost:"] {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(said.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer).await;
        }
        assert!(told.try_recv().is_err(), "nothing reached the endpoint");
    }

    #[tokio::test]
    async fn without_a_seat_nobody_is_accepted() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let _client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let seats = Arc::new(Semaphore::new(1));
        let (accepted, seat) = accept(&listener, &seats).await.unwrap();
        let _second = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let waiting = accept(&listener, &seats);
        let mut waiting = pin!(waiting);
        assert!(futures_util::poll!(waiting.as_mut()).is_pending());
        drop((accepted, seat));
        assert!(waiting.await.is_some());
    }
}
