//! What tools ask of their callers, and the scopes that say it.

use super::{Effect, Principal, Scope};
use poem::{Request, Response};
use std::collections::BTreeSet;

/// How much of what a pack holds a tool reaches; each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Access {
    /// Nothing that is anybody's: whoever is let in may call it.
    Open,
    /// It looks.
    Read,
    /// It changes things, in a way that can be taken back.
    Write,
    /// It removes things for good, or reaches past what other tools check.
    Admin,
}

impl Access {
    /// Those that a scope stands for.
    const SCOPED: [Self; 3] = [Self::Read, Self::Write, Self::Admin];

    /// What a tool of this effect reaches, unless it says otherwise itself.
    #[must_use]
    pub const fn of(effect: Effect) -> Self {
        match effect {
            Effect::Read => Self::Read,
            Effect::Create | Effect::Update | Effect::Delete => Self::Write,
            Effect::Destroy => Self::Admin,
        }
    }

    /// The access's name, as scopes end with it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }

    /// The scope for this access to what a pack holds, as in `twenty:read`.
    #[must_use]
    pub fn scope(self, pack: &str) -> Scope {
        Scope::new(format!("{pack}:{}", self.name()))
    }
}

/// What a call of one tool needs.
#[derive(Clone, Debug)]
pub struct Need {
    /// The scope with the least access that is enough.
    pub scope: Scope,
    enough: Vec<Scope>,
}

impl Need {
    /// What a tool of a pack needs that reaches so much; none where it needs nothing.
    #[must_use]
    pub fn new(pack: &str, access: Access) -> Option<Self> {
        let enough = Access::SCOPED.into_iter().filter(|scoped| *scoped >= access);
        let enough = enough.map(|scoped| scoped.scope(pack)).collect();
        (access != Access::Open).then(|| Self { scope: access.scope(pack), enough })
    }

    /// Whether a caller may make the call. Scopes bound callers who signed in: what the others may do, `auth.mode` and
    /// `auth.operator_key` say.
    #[must_use]
    pub fn is_met_by(&self, principal: &Principal) -> bool {
        match principal {
            Principal::Local | Principal::Anonymous => true,
            Principal::User(user) => self.enough.iter().any(|scope| user.scopes.contains(scope)),
        }
    }
}

/// What a caller lacks for a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingScope {
    /// The scope that would be enough.
    pub scope: Scope,
    /// What the call may do.
    pub effect: Effect,
}

/// Who tells a caller what it lacks, in the way that clients sign in for more by.
pub trait Challenge: Send + Sync {
    /// The answer to a request for a call of this tool, whose caller lacks so much for it.
    fn insufficient(&self, request: &Request, tool: &str, missing: MissingScope) -> Response;
}

/// The scopes of what is served.
#[derive(Clone, Debug, Default)]
pub struct ServedScopes(BTreeSet<(String, Access)>);

impl ServedScopes {
    /// Every scope that a tool asks for, pack by pack.
    #[must_use]
    pub fn all(&self) -> Vec<Scope> {
        self.up_to(Access::Admin)
    }

    /// The same with those of what is served beside tools.
    #[must_use]
    pub fn and(mut self, served: impl IntoIterator<Item = (String, Access)>) -> Self {
        self.0.extend(served.into_iter().filter(|(_, access)| *access != Access::Open));
        self
    }

    /// Those that allow no more than this.
    #[must_use]
    pub fn up_to(&self, most: Access) -> Vec<Scope> {
        let within = self.0.iter().filter(|(_, access)| *access <= most);
        within.map(|(pack, access)| access.scope(pack)).collect()
    }
}

impl FromIterator<(String, Access)> for ServedScopes {
    fn from_iter<I: IntoIterator<Item = (String, Access)>>(served: I) -> Self {
        Self::default().and(served)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seam::{Issuer, Subject, User};

    fn user(scopes: &[&str]) -> Principal {
        Principal::User(User {
            issuer: Issuer::new("i"),
            subject: Subject::new("s"),
            client: None,
            scopes: scopes.iter().map(|scope| Scope::new(*scope)).collect(),
        })
    }

    #[test]
    fn more_access_includes_less_within_one_pack_and_exactly_by_name() {
        let met = |access, scopes: &[&str]| Need::new("twenty", access).unwrap().is_met_by(&user(scopes));
        for (scope, may) in [
            ("twenty:read", [true, false, false]),
            ("twenty:write", [true, true, false]),
            ("twenty:admin", [true, true, true]),
        ] {
            assert_eq!(Access::SCOPED.map(|access| met(access, &["openid", scope])), may, "{scope}");
        }
        for other in ["github:admin", "twenty", "twenty:", "twenty:*", "TWENTY:admin", "twenty:admin:", "*"] {
            assert!(!met(Access::Read, &[other]), "{other}");
        }
        assert!(!met(Access::Read, &[]));
    }

    #[test]
    fn scopes_bound_those_who_signed_in() {
        let need = Need::new("twenty", Access::Admin).unwrap();
        assert!(need.is_met_by(&Principal::Local) && need.is_met_by(&Principal::Anonymous));
        assert!(Need::new("twenty", Access::Open).is_none());
    }

    #[test]
    fn what_is_served_is_told_pack_by_pack() {
        let served = [("twenty", Access::Admin), ("tools", Access::Open), ("twenty", Access::Read)];
        let twice = served.iter().chain(&served).map(|(pack, access)| ((*pack).to_owned(), *access));
        let served: ServedScopes = twice.collect();
        assert_eq!(served.all(), ["twenty:read", "twenty:admin"].map(Scope::new));
        assert_eq!(served.up_to(Access::Write), ["twenty:read"].map(Scope::new));
    }
}
