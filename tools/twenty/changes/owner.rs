//! Whose changes they are.

use crate::seam::{CredentialId, Principal};
use sha2::{Digest, Sha256};
use std::fmt;

/// A caller together with the credential of their calls: whoever differs in one of them sees none of these changes. It
/// is a hash, so that the journal holds neither names nor keys.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Owner([u8; 32]);

impl Owner {
    /// The owner of the changes that this principal makes with this credential.
    #[must_use]
    pub fn of(principal: &Principal, credential: CredentialId) -> Self {
        let mut hash = Sha256::new();
        hash.update("twenty-mcp journal owner v1");
        hash.update(credential.digest());
        match principal {
            Principal::Local => hash.update([0]),
            Principal::Anonymous => hash.update([1]),
            Principal::User(user) => {
                let issuer = user.issuer.as_str();
                hash.update([2]);
                hash.update((issuer.len() as u64).to_be_bytes());
                hash.update(issuer);
                hash.update(user.subject.as_str());
            }
        }
        Self(hash.finalize().into())
    }

    pub(super) const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Owner(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seam::{Credential, Issuer, Scope, Scopes, Secret, Subject, Upstream, User, Whose};
    use std::collections::HashSet;

    fn user(issuer: &str, subject: &str, scopes: Scopes) -> Principal {
        Principal::User(User {
            issuer: Issuer::new(issuer),
            subject: Subject::new(subject),
            client: None,
            scopes,
        })
    }

    fn credential(key: &str) -> CredentialId {
        Credential { upstream: Upstream::Sandbox, key: Some(Secret::new(key)), whose: Whose::Operator }.id()
    }

    #[test]
    fn callers_and_credentials_make_owners_and_scopes_do_not() {
        let principals = [
            Principal::Local,
            Principal::Anonymous,
            user("i", "ab", Scopes::new()),
            user("ia", "b", Scopes::new()),
            user("i", "b", Scopes::new()),
        ];
        let owners: HashSet<Owner> = ["k", "l"]
            .into_iter()
            .flat_map(|key| principals.iter().map(move |principal| Owner::of(principal, credential(key))))
            .collect();
        assert_eq!(owners.len(), 10);
        let scopes = Scopes::from([Scope::new("twenty:read")]);
        assert!(owners.contains(&Owner::of(&user("i", "b", scopes), credential("k"))));
    }
}
