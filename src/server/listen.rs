//! The accept loop.
//!
//! poem's endpoints on hyper, without `poem::Server`: that one sets no `TCP_NODELAY`, has no time limit for a request's
//! head, and keeps a handler running after its client has gone, which MCP forbids.

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
use std::{convert::Infallible, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Connections open at once; further ones wait to be accepted.
const CONNECTIONS: usize = 8192;
/// A request's head must have come in whole within this time.
const HEAD: Duration = Duration::from_secs(30);
/// How long to wait when the machine can accept no connection just now.
const PAUSE: Duration = Duration::from_millis(50);

/// Serves an endpoint until `stop`; then accepts nothing more and gives requests under way `grace` to end.
///
/// # Errors
/// The listener does not know its own address.
pub async fn serve(
    listener: TcpListener,
    endpoint: impl Endpoint + 'static,
    stop: CancellationToken,
    grace: Duration,
) -> io::Result<()> {
    let (endpoint, local) = (Arc::new(endpoint), listener.local_addr()?);
    let (open, seats) = (TaskTracker::new(), Arc::new(Semaphore::new(CONNECTIONS)));
    loop {
        let Ok(seat) = seats.clone().acquire_owned().await else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "no connection could be accepted");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let (endpoint, stop) = (endpoint.clone(), stop.clone());
        open.spawn(async move {
            connection(stream, (local, peer), endpoint, stop).await;
            drop(seat);
        });
    }
    drop(listener);
    open.close();
    if tokio::time::timeout(grace, open.wait()).await.is_err() {
        tracing::warn!("requests were still under way when the time to stop was over");
    }
    Ok(())
}

async fn connection<E: Endpoint + 'static>(
    stream: TcpStream,
    (local, peer): (SocketAddr, SocketAddr),
    endpoint: Arc<E>,
    stop: CancellationToken,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    let service = service_fn(move |request: http::Request<Incoming>| {
        let endpoint = endpoint.clone();
        async move {
            let addresses = (LocalAddr(local.into()), RemoteAddr(peer.into()));
            let request = (request, addresses.0, addresses.1, Scheme::HTTP).into();
            Ok::<http::Response<_>, Infallible>(endpoint.get_response(request).await.into())
        }
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD);
    builder.http2().timer(TokioTimer::new()).max_concurrent_streams(64).max_header_list_size(32 << 10);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        ended = connection.as_mut() => return log(ended),
        () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    log(connection.await);
}

fn log(ended: Result<(), Box<dyn std::error::Error + Send + Sync>>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke off");
    }
}
