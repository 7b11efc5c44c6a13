//! The scopes that can be had here.

use super::answer::Fault;
use crate::seam::{Access, Scope, Scopes, ServedScopes};

/// The scopes of what is served.
pub struct Known {
    /// All of them.
    pub all: Vec<Scope>,
    /// What a client gets that asks for nothing in particular.
    usual: Vec<Scope>,
}

impl Known {
    /// The scopes of what is served.
    #[must_use]
    pub fn of(served: &ServedScopes) -> Self {
        Self { all: served.all(), usual: served.up_to(Access::Write) }
    }

    /// What a client is told to ask for when it signs in: enough to read and to write.
    #[must_use]
    pub fn usual(&self) -> Vec<Scope> {
        self.usual.clone()
    }

    /// The scopes of a text, or the usual ones where there is none.
    ///
    /// # Errors
    /// One of them is unknown here.
    pub fn asked(&self, text: Option<&str>) -> Result<Scopes, Fault> {
        let Some(text) = text else { return Ok(self.usual().into_iter().collect()) };
        text.split(' ').filter(|name| !name.is_empty()).map(|name| self.find(name)).collect()
    }

    fn find(&self, name: &str) -> Result<Scope, Fault> {
        self.all.iter().find(|scope| scope.as_str() == name).cloned().ok_or_else(|| {
            let all: Vec<&str> = self.all.iter().map(Scope::as_str).collect();
            Fault::new(
                "invalid_scope",
                format!("an unknown scope is asked for; there are: {}", all.join(" ")),
            )
        })
    }
}

/// What a scope allows, for people.
#[must_use]
pub fn explained(scope: &Scope) -> String {
    match scope.as_str().rsplit_once(':') {
        Some((of, "read")) => format!("see everything that {of} holds"),
        Some((of, "write")) => format!("see, create, change and delete what {of} holds"),
        Some((of, "admin")) => {
            format!("do everything that {of} can: erase for good and send queries of its own too")
        }
        _ => "do what the name says".into(),
    }
}
