//! The way back to a caller through rmcp.

use crate::seam::{BoxFuture, Caller};
use rmcp::{
    RoleServer,
    model::{CustomNotification, ServerNotification},
    service::Peer,
};
use serde_json::Value;

/// A caller that rmcp knows as a peer.
pub(super) struct PeerCaller(pub(super) Peer<RoleServer>);

impl Caller for PeerCaller {
    fn notify<'a>(&'a self, method: &'static str, params: Value) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let note = CustomNotification::new(method, Some(params));
            let sent = self.0.send_notification(ServerNotification::CustomNotification(note)).await;
            if let Err(error) = sent {
                tracing::debug!(%error, method, "a notification was not delivered");
            }
        })
    }
}
