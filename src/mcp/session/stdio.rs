//! MCP over standard input and output: one client, the person at this machine.

use super::handler::{Entrance, Handler};
use crate::{mcp::Asking, registry::Registry};
use rmcp::{ServiceExt, service::QuitReason};
use std::{sync::Arc, time::Duration};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

/// rmcp writes a call's answer a moment after the call has ended, and tells nobody when it has.
const LAST_WORD: Duration = Duration::from_millis(250);

/// Why stdio ended otherwise than by the client's leave or ours.
#[derive(Debug, thiserror::Error)]
pub enum StdioError {
    /// A tool's definition is no MCP tool.
    #[error("a tool's definition is not understood: {0}")]
    Definition(#[from] serde_json::Error),
    /// The client did not begin as MCP begins.
    #[error("the client did not complete MCP's handshake: {0}")]
    Handshake(String),
    /// The session broke off inside.
    #[error("the session broke off: {0}")]
    Broken(String),
}

/// Serves the client at standard input and output until it closes its end or `stop` says so; calls under way are
/// finished first.
///
/// # Errors
/// The handshake fails, or the session breaks off.
pub async fn stdio(
    registry: Arc<Registry>,
    asking: Asking,
    stop: CancellationToken,
) -> Result<(), StdioError> {
    lines(registry, asking, rmcp::transport::stdio(), stop).await
}

/// The same, over any pair of pipes.
///
/// # Errors
/// As for [`stdio`].
pub async fn lines(
    registry: Arc<Registry>,
    asking: Asking,
    pipes: (impl AsyncRead + Send + Unpin + 'static, impl AsyncWrite + Send + Unpin + 'static),
    stop: CancellationToken,
) -> Result<(), StdioError> {
    let handler = Handler::new(registry.clone(), asking, Entrance::Stdio)?;
    let started = tokio::select! {
        started = handler.serve(pipes) => started,
        () = stop.cancelled() => return Ok(()),
    };
    let session = match started {
        Ok(session) => session,
        Err(rmcp::service::ServerInitializeError::ConnectionClosed(_)) => return Ok(()),
        Err(error) => return Err(StdioError::Handshake(error.to_string())),
    };
    let ended = session.cancellation_token();
    let closing = registry.clone();
    tokio::spawn(async move {
        stop.cancelled().await;
        closing.close().await;
        tokio::time::sleep(LAST_WORD).await;
        ended.cancel();
    });
    match session.waiting().await {
        Ok(QuitReason::JoinError(error)) => Err(StdioError::Broken(error.to_string())),
        Ok(_) => Ok(()),
        Err(error) => Err(StdioError::Broken(error.to_string())),
    }
}
