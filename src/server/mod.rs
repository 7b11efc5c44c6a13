//! The HTTP side: an accept loop, and in front of every route of every listener one guard a file.

mod body;
mod headers;
mod health;
mod host;
mod listen;
mod origin;
mod refusal;
mod routes;
mod shutdown;
mod site;

pub use listen::serve;
pub use routes::{guarded, routes};
pub use shutdown::on_signal;
pub use site::Site;

use crate::seam::ByteSize;
use std::sync::Arc;

/// What every route of a listener is guarded with.
#[derive(Clone)]
pub struct Guards {
    /// The names that the listener answers to.
    pub site: Arc<Site>,
    /// The largest body that is read.
    pub max_body: ByteSize,
}
