//! Who asks: what a way in knows of a request's caller beside the message.

use crate::{
    seam::{CallerKeys, Principal, Trace},
    telemetry::Source,
};
use http::Extensions;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

/// The caller of one request.
#[derive(Clone, Debug)]
pub(super) struct Asker {
    pub(super) principal: Principal,
    /// The keys that came with the request.
    pub(super) keys: CallerKeys,
    pub(super) source: Source,
    /// Ends what the request began, where dropping its answer does not.
    pub(super) cancelled: CancellationToken,
}

/// Whose something is that outlives a request: what one key may see is not for another, whoever sends them.
#[derive(Debug)]
pub(super) struct Owner {
    principal: Principal,
    /// What tells the keys apart that came with the request.
    keys: [u8; 32],
    /// The one session in which it can be found; none where it is found in all of them.
    session: Option<String>,
}

impl Owner {
    /// Whether both are one.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.principal.is_same(&other.principal) && self.keys == other.keys && self.session == other.session
    }
}

impl Asker {
    /// The caller of a request over HTTP, as the bearer guard and the door found them.
    pub(super) fn of(extensions: &Extensions) -> Self {
        let principal = extensions.get::<Principal>().cloned().unwrap_or(Principal::Anonymous);
        let keys = extensions.get::<CallerKeys>().cloned().unwrap_or_default();
        Self { principal, keys, source: Source::of(extensions), cancelled: CancellationToken::new() }
    }

    /// The person at this machine.
    pub(super) fn local() -> Self {
        Self {
            principal: Principal::Local,
            keys: CallerKeys::default(),
            source: Source::default(),
            cancelled: CancellationToken::new(),
        }
    }

    /// Whose it is what the request begins.
    pub(super) fn owner(&self) -> Owner {
        Owner { principal: self.principal.clone(), keys: self.keys.digest(), session: None }
    }

    /// The same of what belongs to its caller in whichever session: one whom nothing else tells from others has it in
    /// this session alone.
    pub(super) fn owner_in(&self, session: &str) -> Owner {
        let is_nobody = matches!(self.principal, Principal::Anonymous) && self.keys.is_empty();
        Owner { session: is_nobody.then(|| session.to_owned()), ..self.owner() }
    }

    /// The trace of a call: that of the message, where it names one, or else that of the request.
    pub(super) fn trace(&self, traceparent: Option<&str>) -> Trace {
        traceparent.map_or_else(|| self.source.trace.another(), |said| Trace::new(Some(said)))
    }
}

/// The name for people in what a client says of itself (MCP 2025-11-25, `Implementation`).
pub(super) fn client_name(said: &Value) -> Option<String> {
    let said = ["title", "name"].into_iter().filter_map(|name| said.get(name)?.as_str());
    said.map(str::to_owned).find(|name| !name.trim().is_empty())
}
