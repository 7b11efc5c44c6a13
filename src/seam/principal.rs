//! Who calls.

use std::{collections::BTreeSet, fmt};

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        $($(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The name as it stands in a token or in the configuration.
            #[must_use]
            pub fn new(name: impl Into<String>) -> Self {
                Self(name.into())
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        )*
    };
}

names! {
    /// Who vouches for a subject: a token's `iss`, or the name of the provider that keeps the list.
    Issuer,
    /// Whom a token speaks for, unique within its issuer: a token's `sub`.
    Subject,
    /// One thing that a token allows, as in `twenty:read`.
    Scope,
}

/// The scopes of one token.
pub type Scopes = BTreeSet<Scope>;

/// Who makes a call.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Principal {
    /// The person at this machine, over stdio.
    Local,
    /// A caller over HTTP whom nobody signed in.
    Anonymous,
    /// A caller whom a provider vouches for.
    User(User),
}

/// A signed-in caller.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct User {
    /// Who vouches for them.
    pub issuer: Issuer,
    /// Who they are to that issuer.
    pub subject: Subject,
    /// The client that holds their token, where the token tells.
    pub client: Option<String>,
    /// What their token allows.
    pub scopes: Scopes,
}

impl Principal {
    /// Whether both are one caller, whatever their tokens allow: a session outlives a token, and its scopes.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::User(one), Self::User(two)) => (&one.issuer, &one.subject) == (&two.issuer, &two.subject),
            _ => self == other,
        }
    }
}

impl fmt::Display for Principal {
    /// As logs name the caller: an id, never an address or a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local => f.write_str("local"),
            Self::Anonymous => f.write_str("anonymous"),
            Self::User(user) => write!(f, "{} ({})", user.subject, user.issuer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_is_the_same_with_another_token_and_never_with_another_issuer() {
        let user = |issuer: &str, subject: &str, client: Option<&str>, scopes: &[&str]| {
            Principal::User(User {
                issuer: Issuer::new(issuer),
                subject: Subject::new(subject),
                client: client.map(str::to_owned),
                scopes: scopes.iter().map(|scope| Scope::new(*scope)).collect(),
            })
        };
        let ann = user("https://id.example", "ann", Some("c1"), &["twenty:read"]);
        assert!(ann.is_same(&user("https://id.example", "ann", Some("c2"), &["twenty:write"])));
        assert!(!ann.is_same(&user("https://other.example", "ann", Some("c1"), &["twenty:read"])));
        assert!(!ann.is_same(&user("https://id.example", "ben", Some("c1"), &["twenty:read"])));
        assert!(!ann.is_same(&Principal::Anonymous) && !Principal::Local.is_same(&Principal::Anonymous));
        assert!(Principal::Anonymous.is_same(&Principal::Anonymous));
    }
}
