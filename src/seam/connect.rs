//! The way of a signed-in caller to a key of their own: a page of this server, in their browser.

use super::ToolError;
use std::fmt;

/// The name of the question that sends somebody to the page; no tool can use it.
pub const CONNECT: &str = "twenty-mcp/connect";

/// A link to the page on which a key is given to this server, made for one user. Whoever else opens it gets nothing by it.
#[derive(Clone, PartialEq, Eq)]
pub struct Connect {
    /// Tells links apart, for clients that are told when one was followed to its end.
    pub id: String,
    /// The link.
    pub url: String,
    /// What it is for, in a sentence for the user.
    pub message: String,
}

impl fmt::Debug for Connect {
    /// Without the link, which is nobody's business but its user's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connect").field("id", &self.id).finish_non_exhaustive()
    }
}

impl ToolError {
    /// The caller has no key, and may store one.
    #[must_use]
    pub fn unconnected(message: impl fmt::Display) -> Self {
        let mut error = Self::denied(message);
        error.unconnected = true;
        error
    }

    /// Whether the caller has no key, and may store one.
    #[must_use]
    pub const fn is_unconnected(&self) -> bool {
        self.unconnected
    }

    /// The same error with the way to a key; in words, for clients that can do no more than show them.
    #[must_use]
    pub fn connected_by(self, connect: Connect) -> Self {
        let hint = format!(
            "open this page within 10 minutes, leave your key there, and call again: {}",
            connect.url
        );
        let mut error = self.hint(hint);
        error.connect = Some(Box::new(connect));
        error
    }

    /// The way to a key, where that is what is missing.
    #[must_use]
    pub fn connect(&self) -> Option<&Connect> {
        self.connect.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seam::ErrorKind;

    #[test]
    fn an_error_tells_the_way_in_words_and_to_programs_and_no_log_has_the_link() {
        let error = ToolError::unconnected("No API key configured").hint("ask whoever runs this");
        assert!(error.is_unconnected() && error.connect().is_none() && error.kind() == ErrorKind::Denied);
        let (id, url, message) = ("1".into(), "https://mcp.example/connect?e=x".into(), "Connect".into());
        let error = error.connected_by(Connect { id, url, message });
        assert!(
            error.whole().starts_with("No API key configured\n") && error.whole().ends_with("/connect?e=x")
        );
        assert_eq!(error.connect().map(|connect| connect.id.as_str()), Some("1"));
        assert!(!format!("{:?}", error.connect()).contains("?e=x"));
        assert!(!ToolError::denied("no").is_unconnected());
    }
}
