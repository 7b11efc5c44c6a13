//! Who did what, and how it ended: one event for every call, every decision on a caller's sign-in, every change of a
//! user's stored key, and every address that is turned away. Never what was asked or answered, never a token.
//!
//! Events are lines of the log under the target `audit`, and lines of a file where the operator names one.

mod event;
mod file;

pub use event::{Called, KeyChange, KeyChanged, SignIn, TurnedAway};
pub use file::{AuditGuard, Opening};

use super::{Source, writer::Lines};
use crate::seam::Principal;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::path::Path;

/// Where events go; clones are one.
#[derive(Clone, Default)]
pub struct Audit {
    file: Option<Lines>,
}

impl Audit {
    /// Events go to the log and to the end of this file, which is for its owner alone. What still waits is written when
    /// the guard is dropped.
    ///
    /// # Errors
    /// The file cannot be opened, or its mode not be set.
    pub fn to_file(path: &Path) -> Result<(Self, AuditGuard), Opening> {
        let (lines, guard) = file::open(path)?;
        Ok((Self { file: Some(lines) }, guard))
    }

    /// A call has ended, however it ended.
    pub fn called(&self, call: &Called<'_>) {
        call.log();
        self.write("call", Some(call.principal), call.source, |line| call.tell(line));
    }

    /// A caller was let in or not.
    pub fn signed_in(&self, sign_in: &SignIn<'_>) {
        sign_in.log();
        self.write("sign_in", sign_in.principal, sign_in.source, |line| sign_in.tell(line));
    }

    /// A user's key was stored or deleted, or was not.
    pub fn key_changed(&self, changed: &KeyChanged<'_>) {
        changed.log();
        self.write("key", Some(changed.principal), changed.source, |line| changed.tell(line));
    }

    /// An address was turned away.
    pub fn turned_away(&self, turned: &TurnedAway<'_>) {
        turned.log();
        self.write("address", None, turned.source, |line| turned.tell(line));
    }

    fn write(
        &self,
        event: &str,
        principal: Option<&Principal>,
        source: &Source,
        tell: impl FnOnce(&mut Map<String, Value>),
    ) {
        let Some(file) = &self.file else { return };
        let mut line = Map::new();
        line.insert("time".into(), json!(now()));
        line.insert("event".into(), json!(event));
        line.insert("client".into(), json!(source.client));
        if let Some(principal) = principal {
            line.insert("principal".into(), json!(principal.to_string()));
        }
        if let Some(Principal::User(user)) = principal {
            line.insert("issuer".into(), json!(user.issuer));
            line.insert("subject".into(), json!(user.subject));
        }
        tell(&mut line);
        line.insert("trace".into(), json!(source.trace.to_string()));
        file.send(format!("{}\n", Value::Object(line)).into_bytes());
    }
}

/// The time in UTC, to the millisecond.
fn now() -> String {
    format!("{:.3}", Timestamp::now())
}
