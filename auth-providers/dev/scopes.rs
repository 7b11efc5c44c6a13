//! The scopes that can be had here.

use super::answer::Fault;
use crate::seam::{Scope, Scopes, Setup};

/// The scopes of what is served.
pub struct Known {
    /// All of them.
    pub all: Vec<Scope>,
    /// What a client gets that asks for nothing in particular.
    usual: Scopes,
}

impl Known {
    /// The scopes of a server.
    #[must_use]
    pub fn of(_: &Setup) -> Self {
        let scopes = |names: &[&str]| names.iter().map(|name| Scope::new(*name)).collect::<Vec<_>>();
        let usual = scopes(&["twenty:read", "twenty:write", "tools:read"]).into_iter().collect();
        Self { all: scopes(&["twenty:read", "twenty:write", "twenty:admin", "tools:read"]), usual }
    }

    /// The scopes of a text, or the usual ones where there is none.
    ///
    /// # Errors
    /// One of them is unknown here.
    pub fn asked(&self, text: Option<&str>) -> Result<Scopes, Fault> {
        let Some(text) = text else { return Ok(self.usual.clone()) };
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
