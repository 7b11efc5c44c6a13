//! What a request says of itself in `_meta` (MCP 2026-07-28, Per-request protocol fields).

use crate::{
    mcp::{
        caller::client_name,
        door::{Fault, Members},
        revisions::VERSION_KEY,
    },
    seam::{Capabilities, LogLevel},
};
use serde_json::Value;

const CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";
const CLIENT: &str = "io.modelcontextprotocol/clientInfo";
const LOG_LEVEL: &str = "io.modelcontextprotocol/logLevel";

/// What the client can do and wants to hear.
#[derive(Debug)]
pub(super) struct Meta {
    /// What the client can do.
    pub(super) capabilities: Capabilities,
    /// What the client calls itself.
    pub(super) app: Option<String>,
    /// The token to report progress under, where the client wants that.
    pub(super) progress: Option<Value>,
    /// The least grave log messages that the client wants; none where it wants none.
    pub(super) log: Option<LogLevel>,
    /// The trace that the client is in (W3C Trace Context).
    pub(super) traceparent: Option<String>,
}

/// A `_meta` with everything in it that a request needs.
pub(super) struct Whole(Members, Capabilities);

impl Meta {
    /// Takes the revision of the request.
    ///
    /// # Errors
    /// It says none.
    pub(super) fn version(meta: &mut Members) -> Result<String, Fault> {
        meta.needed_text(VERSION_KEY)
    }

    /// Checks that the rest of what must be there is.
    ///
    /// # Errors
    /// The client's capabilities are missing.
    pub(super) fn read(mut meta: Members) -> Result<Whole, Fault> {
        let capabilities = Value::Object(meta.needed_object(CAPABILITIES)?);
        Ok(Whole(meta, Capabilities::read(&capabilities)))
    }
}

impl Whole {
    /// Reads what the client may say besides.
    ///
    /// # Errors
    /// A token or a level is none.
    pub(super) fn checked(self) -> Result<Meta, Fault> {
        let Self(mut meta, capabilities) = self;
        let progress = meta.take("progressToken");
        if progress.as_ref().is_some_and(|token| !(token.is_string() || token.is_i64() || token.is_u64())) {
            return Err(Fault::params("`progressToken` must be a string or a whole number"));
        }
        let level = |name: String| {
            LogLevel::named(&name).ok_or_else(|| {
                let known = LogLevel::ALL.map(LogLevel::name).join(", ");
                Fault::params(format!("`{LOG_LEVEL}` must be one of {known}"))
            })
        };
        let log = meta.text(LOG_LEVEL)?.map(level).transpose()?;
        let traceparent = meta.take("traceparent").and_then(|said| said.as_str().map(str::to_owned));
        let app = meta.take(CLIENT).as_ref().and_then(client_name);
        Ok(Meta { capabilities, app, progress, log, traceparent })
    }
}
