//! The released revisions of MCP.

/// The revision in which every request stands alone.
pub(super) const STATELESS: &str = "2026-07-28";

/// The revisions in which a client begins with `initialize`, the newest first.
pub(super) const SESSIONS: [&str; 4] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

/// The member of `_meta` in which a request says its revision (MCP 2026-07-28, Per-request protocol fields).
pub(super) const VERSION_KEY: &str = "io.modelcontextprotocol/protocolVersion";

/// Every revision that is served, the newest first.
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    std::iter::once(STATELESS).chain(SESSIONS)
}
