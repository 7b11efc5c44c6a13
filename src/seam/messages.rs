//! What a prompt puts into a conversation.

use super::{Content, Role};
use serde::Serialize;
use serde_json::{Map, Value};

/// Messages of both sides, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Messages {
    /// The messages.
    pub messages: Vec<Message>,
    /// What the prompt does with these arguments, where more can be said than its description.
    pub description: Option<String>,
    /// `_meta` of the answer.
    pub meta: Map<String, Value>,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Message {
    role: Role,
    content: Content,
}

impl Message {
    /// How many bytes its content takes on the wire.
    #[must_use]
    pub fn size(&self) -> usize {
        self.content.size()
    }
}

impl Messages {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, and then the person says this.
    #[must_use]
    pub fn user(self, content: impl Into<Content>) -> Self {
        self.with(Role::User, content.into())
    }

    /// The same, and then the model says this.
    #[must_use]
    pub fn assistant(self, content: impl Into<Content>) -> Self {
        self.with(Role::Assistant, content.into())
    }

    /// The same, described by what it does with these arguments.
    #[must_use]
    pub fn describe(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// The same with one more value in the answer's `_meta`.
    #[must_use]
    pub fn meta(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.meta.insert(key.into(), value.into());
        self
    }

    fn with(mut self, role: Role, content: Content) -> Self {
        self.messages.push(Message { role, content });
        self
    }
}
