//! What a plug-in answers when it cannot do what was asked.

use super::{Choice, Connect};
use serde_json::Value;
use std::fmt;

/// What kind of failure a tool's error is; clients and logs tell them apart by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The arguments are wrong.
    Input,
    /// What was named does not exist.
    NotFound,
    /// What was named could be several things.
    Ambiguous,
    /// The caller, or the key in use, may not do this.
    Denied,
    /// A limit of rate, size or time was reached.
    Limited,
    /// The service behind the tool failed or could not be reached.
    Upstream,
    /// It clashes with what is there.
    Conflict,
    /// A fault of ours.
    Internal,
}

impl ErrorKind {
    /// The kind's name, as logs show it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::NotFound => "not_found",
            Self::Ambiguous => "ambiguous",
            Self::Denied => "denied",
            Self::Limited => "limited",
            Self::Upstream => "upstream",
            Self::Conflict => "conflict",
            Self::Internal => "internal",
        }
    }
}

/// A tool's failure: what kind, what is wrong, and what to do. The registry adds the tool's name; the text never does.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct ToolError {
    kind: ErrorKind,
    message: String,
    hint: Option<String>,
    requires: Option<Box<Value>>,
    choice: Option<Box<Choice>>,
    /// Whether the caller has no key, and may store one.
    pub(super) unconnected: bool,
    pub(super) connect: Option<Box<Connect>>,
    wait: Option<u64>,
    late: bool,
}

macro_rules! constructors {
    ($($(#[$doc:meta])* $name:ident => $kind:ident),* $(,)?) => {
        impl ToolError {
            $($(#[$doc])*
            #[must_use]
            pub fn $name(message: impl fmt::Display) -> Self {
                Self::of(ErrorKind::$kind, message.to_string())
            })*
        }
    };
}

constructors! {
    /// The arguments are wrong.
    input => Input,
    /// What was named does not exist.
    not_found => NotFound,
    /// What was named could be several things.
    ambiguous => Ambiguous,
    /// The caller, or the key in use, may not do this.
    denied => Denied,
    /// A limit of rate, size or time was reached.
    limited => Limited,
    /// The service behind the tool failed or could not be reached.
    upstream => Upstream,
    /// It clashes with what is there.
    conflict => Conflict,
    /// A fault of ours.
    internal => Internal,
}

impl ToolError {
    const fn of(kind: ErrorKind, message: String) -> Self {
        Self {
            kind,
            message,
            hint: None,
            requires: None,
            choice: None,
            unconnected: false,
            connect: None,
            wait: None,
            late: false,
        }
    }

    /// The same error of what took longer than it may.
    #[must_use]
    pub fn late(self) -> Self {
        Self { late: true, ..self }
    }

    /// Whether it took longer than it may.
    #[must_use]
    pub const fn is_late(&self) -> bool {
        self.late
    }

    /// The same error of a call that is worth repeating as it is after so many seconds.
    #[must_use]
    pub fn again_in(self, seconds: u64) -> Self {
        Self { wait: Some(seconds), ..self }
    }

    /// After how many seconds the same call is worth repeating; none where waiting does not help, or nobody knows.
    #[must_use]
    pub const fn retry_after(&self) -> Option<u64> {
        self.wait
    }

    /// The caller's client lacks these capabilities (MCP 2026-07-28, `ClientCapabilities`).
    #[must_use]
    pub fn requires(capabilities: Value, message: impl fmt::Display) -> Self {
        let error = Self::denied(message).hint("use a client that can, or do it another way");
        Self { requires: Some(Box::new(capabilities)), ..error }
    }

    /// The capabilities that the caller's client lacks, where that is what is wrong.
    #[must_use]
    pub fn required_capabilities(&self) -> Option<&Value> {
        self.requires.as_deref()
    }

    /// The same error, with what the user could choose from instead.
    #[must_use]
    pub fn or_choose(mut self, choice: Choice) -> Self {
        self.choice = Some(Box::new(choice));
        self
    }

    /// What the user could choose from, so that the call can be made all the same.
    #[must_use]
    pub fn choice(&self) -> Option<&Choice> {
        self.choice.as_deref()
    }

    /// The same error with a line that says what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl fmt::Display) -> Self {
        self.hint = Some(hint.to_string());
        self
    }

    /// What kind of failure this is.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What is wrong.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What is wrong and what to do next, a line each.
    #[must_use]
    pub fn whole(&self) -> String {
        self.hint.as_ref().map_or_else(|| self.message.clone(), |hint| format!("{}\n{hint}", self.message))
    }

    /// What to do next, where there is something to be said.
    #[must_use]
    pub fn next(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

/// A plug-in that cannot be built from its settings: start-up ends with this, at the key's place in the file.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct SetupError {
    /// The key below the plug-in's own settings that is at fault, outermost first; empty for the whole section.
    pub key: Vec<String>,
    /// What is wrong and what to do; no value of a secret.
    pub message: String,
}

impl SetupError {
    /// A fault at one key of the plug-in's settings, as in `tokens.ci`.
    #[must_use]
    pub fn at(key: &[&str], message: impl fmt::Display) -> Self {
        Self { key: key.iter().map(ToString::to_string).collect(), message: message.to_string() }
    }
}
