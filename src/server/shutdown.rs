//! SIGTERM and SIGINT.

use tokio_util::sync::CancellationToken;

/// A token that the first SIGTERM or SIGINT cancels; a second one ends the process at once.
///
/// # Errors
/// The operating system takes no handler.
#[cfg(unix)]
pub fn on_signal() -> std::io::Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let stop = CancellationToken::new();
    let first = stop.clone();
    tokio::spawn(async move {
        loop {
            let code = tokio::select! {
                _ = terminate.recv() => 128 + 15,
                _ = interrupt.recv() => 128 + 2,
            };
            if first.is_cancelled() {
                std::process::exit(code);
            }
            tracing::info!(
                "stopping: calls under way are finished, new ones refused; a second signal ends at once"
            );
            first.cancel();
        }
    });
    Ok(stop)
}

/// A token that the first Ctrl-C cancels; a second one ends the process at once.
///
/// # Errors
/// Never here; other systems can refuse a handler.
#[cfg(not(unix))]
pub fn on_signal() -> std::io::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let first = stop.clone();
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            if first.is_cancelled() {
                std::process::exit(130);
            }
            first.cancel();
        }
    });
    Ok(stop)
}
