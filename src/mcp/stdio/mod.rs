//! Standard input and output: one client, the person at this machine. Every line is read strictly, by the rules of the
//! door, and led to its revision; both may be spoken at once.
//!
//! | file | its one concern |
//! |---|---|
//! | `input` | lines as they come, bounded in bytes |
//! | `pipe` | what one line is, and who answers it |
//! | `under_way` | of each id one request, so many at once, and any can be taken back |
//! | `output` | the one writer, and how much may wait for a client that does not read |

mod input;
mod output;
mod pipe;
mod under_way;

pub(super) use output::Output;
pub(super) use under_way::{Id, UnderWay};

use super::{Asking, PipeLimits};
use crate::registry::Registry;
use pipe::Pipe;
use std::{
    io::{self, Read, Write},
    sync::Arc,
    time::Duration,
};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

/// How long calls may take to end, and answers to be written, when the client has closed its end.
const FAREWELL: Duration = Duration::from_secs(5);

/// Why standard input and output cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum StdioError {
    /// A tool's definition is no MCP tool.
    #[error("a tool's definition is not understood: {0}")]
    Definition(#[from] serde_json::Error),
    /// There is no thread to read or write with.
    #[error("standard input and output cannot be served: {0}")]
    Threads(#[from] io::Error),
}

/// Serves the client at standard input and output until it closes its end or `stop` says so; calls under way are
/// finished first, as far as their time goes.
///
/// # Errors
/// A tool's definition is no MCP tool; there are no threads to be had.
pub async fn stdio(
    registry: Arc<Registry>,
    asking: Asking,
    limits: PipeLimits,
    stop: CancellationToken,
) -> Result<(), StdioError> {
    lines(registry, asking, limits, (io::stdin(), io::stdout()), stop).await
}

/// The same, over any pair of pipes.
///
/// # Errors
/// As for [`stdio`].
pub async fn lines(
    registry: Arc<Registry>,
    asking: Asking,
    limits: PipeLimits,
    (input, output): (impl Read + Send + 'static, impl Write + Send + 'static),
    stop: CancellationToken,
) -> Result<(), StdioError> {
    let output = Output::to(output)?;
    let mut pipe = Pipe::new(registry.clone(), asking, output.clone(), limits.line)?;
    let input = input::lines(input, limits.line.0)?;
    let stopped = async {
        stop.cancelled().await;
        // Answers to questions, and what is taken back, are heard as long as calls are under way.
        closed(&registry, Instant::now() + limits.grace).await;
    };
    tokio::select! {
        () = output.over() => return Ok(()),
        () = stopped => pipe.end(Instant::now() + FAREWELL).await,
        () = pipe.serve(input) => {
            // What was asked is answered before anything is refused.
            let until = Instant::now() + FAREWELL;
            pipe.end(until).await;
            closed(&registry, until).await;
        }
    }
    output.end();
    if timeout(FAREWELL, output.over()).await.is_err() {
        tracing::warn!("the client did not read its last answers");
    }
    Ok(())
}

/// Lets calls and tasks come to their end; new ones are refused.
async fn closed(registry: &Registry, until: Instant) {
    if timeout_at(until, registry.close()).await.is_err() {
        tracing::warn!("calls were still under way when the time to stop was over");
    }
}
