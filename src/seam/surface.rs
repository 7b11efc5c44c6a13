//! What of this server a token opens.

/// Where a token is shown. What is good for a page need not be good for calls: a browser's session has no audience, and
/// whoever gets hold of one must not be able to use tools with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Surface {
    /// `/mcp`: calls of tools.
    #[default]
    Calls,
    /// Pages of this server, and what they ask for.
    Pages,
}
