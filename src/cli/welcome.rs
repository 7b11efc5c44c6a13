//! What `start` prints: where the server is, and how clients are told of it.

use serde_json::{Value, json};
use std::fmt;

/// The lines that a person reads who has just started the server.
pub(super) struct Welcome<'a> {
    /// The server's base URL.
    pub(super) url: &'a str,
    /// How many tools it serves.
    pub(super) tools: usize,
    /// The sandboxes by pack, and where each is reached.
    pub(super) sandboxes: &'a [(String, String)],
    /// Whether clients must sign in.
    pub(super) auth_enabled: bool,
    /// What the ways to sign in tell of themselves.
    pub(super) sign_in: &'a [String],
    /// The command line by which a client can start this server for itself, over standard input and output.
    pub(super) command: &'a [String],
}

impl fmt::Display for Welcome<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = format!("{}/mcp", self.url);
        writeln!(f, "twenty-mcp {} serves {} tools at {endpoint}", env!("CARGO_PKG_VERSION"), self.tools)?;
        for (pack, url) in self.sandboxes {
            writeln!(f, "The sandbox of `{pack}` is at {url}")?;
        }
        self.sign_in.iter().try_for_each(|words| writeln!(f, "{words}"))?;
        if self.auth_enabled && self.sign_in.is_empty() {
            writeln!(f, "Clients must sign in: add their token as the header `Authorization: Bearer …`")?;
        }
        let (program, arguments) = self.command.split_first().unzip();
        let desktop = json!({ "mcpServers": { "twenty": { "command": program, "args": arguments } } });
        let cursor = json!({ "mcpServers": { "twenty": { "url": endpoint } } });
        let code = json!({ "servers": { "twenty": { "type": "http", "url": endpoint } } });
        section(f, "Claude Desktop (claude_desktop_config.json)", &desktop)?;
        writeln!(f, "\nClaude Code\n  claude mcp add --transport http twenty {endpoint}")?;
        section(f, "Cursor (.cursor/mcp.json)", &cursor)?;
        section(f, "VS Code (.vscode/mcp.json)", &code)
    }
}

fn section(f: &mut fmt::Formatter<'_>, title: &str, snippet: &Value) -> fmt::Result {
    writeln!(f, "\n{title}")?;
    format!("{snippet:#}").lines().try_for_each(|line| writeln!(f, "  {line}"))
}
